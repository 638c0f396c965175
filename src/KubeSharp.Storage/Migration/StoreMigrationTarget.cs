using System.Text;

namespace KubeSharp.Storage.Migration;

/// <summary>
/// A migration into a store that is written to as any client does, which is what etcd allows. Revisions are the store's own: no
/// request can set them. They can be used up, though, by writes that mean nothing, and are when that is not too many.
/// </summary>
/// <param name="store">The store; disposed of with this.</param>
/// <param name="maxRevisionWrites">How many writes may be spent to bring its revision to the source's.</param>
/// <param name="progress">Gets a line now and then.</param>
/// <param name="time">The clock, for trying again.</param>
public sealed class StoreMigrationTarget(IRevisionedStore store, long maxRevisionWrites, Action<string> progress, TimeProvider time) : IMigrationTarget
{
    /// <summary>etcd syncs its log once for all requests that wait.</summary>
    private const int Parallel = 64;

    private const int Attempts = 10;
    private const int PageSize = 1000;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public IRevisionedStore Written => store;

    /// <inheritdoc/>
    public async Task PrepareAsync(bool force, CancellationToken cancellationToken)
    {
        var range = RangeRequest.Prefix(StoreMigration.Prefix, limit: PageSize) with { KeysOnly = true };
        var found = await store.RangeAsync(range, cancellationToken).ConfigureAwait(false);
        if (found.Count > 0 && !force)
            throw new MigrationException(found.Items.Any(item => item.Key == MigrationMarker.Key) || (await store.GetAsync(MigrationMarker.Key, 0, cancellationToken).ConfigureAwait(false)).KeyValue is not null
                ? "the target holds a part of a migration that did not come to its end; --force deletes that and starts again"
                : $"the target is not empty: it has {found.Count} keys, the first is {found.Items[0].Key}; --force deletes them");
        await MarkAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var old = found.Items.Where(item => item.Key != MigrationMarker.Key).ToArray();
            if (old.Length == 0 && !found.More)
                break;
            progress($"deleting {found.Count} keys");
            await EachAsync(old, DeleteAsync, cancellationToken).ConfigureAwait(false);
            found = await store.RangeAsync(range, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> GrantLeaseAsync(TimeSpan timeToLive, CancellationToken cancellationToken) => store.GrantLeaseAsync(timeToLive, cancellationToken);

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<KeyValue> page, CancellationToken cancellationToken) => EachAsync(page, WriteAsync, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> RaiseAsync(long sourceRevision, CancellationToken cancellationToken)
    {
        var current = await store.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
        var missing = sourceRevision - current;
        if (missing <= 0 || missing > maxRevisionWrites)
            return current;
        progress($"raising the revision from {current} to {sourceRevision}");
        // Each of these writes to a key of its own, so that none waits for another.
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(async writer =>
        {
            var key = $"{MigrationMarker.Folder}revision-{writer}";
            for (long count = missing / Parallel + (writer < missing % Parallel ? 1 : 0), last = 0; count > 0; count--)
                last = await PutAsync(new KeyValue(key, default, 0, 0, 0, 0), last, cancellationToken).ConfigureAwait(false);
        })).ConfigureAwait(false);
        await DeleteFolderAsync(keepMarker: true, cancellationToken).ConfigureAwait(false);
        return await store.CurrentRevisionAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task CompleteAsync(CancellationToken cancellationToken) => DeleteFolderAsync(keepMarker: false, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task MarkAsync(CancellationToken cancellationToken)
    {
        var known = (await store.GetAsync(MigrationMarker.Key, 0, cancellationToken).ConfigureAwait(false)).KeyValue;
        await PutAsync(new KeyValue(MigrationMarker.Key, Encoding.UTF8.GetBytes(time.GetUtcNow().ToString("O")), 0, 0, 0, 0), known?.ModRevision ?? 0, cancellationToken).ConfigureAwait(false);
    }

    private async Task DeleteFolderAsync(bool keepMarker, CancellationToken cancellationToken)
    {
        var found = await store.RangeAsync(RangeRequest.Prefix(MigrationMarker.Folder) with { KeysOnly = true }, cancellationToken).ConfigureAwait(false);
        await EachAsync([.. found.Items.Where(item => !keepMarker || item.Key != MigrationMarker.Key)], DeleteAsync, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(KeyValue item, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(item, 0, cancellationToken).ConfigureAwait(false);
        }
        catch (LeaseNotFoundException)
        {
            // Its time was over before its turn came, as it is in the source by now.
        }
    }

    /// <summary>Writes, and again when the outcome is not known, until it is.</summary>
    private async Task<long> PutAsync(KeyValue item, long expected, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await store.PutAsync(item.Key, expected, item.Value, item.Lease, null, cancellationToken).ConfigureAwait(false);
                if (result.Succeeded)
                    return result.Revision;
                // Written by an attempt whose answer was lost.
                if (attempt > 1 && result.Current is { } current && current.Value.Span.SequenceEqual(item.Value.Span))
                    return current.ModRevision;
                throw new MigrationException($"somebody else writes to the target: {item.Key}");
            }
            catch (StoreUnavailableException) when (attempt < Attempts)
            {
                await Task.Delay(BetweenAttempts, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask DeleteAsync(KeyValue item, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await store.DeleteAsync(item.Key, item.ModRevision, cancellationToken).ConfigureAwait(false);
                if (!result.Succeeded && result.Current is not null)
                    throw new MigrationException($"somebody else writes to the target: {item.Key}");
                return;
            }
            catch (StoreUnavailableException) when (attempt < Attempts)
            {
                await Task.Delay(BetweenAttempts, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static Task EachAsync(IReadOnlyList<KeyValue> items, Func<KeyValue, CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        System.Threading.Tasks.Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken }, (item, token) => action(item, token));
}
