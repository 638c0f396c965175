using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.ManagedFields;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Endpoints.Tables;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.CustomResources;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>autoscaling/v1 Scale of a workload (pkg/registry/apps/deployment/storage/storage.go ScaleREST, v1.36).</summary>
public sealed class ScaleHandler(WriteFlow flow) : IVerbHandler
{
    private static readonly GroupVersionKind Kind = new("autoscaling", "v1", "Scale");

    private static SchemaType Schema => BuiltInSchema.Find(Kind)!;

    /// <summary>Every version of every workload has its replicas there.</summary>
    private static readonly string[] ReplicasPath = ["spec", "replicas"];

    private static readonly FieldManager Fields = new(Kind, Schema, "scale", FieldSet.Empty, new OneVersion());

    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: true);
        if (request.Info.Verb == "get")
        {
            var current = await request.Served.Store.GetAsync(request.Info.Namespace, request.Info.Name, request.Aborted).ConfigureAwait(false);
            if (request.Served.Scale is { } scaled && ScalePaths.Number(current.Tree(), scaled.SpecReplicas) is null)
                throw StatusErrors.InternalError($"the spec replicas field \"{scaled.SpecReplicas}\" does not exist");
            await WriteAsync(request, format, current).ConfigureAwait(false);
            return;
        }

        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var isApply = request.Info.Verb == "patch" && PatchHandler.PatchTypeOf(request) == PatchHandler.ApplyPatchType;
        var (operation, change) = request.Info.Verb == "patch" ? ReadPatch(request, body.Span) : ReadScale(request, body.Span);
        var paths = request.Served.Scale;
        var managedFields = new ScaleManagedFields(request.Served.GroupVersion.ToString(), _ => paths is null ? ReplicasPath : ScalePaths.Split(paths.SpecReplicas));
        var update = new UpdateRequest
        {
            Transform = async old =>
            {
                var entries = old!.GetMap("metadata")?.GetSequence("managedFields");
                var live = ScaleOf(old, paths);
                live.EditMap("metadata").Set("managedFields", managedFields.ToSubresource(entries));
                live.Freeze();
                var scale = change(live);
                // Those of custom resources are recorded; see WithoutManagers for the others.
                if (paths is not null && !isApply)
                    Fields.Update(live, scale, operation.FieldManager, flow.Time.GetUtcNow());
                flow.CheckNamespace(request, scale);
                await flow.Admission.AdmitAsync(Attributes(scale, live), request.Aborted).ConfigureAwait(false);
                Validate(request, scale, old, operation.DryRun);
                var next = old.ShallowClone();
                var replicas = scale.GetMap("spec")?.GetInteger("replicas") ?? 0;
                if (paths is null)
                    next.EditMap("spec").Set("replicas", replicas);
                else
                    paths.SetReplicas(next, replicas);
                var metadata = next.EditMap("metadata");
                if (paths is null || scale.GetMap("metadata")?.GetString("resourceVersion") is { Length: > 0 })
                    metadata.Set("resourceVersion", scale.GetMap("metadata")?["resourceVersion"] ?? default);
                metadata.Set("managedFields", managedFields.ToParent(entries, scale.GetMap("metadata")?.GetSequence("managedFields")));
                return next;
            },
            Admit = (next, old) => flow.Admission.ValidateAsync(Attributes(ScaleOf(next, paths), ScaleOf(old!, paths)), request.Aborted),
        };
        var (updated, _) = await request.Served.Store.UpdateAsync(operation, request.Info.Name, update, request.Aborted).ConfigureAwait(false);
        WarningHeaders.Add(request.Http.Response, operation.TakeWarnings());
        await WriteAsync(request, format, updated).ConfigureAwait(false);

        AdmissionAttributes Attributes(Map next, Map old) => new(
            AdmissionOperation.Update, request.Resource, request.Info.Subresource, request.Info.Namespace, request.Info.Name, next, old, operation);
    }

    private static Task WriteAsync(ApiRequest request, OutputFormat format, CachedObject workload)
    {
        var scale = ScaleOf(workload.Tree(), request.Served.Scale);
        switch (format.Shape)
        {
            case Shape.Table:
                var table = new TableBuilder(request, format, AutoscalingTables.Scales);
                table.Add(scale, null);
                return ResponseWriter.WriteTreeAsync(request.Http, format, table.Build(workload.Revision, null, null), TableBuilder.Schema(format.Version), 200);
            case Shape.PartialObjectMetadata:
                return ResponseWriter.WriteTreeAsync(request.Http, format, PartialMetadata.Of(scale, format.Version, request.Served.Store.Strategy), PartialMetadata.Schema(format.Version), 200);
            default:
                return ResponseWriter.WriteTreeAsync(request.Http, format, scale, Schema, 200);
        }
    }

    private static (OperationContext Operation, Func<Map, Map> Change) ReadScale(ApiRequest request, ReadOnlySpan<byte> body)
    {
        var options = WriteOptions.From(request.Http.Request, "UpdateOptions");
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var decoded = Decode(request, body, options);
        var given = decoded.Of(Kind);
        WriteFlow.TreatStrictErrors(operation, options.FieldValidation, Kind, decoded.StrictErrors);
        UpdateHandler.CheckName(given, request.Info.Name);
        given.Freeze();
        return (operation, _ => WithoutManagers(given.ShallowClone()));
    }

    private static DecodedBody Decode(ApiRequest request, ReadOnlySpan<byte> body, WriteOptions options)
    {
        try
        {
            return RequestBody.Decode(body, Negotiator.Input(request.Http.Request), Kind, Schema, options.FieldValidation != FieldValidation.Ignore);
        }
        catch (StatusException exception) when (request.Served.IsCustom && exception.Status.Code == 400)
        {
            // The conversion of the error fails before the error can be told.
            throw StatusErrors.BadRequest("no kind is registered for the type v1.Scale in scheme \"pkg/apiserver/customresource_handler.go:781\"");
        }
    }

    private (OperationContext Operation, Func<Map, Map> Change) ReadPatch(ApiRequest request, ReadOnlySpan<byte> body)
    {
        var type = PatchHandler.PatchTypeOf(request);
        var isApply = type == PatchHandler.ApplyPatchType;
        var options = WriteOptions.From(request.Http.Request, "PatchOptions", isPatch: true, isApply: isApply);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        if (isApply)
        {
            var apply = ApplyPatch.Parse(body);
            return (operation, live => apply.Merge(Fields, Kind, Schema, operation, options.FieldValidation, options.Force == true, flow.Time.GetUtcNow(), live));
        }

        var patch = ParsedPatch.Parse(type, body, options.FieldValidation != FieldValidation.Ignore);
        return (operation, live => WithoutManagers(PatchHandler.Decode(operation, options.FieldValidation, patch, live, Kind, Schema)));
    }

    /// <summary>Upstream cannot convert a Scale to the hub version of another group, and then records no manager at all.</summary>
    private static Map WithoutManagers(Map scale)
    {
        scale.EditMap("metadata").Remove("managedFields");
        return scale;
    }

    private static void Validate(ApiRequest request, Map scale, Map old, bool dryRun)
    {
        // A custom resource's own validation words this.
        if (request.Served.Scale is null && (scale.GetMap("spec")?.GetInteger("replicas") ?? 0) < 0)
        {
            var errors = new FieldErrorList();
            errors.Add(FieldError.Invalid(new FieldPath("spec").Child("replicas"), scale.GetMap("spec")!["replicas"], "must be greater than or equal to 0"));
            throw StatusErrors.Invalid(new GroupKind("autoscaling", "Scale"), request.Info.Name, errors);
        }

        var (uid, current) = (scale.GetMap("metadata")?.GetString("uid"), old.GetMap("metadata")?.GetString("uid"));
        if (!string.IsNullOrEmpty(uid) && uid != current)
        {
            // The uid of a whole body is the store's precondition; that of a patch is known too late for it.
            if (request.Info.Verb == "patch" && !request.Served.IsCustom)
            {
                throw StatusErrors.Conflict(
                    new GroupResource(request.Resource.Group, $"{request.Resource.Resource}/scale"), request.Info.Name,
                    $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current}");
            }

            throw StatusErrors.Conflict(
                request.Resource.GroupResource, request.Info.Name,
                ResourceStore.UidPreconditionFailed(request.Served.Store.KeyOf(request.Info.Namespace, request.Info.Name), dryRun, uid, current));
        }
    }

    /// <summary>The Scale of an object; <paramref name="paths"/> are those of a custom resource.</summary>
    internal static Map ScaleOf(Map workload, ScalePaths? paths = null)
    {
        var metadata = workload.GetMap("metadata")!;
        var scaleMetadata = new Map(5);
        foreach (var key in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
            scaleMetadata.Set(key, metadata[key]);
        var spec = new Map(1);
        var wanted = paths is null ? workload.GetMap("spec")?.GetInteger("replicas") : ScalePaths.Number(workload, paths.SpecReplicas);
        if (wanted is not 0 and { } replicas)
            spec.Set("replicas", replicas);
        var observed = paths is null ? workload.GetMap("status")?.GetInteger("replicas") : ScalePaths.Number(workload, paths.StatusReplicas);
        var status = new Map(2) { { "replicas", observed ?? 0 } };
        if ((paths is null ? SelectorText(workload.GetMap("spec")) : paths.SelectorOf(workload)) is { Length: > 0 } selector)
            status.Set("selector", selector);
        return new Map(5)
        {
            { "kind", "Scale" },
            { "apiVersion", "autoscaling/v1" },
            { "metadata", scaleMetadata },
            { "spec", spec },
            { "status", status },
        };
    }

    /// <summary>Replication controllers select by a plain map, the others by a LabelSelector.</summary>
    private static string SelectorText(Map? spec)
    {
        if (spec?.GetMap("selector") is not { } selector)
            return "";
        var isPlain = !selector.ContainsKey("matchLabels") && !selector.ContainsKey("matchExpressions");
        return (isPlain ? LabelSelector.FromSet(selector) : LabelSelector.FromMeta(selector)).ToString();
    }

    /// <summary>There is one version of Scale.</summary>
    private sealed class OneVersion : IVersionForms
    {
        public (Map Tree, SchemaType Schema)? Convert(Map tree, string fromApiVersion, string toApiVersion) =>
            fromApiVersion == toApiVersion ? (tree, Schema) : null;
    }
}
