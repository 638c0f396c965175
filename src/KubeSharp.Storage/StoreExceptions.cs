namespace KubeSharp.Storage;

/// <summary>The revision asked for was compacted; <paramref name="compactRevision"/> is the oldest that is left.
/// etcd: <c>mvcc: required revision has been compacted</c>.</summary>
public sealed class CompactedException(long compactRevision)
    : Exception("etcdserver: mvcc: required revision has been compacted")
{
    public long CompactRevision { get; } = compactRevision;
}

/// <summary>The revision asked for lies in the future. etcd: <c>mvcc: required revision is a future revision</c>.</summary>
public sealed class FutureRevisionException(long currentRevision)
    : Exception("etcdserver: mvcc: required revision is a future revision")
{
    public long CurrentRevision { get; } = currentRevision;
}

/// <summary>The store cannot serve the request now (connection lost, disk full, closed).</summary>
public sealed class StoreUnavailableException(string message, bool nothingChanged, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>True when the write certainly did not happen and may be tried again.</summary>
    public bool NothingChanged { get; } = nothingChanged;
}

/// <summary>The data on disk is damaged or not ours; the process must not go on with it.</summary>
public sealed class StoreCorruptException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A write names a lease that has ended or never was. etcd: <c>requested lease not found</c>.</summary>
public sealed class LeaseNotFoundException(long lease) : Exception("etcdserver: requested lease not found")
{
    public long Lease { get; } = lease;
}
