using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ComponentBase.Tests;

/// <summary>An API of one process: objects by resource and key, one revision counter, optimistic concurrency, pages, and
/// watches that a test can end, fail or make expire. Enough for clients of the API; it validates and admits nothing.</summary>
internal sealed class FakeApiServer : IApiClient
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(GroupVersionResource Resource, string Key), Map> _objects = [];
    private readonly List<(long Revision, GroupVersionResource Resource, string Type, Map Object)> _history = [];
    private readonly List<Watcher> _watchers = [];
    private long _revision = 100;
    private long _compacted;

    public ConcurrentQueue<(string Verb, ResourceRequest Request, object? Detail)> Requests { get; } = [];

    /// <summary>Called before each request; may throw.</summary>
    public Action<string, ResourceRequest, object?>? OnRequest { get; set; }

    public int WatcherCount
    {
        get
        {
            lock (_lock)
                return _watchers.Count;
        }
    }

    public static Map Object(string kind, string ns, string name, string apiVersion = "v1")
    {
        var metadata = new Map { { "name", name } };
        if (ns.Length > 0)
            metadata["namespace"] = ns;
        return new Map { { "apiVersion", apiVersion }, { "kind", kind }, { "metadata", metadata } };
    }

    /// <summary>Ends all watches as a server does at their timeout, or with an error.</summary>
    public void EndWatches(Exception? error = null)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers)
                watcher.Events.Writer.TryComplete(error);
            _watchers.Clear();
        }
    }

    /// <summary>Forgets all history: watches from an older revision get 410.</summary>
    public void Compact()
    {
        lock (_lock)
            _compacted = _revision;
    }

    public void SendBookmarks()
    {
        lock (_lock)
        {
            _revision++;
            var obj = new Map { { "metadata", new Map { { "resourceVersion", Text(_revision) } } } };
            obj.Freeze();
            foreach (var watcher in _watchers)
                watcher.Events.Writer.TryWrite(new ApiWatchEvent("BOOKMARK", obj));
        }
    }

    public Map? Find(GroupVersionResource resource, string key)
    {
        lock (_lock)
            return _objects.GetValueOrDefault((resource, key));
    }

    public IReadOnlyList<Map> All(GroupVersionResource resource)
    {
        lock (_lock)
            return [.. _objects.Where(entry => entry.Key.Resource == resource).Select(entry => entry.Value)];
    }

    public async Task<Map> GetAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        await BeginAsync("get", request, null, cancellationToken);
        lock (_lock)
            return Existing(request);
    }

    public async Task<Map> CreateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken)
    {
        await BeginAsync("create", request, body, cancellationToken);
        lock (_lock)
        {
            var obj = body.DeepClone();
            var metadata = obj.EditMap("metadata");
            if (metadata.GetString("uid") is null)
                metadata["uid"] = $"uid-{_revision + 1}";
            if (request.Namespace.Length > 0)
                metadata["namespace"] = request.Namespace;
            if (metadata.GetString("name") is null && metadata.GetString("generateName") is { } prefix)
                metadata["name"] = $"{prefix}{_revision + 1}";
            var key = (request.Resource, ObjectMetaAccessor.GetKey(obj));
            return _objects.ContainsKey(key)
                ? throw StatusErrors.AlreadyExists(request.Resource.GroupResource, ObjectMetaAccessor.GetName(obj))
                : Store(key, obj, "ADDED");
        }
    }

    public async Task<Map> UpdateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken)
    {
        await BeginAsync("update", request, body, cancellationToken);
        lock (_lock)
        {
            var current = Existing(request);
            var version = ObjectMetaAccessor.GetResourceVersion(body);
            if (version.Length > 0 && version != ObjectMetaAccessor.GetResourceVersion(current))
                throw StatusErrors.Conflict(request.Resource.GroupResource, request.Name, StatusErrors.OptimisticLockMessage);
            return Replace(request, current, body.DeepClone());
        }
    }

    public async Task<Map> PatchAsync(ResourceRequest request, PatchType type, Value patch, CancellationToken cancellationToken)
    {
        await BeginAsync("patch", request, patch, cancellationToken);
        lock (_lock)
        {
            var current = Existing(request);
            if (patch.AsMap?.GetMap("metadata")?.GetString("uid") is { } uid && uid != ObjectMetaAccessor.GetUid(current))
                throw StatusErrors.Conflict(request.Resource.GroupResource, request.Name, "Precondition failed: UID in precondition");
            if (patch.AsMap?.GetMap("metadata")?.GetString("resourceVersion") is { } version && version != ObjectMetaAccessor.GetResourceVersion(current))
                throw StatusErrors.Conflict(request.Resource.GroupResource, request.Name, StatusErrors.OptimisticLockMessage);
            var schema = type == PatchType.StrategicMerge && GroupVersion.TryParse(ObjectMetaAccessor.GetApiVersion(current), out var groupVersion)
                ? BuiltInSchema.Find(groupVersion.WithKind(ObjectMetaAccessor.GetKind(current)))
                : null;
            var patched = schema is null ? MergePatch.Apply(current, patch) : StrategicMergePatch.Apply(current, patch, schema);
            return Replace(request, current, patched.DeepClone());
        }
    }

    public async Task<Map> DeleteAsync(ResourceRequest request, Map? options, CancellationToken cancellationToken)
    {
        await BeginAsync("delete", request, options, cancellationToken);
        lock (_lock)
        {
            var current = Existing(request);
            if (options?.GetMap("preconditions")?.GetString("uid") is { } uid && uid != ObjectMetaAccessor.GetUid(current))
                throw StatusErrors.Conflict(request.Resource.GroupResource, request.Name, "the UID in the precondition does not match");
            var finalizer = options?.GetString("propagationPolicy") switch { "Orphan" => "orphan", "Foreground" => "foregroundDeletion", _ => null };
            if (finalizer is null && ObjectMetaAccessor.GetFinalizers(current) is not { Count: > 0 })
                return Remove(request.Resource, current);
            var next = current.DeepClone();
            if (finalizer is not null && !ObjectMetaAccessor.HasFinalizer(next, finalizer))
                next.EditMap("metadata").EditSequence("finalizers").Add(finalizer);
            if (!ObjectMetaAccessor.IsBeingDeleted(next))
                next.EditMap("metadata")["deletionTimestamp"] = "2026-01-02T03:04:05Z";
            return Store((request.Resource, ObjectMetaAccessor.GetKey(next)), next, "MODIFIED");
        }
    }

    public Task<Map> DeleteCollectionAsync(ResourceRequest request, ListOptions list, Map? options, CancellationToken cancellationToken) =>
        throw StatusErrors.MethodNotSupported(request.Resource.GroupResource, "deletecollection");

    public async Task<ApiList> ListAsync(ResourceRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        await BeginAsync("list", request, options, cancellationToken);
        lock (_lock)
        {
            var from = options.Continue.Length == 0 ? 0 : int.Parse(options.Continue, CultureInfo.InvariantCulture);
            var all = _objects.Where(entry => entry.Key.Resource == request.Resource)
                .OrderBy(entry => entry.Key.Key, StringComparer.Ordinal).Select(entry => entry.Value).Skip(from).ToList();
            var page = options.Limit > 0 ? all.Take((int)options.Limit).ToList() : all;
            var rest = all.Count - page.Count;
            return new ApiList(page, Text(_revision), rest == 0 ? "" : Text(from + page.Count), rest == 0 ? null : rest);
        }
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(
        ResourceRequest request, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await BeginAsync("watch", request, options, cancellationToken);
        var watcher = new Watcher(request.Resource, Channel.CreateUnbounded<ApiWatchEvent>());
        lock (_lock)
        {
            var from = options.ResourceVersion.Length == 0 ? _revision : long.Parse(options.ResourceVersion, CultureInfo.InvariantCulture);
            if (from < _compacted)
                throw StatusErrors.ResourceExpired("too old resource version");
            foreach (var change in _history.Where(change => change.Revision > from && change.Resource == request.Resource))
                watcher.Events.Writer.TryWrite(new ApiWatchEvent(change.Type, change.Object));
            _watchers.Add(watcher);
        }

        try
        {
            await foreach (var change in watcher.Events.Reader.ReadAllAsync(cancellationToken))
                yield return change;
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(watcher);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task BeginAsync(string verb, ResourceRequest request, object? detail, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield();
        Requests.Enqueue((verb, request, detail));
        OnRequest?.Invoke(verb, request, detail);
    }

    private Map Existing(ResourceRequest request)
    {
        var key = request.Namespace.Length == 0 ? request.Name : $"{request.Namespace}/{request.Name}";
        return _objects.GetValueOrDefault((request.Resource, key)) ?? throw StatusErrors.NotFound(request.Resource.GroupResource, request.Name);
    }

    // An object that is being deleted goes with its last finalizer.
    private Map Replace(ResourceRequest request, Map current, Map next)
    {
        var let = ObjectMetaAccessor.IsBeingDeleted(next)
            && ObjectMetaAccessor.GetFinalizers(current) is { Count: > 0 } && ObjectMetaAccessor.GetFinalizers(next) is not { Count: > 0 };
        return let ? Remove(request.Resource, next) : Store((request.Resource, ObjectMetaAccessor.GetKey(current)), next, "MODIFIED");
    }

    private Map Remove(GroupVersionResource resource, Map obj)
    {
        var key = (resource, ObjectMetaAccessor.GetKey(obj));
        var last = Store(key, obj.DeepClone(), "DELETED");
        _objects.Remove(key);
        return last;
    }

    private Map Store((GroupVersionResource Resource, string Key) key, Map obj, string type)
    {
        _revision++;
        obj.EditMap("metadata")["resourceVersion"] = Text(_revision);
        obj.Freeze();
        _objects[key] = obj;
        _history.Add((_revision, key.Resource, type, obj));
        foreach (var watcher in _watchers.Where(watcher => watcher.Resource == key.Resource))
            watcher.Events.Writer.TryWrite(new ApiWatchEvent(type, obj));
        return obj;
    }

    private sealed record Watcher(GroupVersionResource Resource, Channel<ApiWatchEvent> Events);
}
