namespace KubeSharp.Storage.Migration;

/// <summary>
/// Copies all that Kubernetes keeps in one store to another: every key below <c>/registry/</c> with exactly its bytes, encrypted
/// or not, as of one revision. Memory is bounded by a page of each side and one number for each lease.
/// </summary>
public static class StoreMigration
{
    /// <summary>What is copied. The key by which servers agree on compaction speaks of the source's revisions and stays.</summary>
    public const string Prefix = "/registry/";

    private const int ReportEvery = 10_000;

    /// <summary>Runs a migration to its end.</summary>
    /// <remarks>1. The target is empty, and marked as incomplete. 2. Everything is copied. 3. The target's revision is raised.
    /// 4. Both sides are read, compared and summed up. 5. The target is complete.</remarks>
    /// <param name="source">Where from; nobody should write to it.</param>
    /// <param name="target">Where to. It is the caller's to dispose of.</param>
    /// <param name="force">Take away what is in the target.</param>
    /// <param name="progress">Gets a line now and then.</param>
    /// <param name="cancellationToken">Ends it, without a complete target.</param>
    /// <exception cref="MigrationException">It cannot begin, the source was written to, or the sides differ in the end.</exception>
    /// <exception cref="StoreUnavailableException">A side failed.</exception>
    /// <exception cref="StoreCorruptException">The source is damaged.</exception>
    public static async Task<MigrationReport> RunAsync(IRevisionedStore source, IMigrationTarget target, bool force, Action<string> progress, CancellationToken cancellationToken)
    {
        var revision = await source.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        var total = (await source.RangeAsync(RangeRequest.Prefix(Prefix, revision) with { CountOnly = true }, cancellationToken).ConfigureAwait(false)).Count;
        await target.PrepareAsync(force, cancellationToken).ConfigureAwait(false);
        progress($"copying {total} keys at revision {revision}");
        await CopyAsync(source, target, revision, total, progress, cancellationToken).ConfigureAwait(false);
        var raised = await target.RaiseAsync(revision, cancellationToken).ConfigureAwait(false);
        progress("comparing");
        var (left, right) = await CompareAsync(source, revision, target.Written, cancellationToken).ConfigureAwait(false);
        await RefuseMovedAsync(source, revision, left.Keys, cancellationToken).ConfigureAwait(false);
        await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return new MigrationReport(left, right, revision, raised);
    }

    /// <summary>What a server wrote to the source meanwhile would be lost. That leases end, and their keys with them, is nobody's doing.</summary>
    private static async Task RefuseMovedAsync(IRevisionedStore source, long revision, long keys, CancellationToken cancellationToken)
    {
        var now = await source.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        if (now == revision)
            return;
        await foreach (var item in KeyPages.ReadEachAsync(source, Prefix, now, cancellationToken, keysOnly: true).ConfigureAwait(false))
        {
            if (item.ModRevision > revision)
                throw new MigrationException($"somebody wrote to the source while it was copied ({item.Key}): stop all its servers, and start again");
            if (item.Lease == 0)
                keys--;
        }
        if (keys != 0)
            throw new MigrationException("somebody deleted from the source while it was copied: stop all its servers, and start again");
    }

    private static async Task CopyAsync(IRevisionedStore source, IMigrationTarget target, long revision, long total, Action<string> progress, CancellationToken cancellationToken)
    {
        var leases = new LeaseMap(source, target);
        long copied = 0, said = 0;
        await foreach (var page in KeyPages.ReadAsync(source, Prefix, revision, cancellationToken).ConfigureAwait(false))
        {
            var items = new List<KeyValue>(page.Count);
            foreach (var item in page)
            {
                if (await leases.FindAsync(item.Lease, cancellationToken).ConfigureAwait(false) is { } lease)
                    items.Add(item with { Lease = lease });
            }
            await target.WriteAsync(items, cancellationToken).ConfigureAwait(false);
            copied += page.Count;
            if (copied - said < ReportEvery)
                continue;
            said = copied;
            progress($"copied {copied} of {total} keys");
        }
    }

    /// <summary>Both sides in step: every key of the source with its value, and no other. A key whose lease ended may be missing.</summary>
    private static async Task<(MigrationSide Source, MigrationSide Target)> CompareAsync(IRevisionedStore source, long revision, IRevisionedStore target, CancellationToken cancellationToken)
    {
        using SideSum left = new(), right = new();
        var targetRevision = await target.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        var written = KeyPages.ReadEachAsync(target, Prefix, targetRevision, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var closing = written.ConfigureAwait(false);
        var more = await NextAsync(written).ConfigureAwait(false);
        await foreach (var item in KeyPages.ReadEachAsync(source, Prefix, revision, cancellationToken).ConfigureAwait(false))
        {
            left.Add(item);
            if (more && written.Current.Key == item.Key)
            {
                var copy = written.Current;
                if (!copy.Value.Span.SequenceEqual(item.Value.Span) || (copy.Lease == 0) != (item.Lease == 0))
                    throw new MigrationException($"{item.Key} is not the same in the target");
                right.Add(copy);
                more = await NextAsync(written).ConfigureAwait(false);
            }
            else if (item.Lease == 0)
            {
                throw new MigrationException(more ? $"{item.Key} is missing in the target, or somebody else wrote {written.Current.Key} there" : $"{item.Key} is missing in the target");
            }
        }
        if (more)
            throw new MigrationException($"the target has a key that the source does not have: {written.Current.Key}");
        return (left.ToSide(), right.ToSide());
    }

    /// <summary>The next key that is not the migration's own.</summary>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<KeyValue> keys)
    {
        while (await keys.MoveNextAsync().ConfigureAwait(false))
        {
            if (!keys.Current.Key.StartsWith(MigrationMarker.Folder, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
