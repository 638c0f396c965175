using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Cache;
using KubeSharp.Storage;

namespace KubeSharp.ApiServer.Registry;

/// <summary>
/// The generic registry of one stored resource: the flow of every write (prepare, validate, store with
/// compare-and-swap, answer) and the lookups that writes start from. All trees are at the storage version.
/// Source: apiserver/pkg/registry/generic/registry/store.go, v1.36. Safe for concurrent use.
/// </summary>
public sealed partial class ResourceStore
{
    /// <summary>The message of every conflict of versions (registry/store.go OptimisticLockErrorMsg).</summary>
    public const string OptimisticLockMessage = StatusErrors.OptimisticLockMessage;

    /// <summary>Rounds of compare-and-swap before a conflict is told to the caller, for updates without resource version.</summary>
    private const int MaxAttempts = 64;

    private readonly IRevisionedStore _store;
    private readonly LeaseManager? _leases;
    private readonly StoreFeed _feed;
    private readonly TimeProvider _time;

    public ResourceStore(ApiResource resource, RestStrategy strategy, WatchCache cache, IRevisionedStore store, StoreFeed feed, TimeProvider time, LeaseManager? leases = null)
    {
        Resource = resource;
        Strategy = strategy;
        Cache = cache;
        _store = store;
        _feed = feed;
        _time = time;
        _leases = leases;
    }

    public ApiResource Resource { get; }

    public RestStrategy Strategy { get; }

    public WatchCache Cache { get; }

    public StoreFeed Feed => _feed;

    /// <summary>The store itself, for reads of its history.</summary>
    internal IRevisionedStore Backend => _store;

    private ObjectCodec Codec => Cache.Codec;

    private GroupResource GroupResource => Resource.GroupResource;

    /// <summary>The storage key of an object: prefix, namespace where there is one, name.</summary>
    public string KeyOf(string @namespace, string name) =>
        Resource.Namespaced ? $"{Cache.KeyPrefix}{@namespace}/{name}" : $"{Cache.KeyPrefix}{name}";

    /// <summary>The newest state, read consistently through the cache; null when it does not exist.</summary>
    /// <exception cref="StatusException">500: it is there and cannot be read.</exception>
    public async ValueTask<CachedObject?> FindAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        if (_store.IsLocal)
        {
            await _feed.WaitForCurrentAsync(cancellationToken).ConfigureAwait(false);
            return await ReadCachedAsync(@namespace, name, cancellationToken).ConfigureAwait(false);
        }

        // One small question tells whether what is cached is the newest; only what is not is fetched.
        var key = KeyOf(@namespace, name);
        if (Cache.Snapshot.Find(key) is { } known && await IsNewestAsync(known, cancellationToken).ConfigureAwait(false))
            return known;
        return await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the cache has right now; null when that is nothing.</summary>
    /// <exception cref="StatusException">500: it is there and cannot be read, even when it is tried anew.</exception>
    public async ValueTask<CachedObject?> ReadCachedAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var key = KeyOf(@namespace, name);
        if (Cache.Snapshot.Find(key) is { } cached)
            return cached;
        if (Cache.State.Undecodable.ContainsKey(key))
        {
            await _feed.RetryUndecodableAsync(Cache, key, cancellationToken).ConfigureAwait(false);
            if (Cache.State.Undecodable.GetValueOrDefault(key) is { } broken)
                throw broken.Error();
        }

        return Cache.Snapshot.Find(key);
    }

    /// <summary>As <see cref="FindAsync"/>, with upstream's 404.</summary>
    /// <exception cref="StatusException">404 NotFound.</exception>
    public async ValueTask<CachedObject> GetAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        await FindAsync(@namespace, name, cancellationToken).ConfigureAwait(false) ?? throw StatusErrors.NotFound(GroupResource, name);

    /// <summary>What the cache has right now, which may be older than the last write.</summary>
    public CachedObject? Peek(string @namespace, string name) => Cache.Snapshot.Find(KeyOf(@namespace, name));

    /// <summary>The state in the store itself, past the cache.</summary>
    private async ValueTask<CachedObject?> ReadThroughAsync(string key, CancellationToken cancellationToken)
    {
        var result = await _store.GetAsync(key, 0, cancellationToken).ConfigureAwait(false);
        if (result.KeyValue is not { } item)
            return null;
        // Mostly the cache has caught up by now: then its encodings are shared instead of made again.
        return Cache.Snapshot.Find(item.Key) is { } cached && cached.Revision == item.ModRevision
            ? cached
            : await Codec.OpenAsync(item, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<CachedObject?> WriteAsync(CachedObject written, long expectedRevision, CancellationToken cancellationToken)
    {
        var value = await Codec.SealAsync(written.Key, written.Stored, cancellationToken).ConfigureAwait(false);
        var result = _leases is not null && Strategy.TimeToLiveSeconds(written.Tree()) is > 0 and var seconds
            ? await PutWithLeaseAsync(_leases, written, value, expectedRevision, TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false)
            : await _store.PutAsync(written.Key, expectedRevision, value, 0, written, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
            return null;
        written.Complete(result.Revision);
        return written;
    }

    private async ValueTask<WriteResult> PutWithLeaseAsync(LeaseManager leases, CachedObject written, ReadOnlyMemory<byte> value, long expectedRevision, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var lease = await leases.GetAsync(timeToLive, cancellationToken).ConfigureAwait(false);
            try
            {
                return await _store.PutAsync(written.Key, expectedRevision, value, lease, written, cancellationToken).ConfigureAwait(false);
            }
            catch (LeaseNotFoundException) when (attempt == 1)
            {
                // The store lost it (a restored backup): another one.
                await leases.ForgetAsync(lease, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>An answer to a dry run: the object as it would be stored, with the resource version that it has now.</summary>
    private static CachedObject DryRunResult(CachedObject written, long currentRevision)
    {
        written.CompleteDryRun(currentRevision);
        return written;
    }

    /// <summary>What all kinds share; the name rule of the kind is its strategy's to check.</summary>
    private void ValidateObjectMeta(Map obj, FieldErrorList errors) =>
        ObjectMetaValidation.Validate(errors, obj.GetMap("metadata") ?? Map.Empty, Resource.Namespaced, NameRules.PathSegment, new FieldPath("metadata"));

    private StatusException Conflict(OperationContext context, string name) => StatusErrors.Conflict(Qualified(context), name, OptimisticLockMessage);

    /// <summary>The resource as the request names it: events are in two groups (registry/store.go qualifiedResourceFromContext).</summary>
    private GroupResource Qualified(OperationContext context) =>
        context.Info.Resource == Resource.Resource ? new GroupResource(context.Info.ApiGroup, context.Info.Resource) : GroupResource;

    private static string Name(Map obj) => obj.GetMap("metadata")?.GetString("name") ?? "";

    private static long ResourceVersion(Map obj) =>
        long.TryParse(obj.GetMap("metadata")?.GetString("resourceVersion"), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;
}
