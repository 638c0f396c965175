using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.Storage;

namespace KubeSharp.ApiServer.Registry;

/// <summary>One page of a list.</summary>
public sealed record ListPage(IReadOnlyList<CachedObject> Items, long Revision, string? Continue, long? Remaining);

/// <summary>
/// Reads collections: from the cache's snapshot whenever that is the state that was asked for, else from the store's
/// history. Source: storage/etcd3/store.go GetList and storage/cacher/delegator, v1.36.
/// </summary>
public sealed class ListReader
{
    private const int StorePageSize = 500;

    /// <exception cref="StatusException">400 for bad tokens and versions, 410 Expired, 504 for a version of the future.</exception>
    public async ValueTask<ListPage> ReadAsync(ResourceStore resource, string @namespace, ReadOptions options, SelectionPredicate predicate, CancellationToken cancellationToken)
    {
        var cache = resource.Cache;
        if (!cache.State.Undecodable.IsEmpty)
            await resource.Feed.RetryUndecodableAsync(cache, null, cancellationToken).ConfigureAwait(false);
        var prefix = resource.Resource.Namespaced && @namespace.Length > 0 ? $"{cache.KeyPrefix}{@namespace}/" : cache.KeyPrefix;
        // Any state of the cache will do, which is handed out whole (storage/cacher/delegator).
        if (options.ResourceVersion == "0" && options.ResourceVersionMatch != "Exact")
            options = options with { Limit = 0 };
        if (options.Continue.Length > 0)
            return await ContinueAsync(resource, prefix, options, predicate, cancellationToken).ConfigureAwait(false);

        var wanted = ResourceVersions.ParseForList(options.ResourceVersion);
        var exact = options.ResourceVersionMatch == "Exact" || (options.ResourceVersionMatch.Length == 0 && options.Limit > 0 && wanted > 0);
        long floor;
        if (wanted is null)
        {
            floor = await resource.Feed.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            if (wanted > 0)
                await resource.Feed.WaitForAsync(wanted.Value, cancellationToken).ConfigureAwait(false);
            floor = resource.Feed.Revision;
        }

        var state = cache.State;
        if (exact && wanted is { } revision)
        {
            if (state.Revision > revision)
                return await FromHistoryAsync(resource, prefix, prefix, revision, options, predicate, cancellationToken).ConfigureAwait(false);
            floor = revision;
        }
        else
        {
            floor = Math.Max(floor, state.Revision);
        }

        return FromSnapshot(state, prefix, prefix, floor, options, predicate, cache.KeyPrefix);
    }

    private async ValueTask<ListPage> ContinueAsync(ResourceStore resource, string prefix, ReadOptions options, SelectionPredicate predicate, CancellationToken cancellationToken)
    {
        var (revision, start) = ContinueToken.Decode(options.Continue, prefix);
        if (options.ResourceVersion is not ("" or "0"))
            throw StatusErrors.BadRequest("specifying resource version is not allowed when using continue");
        if (revision < 0)
        {
            // The token of an expired list: go on from the key, at the newest state.
            revision = await resource.Feed.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
            var newest = resource.Cache.State;
            return FromSnapshot(newest, prefix, start, Math.Max(revision, newest.Revision), options, predicate, resource.Cache.KeyPrefix);
        }

        await resource.Feed.WaitForAsync(revision, cancellationToken).ConfigureAwait(false);
        var state = resource.Cache.State;
        return state.Revision <= revision
            ? FromSnapshot(state, prefix, start, revision, options, predicate, resource.Cache.KeyPrefix)
            : await FromHistoryAsync(resource, prefix, start, revision, options, predicate, cancellationToken).ConfigureAwait(false);
    }

    private static ListPage FromSnapshot(CacheState state, string prefix, string start, long revision, ReadOptions options, SelectionPredicate predicate, string keyPrefix)
    {
        var snapshot = state.Snapshot;
        var broken = state.FirstUndecodable(prefix, start);
        var everything = prefix == keyPrefix && start == prefix;
        var items = new List<CachedObject>(options.Limit > 0 ? (int)Math.Min(options.Limit, 1024) : everything && predicate.IsEmpty ? state.Snapshot.Count : 16);
        string? last = null;
        var more = 0L;
        // A page's end depends on what lies behind it, also on what does not match: pages look at everything.
        var candidates = options.Limit == 0 && predicate.TriggerValue is { } value && state.Index is { } index ? index[value] : state.Snapshot;
        foreach (var cached in candidates.Range(prefix, start))
        {
            if (options.Limit > 0 && items.Count >= options.Limit)
            {
                more++;
                if (!predicate.IsEmpty)
                    break;
                continue;
            }

            if (broken is not null && string.CompareOrdinal(cached.Key, broken.Key) > 0)
                throw broken.ListError();
            if (predicate.Matches(cached))
                items.Add(cached);
            last = cached.Key;
        }

        // One behind the page is for the next page to name.
        if (broken is not null && (options.Limit == 0 || items.Count < options.Limit))
            throw broken.ListError();
        if (broken is not null)
            more++;
        return Page(items, revision, prefix, last, more, predicate);
    }

