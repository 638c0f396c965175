using System.Runtime.CompilerServices;

namespace KubeSharp.Storage.Migration;

/// <summary>All keys below a prefix at one revision, in order, in pages of a few megabytes.</summary>
internal static class KeyPages
{
    private const int First = 100;
    private const int Least = 10;

    // A store counts all keys of the range for each page, so pages must not be few keys each.
    private const int Most = 1000;
    private const long Bytes = 4 << 20;

    /// <exception cref="MigrationException">The revision was compacted away meanwhile, or a key is no text.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<KeyValue>> ReadAsync(IRevisionedStore store, string prefix, long revision, [EnumeratorCancellation] CancellationToken cancellationToken, bool keysOnly = false)
    {
        var request = RangeRequest.Prefix(prefix, revision, First) with { KeysOnly = keysOnly };
        while (true)
        {
            RangeResult page;
            try
            {
                page = await store.RangeAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (CompactedException e)
            {
                throw new MigrationException($"revision {revision} was compacted away while it was read: stop what compacts the store (its servers, etcd's auto-compaction), and start again", e);
            }
            foreach (var item in page.Items)
            {
                // What a key that is not UTF-8 was read as would be another key.
                if (item.Key.Contains('\uFFFD', StringComparison.Ordinal))
                    throw new MigrationException($"the key {item.Key} is not UTF-8, and so none of Kubernetes': delete it, or move it elsewhere");
            }
            if (page.Items.Count > 0)
                yield return page.Items;
            if (!page.More)
                yield break;
            var average = Math.Max(1, page.Items.Sum(item => (long)item.Value.Length) / page.Items.Count);
            request = request with { Start = page.Items[^1].Key + "\0", Limit = (int)Math.Clamp(Bytes / average, Least, Most) };
        }
    }

    /// <summary>The same, key by key.</summary>
    public static async IAsyncEnumerable<KeyValue> ReadEachAsync(IRevisionedStore store, string prefix, long revision, [EnumeratorCancellation] CancellationToken cancellationToken, bool keysOnly = false)
    {
        await foreach (var page in ReadAsync(store, prefix, revision, cancellationToken, keysOnly).ConfigureAwait(false))
        {
            foreach (var item in page)
                yield return item;
        }
    }
}
