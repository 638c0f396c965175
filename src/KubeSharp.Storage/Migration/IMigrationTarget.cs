namespace KubeSharp.Storage.Migration;

/// <summary>Where a migration writes to. One user, one migration; disposed without <see cref="CompleteAsync"/> it is left as a
/// target that nobody takes for complete.</summary>
public interface IMigrationTarget : IAsyncDisposable
{
    /// <summary>Makes sure that nothing is there, and from now on that nobody takes what is there for complete.</summary>
    /// <param name="force">Take away what is there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MigrationException">There is something, and <paramref name="force"/> is false.</exception>
    Task PrepareAsync(bool force, CancellationToken cancellationToken);

    /// <summary>A lease for keys that end at about the same time.</summary>
    ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Writes keys with exactly their values; each <see cref="KeyValue.Lease"/> is one from <see cref="GrantLeaseAsync"/>, or 0.</summary>
    Task WriteAsync(IReadOnlyList<KeyValue> page, CancellationToken cancellationToken);

    /// <summary>After the last key: brings the revision to the source's, if that is possible.</summary>
    /// <param name="sourceRevision">The revision that was copied.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The target's revision; a smaller one when it is not possible.</returns>
    Task<long> RaiseAsync(long sourceRevision, CancellationToken cancellationToken);

    /// <summary>What was written, for reading it back; valid until <see cref="CompleteAsync"/>.</summary>
    IRevisionedStore Written { get; }

    /// <summary>Everything is there and was compared: from now on the target is complete, durably.</summary>
    Task CompleteAsync(CancellationToken cancellationToken);
}
