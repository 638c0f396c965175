using System.Buffers;
using System.Runtime.CompilerServices;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Endpoints.Handlers;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Client;

/// <summary>
/// The API without sockets or encoding, for components in the server's process: reads hand out the cache's own frozen
/// trees, writes take the same flow as requests do (defaults, admission, strategy, store).
/// Differs from a request: the components are part of the server and are not authorized.
/// </summary>
public sealed class InProcessClient(ServedResources resources, ListReader reader, WriteFlow flow, UserInfo user) : IApiClient
{
    private const int WatchCapacity = 10_000;

    public async Task<Map> GetAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var served = Find(request);
        var found = await served.Store.GetAsync(request.Namespace, request.Name, cancellationToken).ConfigureAwait(false);
        return request.Subresource == "scale" ? Frozen(ScaleHandler.ScaleOf(found.Tree(), served.Scale)) : Versioned(served, found);
    }

    public async Task<Map> CreateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken)
    {
        var served = Find(request);
        var operation = Operation(request, served, "create");
        if (request.Subresource == "binding")
        {
            var binding = new AdmissionAttributes(AdmissionOperation.Create, served.Resource, "binding", request.Namespace, request.Name, body.Thaw(), null, operation);
            await BindingHandler.BindAsync(flow, served.Store, binding, cancellationToken).ConfigureAwait(false);
            return Frozen(new Status { StatusText = Status.Success, Code = 201 }.ToMap());
        }

        if (request.Subresource.Length > 0)
            throw StatusErrors.MethodNotSupported(served.Resource.GroupResource, "create");
        var stored = Normalize(served, body);
        var hasEmpties = flow.SetDefaults(served, stored);
        flow.TrackManagedFields(operation, stored, null, "", hasEmpties);
        if (request.Namespace.Length > 0)
            stored.EditMap("metadata").Set("namespace", request.Namespace);
        AdmissionAttributes Attributes(Map candidate) => new(AdmissionOperation.Create, served.Resource, "", request.Namespace, candidate.GetMap("metadata")?.GetString("name") ?? "", candidate, null, operation);
        await flow.Admission.AdmitAsync(Attributes(stored), cancellationToken).ConfigureAwait(false);
        var created = await served.Store.CreateAsync(operation, stored, candidate => flow.Admission.ValidateAsync(Attributes(candidate), cancellationToken), cancellationToken).ConfigureAwait(false);
        return Versioned(served, created);
    }

    public async Task<Map> UpdateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken)
    {
        var served = Find(request);
        var operation = Operation(request, served, "update");
        if (request.Subresource == "finalize")
            return Versioned(served, await NamespaceFinalizeHandler.FinalizeAsync(flow, served.Store, operation, request.Name, body, cancellationToken).ConfigureAwait(false));
        var stored = Normalize(served, body);
        var hasEmpties = flow.SetDefaults(served, stored);
        stored.Freeze();
        return await ApplyAsync(request, served, operation, old =>
        {
            var next = hasEmpties ? stored.DeepClone() : stored.ShallowClone();
            flow.TrackManagedFields(operation, next, old, request.Subresource, hasEmpties);
            return next;
        }, cancellationToken).ConfigureAwait(false);
    }

    public async Task<Map> PatchAsync(ResourceRequest request, PatchType type, Value patch, CancellationToken cancellationToken)
    {
        var served = Find(request);
        var operation = Operation(request, served, "patch");
        if (type == PatchType.Apply)
        {
            // As controllers do over HTTP: they take fields over.
            var apply = ApplyPatch.Of(patch.AsMap ?? throw StatusErrors.BadRequest("an applied configuration is an object"));
            return await ApplyAsync(request, served, operation, old => apply.Transform(flow, served, operation, request.Subresource, FieldValidation.Ignore, force: true, old), cancellationToken, forceAllowCreate: true).ConfigureAwait(false);
        }

        var json = new ArrayBufferWriter<byte>(256);
        JsonEncoder.Encode(patch, json);
        var parsed = ParsedPatch.Parse(
            type switch
            {
                PatchType.Json => PatchHandler.JsonPatchType,
                PatchType.Merge => PatchHandler.MergePatchType,
                PatchType.StrategicMerge => PatchHandler.StrategicMergePatchType,
                _ => throw StatusErrors.UnsupportedMediaType([PatchHandler.JsonPatchType, PatchHandler.MergePatchType, PatchHandler.StrategicMergePatchType]),
            },
            json.WrittenSpan,
            strict: false);
        return await ApplyAsync(request, served, operation,
            old => PatchHandler.Transform(flow, served, operation, FieldValidation.Ignore, parsed, old ?? throw StatusErrors.NotFound(served.Resource.GroupResource, request.Name)),
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<Map> DeleteAsync(ResourceRequest request, Map? options, CancellationToken cancellationToken)
    {
        var served = Find(request);
        var operation = Operation(request, served, "delete");
        operation.DeleteOptions = options;
        var result = await served.Store.DeleteAsync(operation, request.Name, old => AdmitDeletionAsync(served, operation, old, cancellationToken), cancellationToken).ConfigureAwait(false);
        return Versioned(served, result.Object);
    }

    public async Task<Map> DeleteCollectionAsync(ResourceRequest request, ListOptions list, Map? options, CancellationToken cancellationToken)
    {
        var served = Find(request);
        var page = await ReadAsync(served, request, list, cancellationToken).ConfigureAwait(false);
        foreach (var cached in page.Items)
        {
            var operation = Operation(request with { Namespace = cached.Namespace, Name = cached.Name }, served, "deletecollection");
            operation.DeleteOptions = options;
            try
            {
                await served.Store.DeleteAsync(operation, cached.Name, old => AdmitDeletionAsync(served, operation, old, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.Status.Code == 404)
            {
                // Gone already.
            }
        }

        return Frozen(new Status { StatusText = Status.Success }.ToMap());
    }

    public async Task<ApiList> ListAsync(ResourceRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        var served = Find(request);
        var page = await ReadAsync(served, request, options, cancellationToken).ConfigureAwait(false);
        var items = new Map[page.Items.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = Versioned(served, page.Items[i]);
        return new ApiList(items, page.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture), page.Continue ?? "", page.Remaining);
    }

    public async IAsyncEnumerable<ApiWatchEvent> WatchAsync(ResourceRequest request, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var served = Find(request);
        var store = served.Store;
        var predicate = SelectionPredicate.Parse(options.LabelSelector, options.FieldSelector, served.Resource, store.Strategy);
        var after = ResourceVersions.ParseForGet(options.ResourceVersion) ?? 0;
        var prefix = served.Resource.Namespaced && request.Namespace.Length > 0 ? $"{store.Cache.KeyPrefix}{request.Namespace}/" : store.Cache.KeyPrefix;
        await store.Feed.WaitForAsync(after, cancellationToken).ConfigureAwait(false);
        store.Cache.EnsureReadable();
        var (watcher, initial) = store.Cache.Watch(after == 0 ? null : after, WatchCapacity, predicate.Scope(served.Resource.Namespaced ? request.Namespace : ""));
        using (watcher)
        {
            if (initial is not null)
            {
                after = initial.Revision;
                foreach (var cached in initial.Snapshot.Range(prefix, prefix))
                {
                    if (predicate.Matches(cached))
                        yield return new ApiWatchEvent("ADDED", Versioned(served, cached));
                }
            }

            while (await watcher.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (watcher.TryRead(out var change))
                {
                    if (change.Revision <= after || !change.Object.Key.StartsWith(prefix, StringComparison.Ordinal))
                        continue;
                    if (predicate.Judge(change) is var (type, cached) && cached is not null)
                        yield return new ApiWatchEvent(WatchWriter.TypeName(type), Versioned(served, cached));
                }
            }
        }
    }

    private async Task<Map> ApplyAsync(ResourceRequest request, ServedResource served, OperationContext operation, Func<Map?, Map> transform, CancellationToken cancellationToken, bool forceAllowCreate = false)
    {
        AdmissionAttributes Attributes(Map next, Map? old) => new(old is null ? AdmissionOperation.Create : AdmissionOperation.Update, served.Resource, request.Subresource, request.Namespace, request.Name, next, old, operation);
        var update = new UpdateRequest
        {
            Target = request.Subresource == "status" ? UpdateTarget.Status : UpdateTarget.Main,
            Transform = old => ValueTask.FromResult(transform(old)),
            ForceAllowCreate = forceAllowCreate,
            Mutate = (next, old) => flow.Admission.AdmitAsync(Attributes(next, old), cancellationToken),
            Admit = (next, old) => flow.Admission.ValidateAsync(Attributes(next, old), cancellationToken),
        };
        var (updated, _) = await served.Store.UpdateAsync(operation, request.Name, update, cancellationToken).ConfigureAwait(false);
        return Versioned(served, updated);
    }

    private async ValueTask AdmitDeletionAsync(ServedResource served, OperationContext operation, Map old, CancellationToken cancellationToken)
    {
        var attributes = new AdmissionAttributes(AdmissionOperation.Delete, served.Resource, "", operation.Namespace, old.GetMap("metadata")?.GetString("name") ?? "", null, old, operation);
        await flow.Admission.AdmitAsync(attributes, cancellationToken).ConfigureAwait(false);
        await flow.Admission.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<ListPage> ReadAsync(ServedResource served, ResourceRequest request, ListOptions options, CancellationToken cancellationToken)
    {
        var predicate = SelectionPredicate.Parse(options.LabelSelector, options.FieldSelector, served.Resource, served.Store.Strategy);
        var read = new ReadOptions { ResourceVersion = options.ResourceVersion, ResourceVersionMatch = options.ResourceVersionMatch, Limit = options.Limit, Continue = options.Continue };
        return reader.ReadAsync(served.Store, request.Namespace, read, predicate, cancellationToken);
    }

    private ServedResource Find(ResourceRequest request) => resources.Find(request.Resource) ?? throw GenericErrors.NotFound();

    private OperationContext Operation(ResourceRequest request, ServedResource served, string verb) => new()
    {
        User = user,
        Served = served,
        // What upstream's components send as the first word of their user agent.
        FieldManager = user.Name.StartsWith("system:", StringComparison.Ordinal) ? user.Name["system:".Length..] : user.Name,
        Info = new RequestInfo
        {
            IsResourceRequest = true,
            Path = "",
            Verb = verb,
            ApiGroup = request.Resource.Group,
            ApiVersion = request.Resource.Version,
            Resource = request.Resource.Resource,
            Subresource = request.Subresource,
            Namespace = request.Namespace,
            Name = request.Name,
        },
    };

    /// <summary>The body in normal form, as if it had come over the wire.</summary>
    private static Map Normalize(ServedResource served, Map body)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        JsonEncoder.Encode(body, json);
        var decoded = JsonDecoder.Decode(json.WrittenSpan, served.Schema, default);
        return served.ToStorage(decoded.Root ?? throw StatusErrors.BadRequest(decoded.Error ?? ""));
    }

    private static Map Versioned(ServedResource served, CachedObject cached) => Frozen(served.FromStorage(cached.Tree()));

    private static Map Frozen(Map map)
    {
        map.Freeze();
        return map;
    }
}
