using System.Globalization;
using System.Text;

namespace KubeSharp.Storage;

/// <summary>
/// Makes a store forget what is older than one round ago, once a round whichever server is first: they agree through one key,
/// whose version counts the rounds and whose value is the revision that the next round compacts to. Kube-apiservers on the same
/// store take part. Source: apiserver/pkg/storage/etcd3/compact.go, v1.36.
/// </summary>
public sealed class CompactionRounds(IRevisionedStore store)
{
    private const string Key = "compact_rev_key";

    private long _round;
    private long _revision;

    /// <summary>One round; call it once an interval.</summary>
    /// <returns>The revision compacted to, or 0 when this round was somebody else's, or the first.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be asked; the next round tries again.</exception>
    public async ValueTask<long> RunAsync(CancellationToken cancellationToken)
    {
        var (known, _) = await store.GetAsync(Key, 0, cancellationToken).ConfigureAwait(false);
        if ((known?.Version ?? 0) != _round)
            return Follow(known!);
        var value = Encoding.ASCII.GetBytes(_revision.ToString(CultureInfo.InvariantCulture));
        var written = await store.PutAsync(Key, known?.ModRevision ?? 0, value, 0, null, cancellationToken).ConfigureAwait(false);
        if (!written.Succeeded)
            return written.Current is { } other ? Follow(other) : 0;
        var target = _revision;
        _round++;
        _revision = written.Revision;
        if (target == 0)
            // Nothing is old yet.
            return 0;
        try
        {
            await store.CompactAsync(target, cancellationToken).ConfigureAwait(false);
            return target;
        }
        catch (CompactedException)
        {
            return 0;
        }
    }

    private long Follow(KeyValue known)
    {
        _round = known.Version;
        _revision = long.TryParse(Encoding.ASCII.GetString(known.Value.Span), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;
        return 0;
    }
}
