namespace KubeSharp.Storage.Migration;

/// <summary>Keys that are in a store only while a migration into it has not come to its end. Kubernetes keeps nothing in their folder.</summary>
public static class MigrationMarker
{
    internal const string Folder = "/registry/kubesharp.io/migration/";

    internal const string Key = Folder + "unfinished";

    /// <summary>Refuses a store that is a half.</summary>
    /// <exception cref="MigrationException">A migration into it has not ended, or did not.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be asked.</exception>
    public static async Task RefuseUnfinishedAsync(IRevisionedStore store, CancellationToken cancellationToken)
    {
        if ((await store.GetAsync(Key, 0, cancellationToken).ConfigureAwait(false)).KeyValue is not null)
            throw new MigrationException("a migration into this store has not come to its end: wait for it, or repeat it with --force");
    }
}
