namespace KubeSharp.Storage;

/// <summary>
/// An ordered, revisioned key-value store with etcd's semantics (etcd API v3: mvcc, lease, watch). Each successful write
/// gets the next revision; a key remembers the revisions of its creation and last change. Keys are UTF-8 text ordered by
/// bytes. Every method may be called concurrently; every wait ends with its token.
/// </summary>
public interface IRevisionedStore : IAsyncDisposable
{
    /// <summary>True when the store is in this process: reads cost no round trip, and watches see a write as soon as it is done.</summary>
    bool IsLocal { get; }

    /// <summary>One key at a revision (0: the newest).</summary>
    /// <exception cref="CompactedException">The revision is compacted away.</exception>
    /// <exception cref="FutureRevisionException">The revision has not happened yet.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; nothing was changed.</exception>
    ValueTask<GetResult> GetAsync(string key, long revision, CancellationToken cancellationToken);

    /// <summary>Keys of [<see cref="RangeRequest.Start"/>, <see cref="RangeRequest.End"/>) in order, all at one revision.</summary>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    ValueTask<RangeResult> RangeAsync(RangeRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the value if the key's mod revision is still <paramref name="expectedModRevision"/> (0: the key does not
    /// exist); otherwise changes nothing and returns the key's current state in the same round trip. When the task
    /// completes with success the write is durable.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedModRevision">The mod revision that the caller last saw, or 0 to create.</param>
    /// <param name="value">The bytes to keep; the caller must not change them afterwards.</param>
    /// <param name="lease">A lease from <see cref="GrantLeaseAsync"/>, or 0. When it ends, the key is deleted.</param>
    /// <param name="attachment">Opaque to the store. A store hands it to a watcher with the event where it
    /// can (<see cref="StoreEvent.Attachment"/>), so that he need not decode; a watch that catches up from history gets none,
    /// and of several watches of a store elsewhere one gets it at most.</param>
    /// <param name="cancellationToken">Ends the wait; the write may still happen.</param>
    /// <exception cref="LeaseNotFoundException">The lease has ended or never was.</exception>
    /// <exception cref="StoreUnavailableException">The outcome is not known, unless it says that nothing was changed.</exception>
    ValueTask<WriteResult> PutAsync(string key, long expectedModRevision, ReadOnlyMemory<byte> value, long lease, object? attachment, CancellationToken cancellationToken);

    /// <summary>Deletes the key if its mod revision is still the expected one; otherwise as <see cref="PutAsync"/>.
    /// The result's <see cref="WriteResult.Current"/> is the state before a successful deletion.</summary>
    ValueTask<WriteResult> DeleteAsync(string key, long expectedModRevision, CancellationToken cancellationToken);

    /// <summary>
    /// All changes of keys that start with <paramref name="prefix"/>, from <paramref name="startRevision"/> on
    /// (0: from the moment of this call), each once and in revision order; all changes of one revision in one batch. Batches without events
    /// are progress: everything up to their revision has been delivered.
    /// </summary>
    /// <exception cref="CompactedException">The start revision is compacted away, at the start or after a resumption.</exception>
    IAsyncEnumerable<WatchBatch> WatchAsync(string prefix, long startRevision, CancellationToken cancellationToken);

    /// <summary>The store's newest revision, read consistently (for etcd a linearizable round trip).</summary>
    ValueTask<long> CurrentRevisionAsync(CancellationToken cancellationToken);

    /// <summary>Asks that every open watch report progress soon (a batch at the current revision).</summary>
    ValueTask RequestProgressAsync(CancellationToken cancellationToken);

    /// <summary>A lease that lasts for <paramref name="timeToLive"/> (whole seconds) unless kept alive or revoked.</summary>
    ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Starts the lease's time anew; false when the lease has ended.</summary>
    ValueTask<bool> KeepLeaseAliveAsync(long lease, CancellationToken cancellationToken);

    /// <summary>How much of the lease's time is left; null when it has ended.</summary>
    ValueTask<TimeSpan?> LeaseTimeToLiveAsync(long lease, CancellationToken cancellationToken);

    /// <summary>Ends the lease and deletes its keys; false when it had ended already.</summary>
    ValueTask<bool> RevokeLeaseAsync(long lease, CancellationToken cancellationToken);

    /// <summary>Forgets all revisions below <paramref name="revision"/> that are not a key's newest.</summary>
    ValueTask CompactAsync(long revision, CancellationToken cancellationToken);

    /// <summary>Bytes that the store occupies on disk (<c>apiserver_storage_size_bytes</c>).</summary>
    ValueTask<long> SizeAsync(CancellationToken cancellationToken);
}

/// <summary>A key's state: the revision that created it, the one that last changed it, and how often it was written since.</summary>
public sealed record KeyValue(string Key, ReadOnlyMemory<byte> Value, long CreateRevision, long ModRevision, long Version, long Lease);

/// <summary>The key (null: not there) and the store's revision when it was read.</summary>
public readonly record struct GetResult(KeyValue? KeyValue, long Revision);

/// <summary>A range read: keys from <paramref name="Start"/> (inclusive) to <paramref name="End"/> (exclusive), at
/// <paramref name="Revision"/> (0: newest), at most <paramref name="Limit"/> of them (0: all). An end of "\0" is none, as in etcd.</summary>
public readonly record struct RangeRequest(string Start, string End, long Revision = 0, int Limit = 0, bool CountOnly = false, bool KeysOnly = false)
{
    /// <summary>The range of all keys with a prefix.</summary>
    public static RangeRequest Prefix(string prefix, long revision = 0, int limit = 0) => new(prefix, PrefixEnd(prefix), revision, limit);

    /// <summary>The first key after all keys with this prefix (the prefix must end in an ASCII character below 0x7f).</summary>
    public static string PrefixEnd(string prefix) => prefix.Length == 0 ? "\0" : string.Concat(prefix.AsSpan(0, prefix.Length - 1), ((char)(prefix[^1] + 1)).ToString());
}

/// <summary>What a range read found: <paramref name="Count"/> counts all keys of the range, <paramref name="More"/> says that the limit cut some off.</summary>
public sealed record RangeResult(IReadOnlyList<KeyValue> Items, long Count, bool More, long Revision);

/// <summary>How a conditional write ended. <paramref name="Revision"/> is the store's revision after it (the new mod
/// revision on success); <paramref name="Current"/> the key's state that made it fail, null when the key is not there.</summary>
public readonly record struct WriteResult(bool Succeeded, long Revision, KeyValue? Current);

public enum StoreEventType : byte
{
    Put,
    Delete,
}

/// <summary>One change. For a deletion <paramref name="KeyValue"/> has no value and the deletion's mod revision.
/// <paramref name="Previous"/> is the state before, null when the key was created.</summary>
public readonly record struct StoreEvent(StoreEventType Type, KeyValue KeyValue, KeyValue? Previous, object? Attachment)
{
    public bool IsCreate => Type == StoreEventType.Put && KeyValue.CreateRevision == KeyValue.ModRevision;
}

/// <summary>All changes of one revision that a watch sees, or none: progress up to <paramref name="Revision"/>.</summary>
public readonly record struct WatchBatch(long Revision, IReadOnlyList<StoreEvent> Events);