    private async ValueTask<ListPage> FromHistoryAsync(ResourceStore resource, string prefix, string start, long revision, ReadOptions options, SelectionPredicate predicate, CancellationToken cancellationToken)
    {
        var items = new List<CachedObject>();
        string? last = null;
        try
        {
            var request = new RangeRequest(start, RangeRequest.PrefixEnd(prefix), revision, StorePageSize);
            while (true)
            {
                var page = await resource.Backend.RangeAsync(request, cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < page.Items.Count; i++)
                {
                    var item = page.Items[i];
                    if (options.Limit > 0 && items.Count >= options.Limit)
                        return Page(items, revision, prefix, last, page.Count - i, predicate);
                    var (opened, broken) = await resource.Cache.Codec.TryOpenAsync(item, cancellationToken).ConfigureAwait(false);
                    var cached = opened ?? throw broken!.ListError();
                    if (predicate.Matches(cached))
                        items.Add(cached);
                    last = item.Key;
                }

                if (!page.More)
                    return Page(items, revision, prefix, last, 0, predicate);
                request = request with { Start = last + "\0" };
            }
        }
        catch (CompactedException)
        {
            throw Expired(options, prefix, start, last);
        }
        catch (FutureRevisionException exception)
        {
            throw StatusErrors.TooLargeResourceVersion((ulong)revision, (ulong)exception.CurrentRevision, 1);
        }
    }

    private static ListPage Page(List<CachedObject> items, long revision, string prefix, string? last, long more, SelectionPredicate predicate)
    {
        if (more == 0 || last is null)
            return new ListPage(items, revision, null, null);
        return new ListPage(items, revision, ContinueToken.Encode(revision, last + "\0", prefix), predicate.IsEmpty ? more : null);
    }

    /// <summary>410 with a token that goes on inconsistently from where the list stood (storage/continue.go, etcd3/errors.go).</summary>
    private static StatusException Expired(ReadOptions options, string prefix, string start, string? last)
    {
        if (options.Continue.Length == 0)
            return StatusErrors.ResourceExpired("The resourceVersion for the provided list is too old.");
        var error = StatusErrors.ResourceExpired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
        return new StatusException(error.Status with { Continue = ContinueToken.Encode(-1, last is null ? start : last + "\0", prefix) });
    }
}

/// <summary>Continue tokens: base64 of <c>{"v":"meta.k8s.io/v1","rv":N,"start":"key"}</c> (apiserver/pkg/storage/continue.go).</summary>
public static class ContinueToken
{
    public static string Encode(long revision, string nextKey, string prefix)
    {
        var start = nextKey[prefix.Length..];
        var json = new System.Buffers.ArrayBufferWriter<byte>(128);
        json.Write("{\"v\":\"meta.k8s.io/v1\",\"rv\":"u8);
        json.Write(Encoding.ASCII.GetBytes(revision.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        json.Write(",\"start\":"u8);
        ApiMachinery.Codecs.JsonEncoder.Encode(start, json);
        json.Write("}"u8);
        return System.Buffers.Text.Base64Url.EncodeToString(json.WrittenSpan);
    }

    /// <exception cref="StatusException">400 for anything that is no token of ours.</exception>
    public static (long Revision, string Start) Decode(string token, string prefix)
    {
        byte[] bytes;
        try
        {
            bytes = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        }
        catch (FormatException)
        {
            throw Invalid($"continue key is not valid: illegal base64 data at input byte {IllegalByte(token)}");
        }

        var parsed = ApiMachinery.Codecs.JsonDecoder.Decode(bytes, null, new ApiMachinery.Codecs.JsonDecodeOptions());
        if (parsed.Root is not { } root)
            throw Invalid($"continue key is not valid: {parsed.Error}");
        if (root.GetString("v") != "meta.k8s.io/v1")
            throw Invalid("continue key is not valid: server does not recognize this encoded version");
        var revision = root.GetInteger("rv") ?? 0;
        if (revision == 0)
            throw Invalid("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
        var start = root.GetString("start") ?? "";
        if (start.Length == 0)
            throw Invalid("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
        if (start.StartsWith("../", StringComparison.Ordinal) || start.Contains("/../", StringComparison.Ordinal) || start.EndsWith("/..", StringComparison.Ordinal))
            throw Invalid($"continue key is not valid: {start}");
        return (revision, prefix + start.TrimStart('/'));
    }

    /// <summary>Where Go's decoder stops: the first foreign character, or the end of the last whole group of four.</summary>
    private static int IllegalByte(string token)
    {
        for (var i = 0; i < token.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(token[i]) && token[i] is not ('-' or '_'))
                return i;
        }

        return token.Length / 4 * 4;
    }

    private static StatusException Invalid(string problem) => StatusErrors.BadRequest($"invalid continue token: {problem}");
}
