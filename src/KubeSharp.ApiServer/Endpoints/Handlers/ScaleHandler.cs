using System.Buffers;
using System.Globalization;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;
using Microsoft.Net.Http.Headers;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>autoscaling/v1 Scale of a workload (pkg/registry/apps/deployment/storage/storage.go ScaleREST, v1.36).</summary>
public sealed class ScaleHandler(WriteFlow flow) : IVerbHandler
{
    private static readonly GroupVersionKind Kind = new("autoscaling", "v1", "Scale");

    private static SchemaType Schema => BuiltInSchema.Find(Kind)!;

    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: false);
        if (request.Info.Verb == "get")
        {
            var current = await request.Served.Store.GetAsync(request.Info.Namespace, request.Info.Name, request.Aborted).ConfigureAwait(false);
            await ResponseWriter.WriteTreeAsync(request.Http, format, ScaleOf(current.Tree()), Schema, 200).ConfigureAwait(false);
            return;
        }

        var isPatch = request.Info.Verb == "patch";
        var options = WriteOptions.From(request.Http.Request, isPatch ? "PatchOptions" : "UpdateOptions", isPatch);
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var change = isPatch ? ReadPatch(request, body.Span) : ReadScale(request, body.Span);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        var update = new UpdateRequest
        {
            Transform = old =>
            {
                var scale = change(ScaleOf(old!));
                Validate(request, scale);
                if (scale.GetMap("metadata")?.GetString("resourceVersion") is { Length: > 0 } version && version != old!.GetMap("metadata")?.GetString("resourceVersion"))
                    throw StatusErrors.Conflict(request.Resource.GroupResource, request.Info.Name, ResourceStore.OptimisticLockMessage);
                var next = old!.ShallowClone();
                next.EditMap("spec").Set("replicas", scale.GetMap("spec")?.GetInteger("replicas") ?? 0);
                flow.TrackManagedFields(operation, next, old, "scale");
                return ValueTask.FromResult(next);
            },
        };
        var (updated, _) = await request.Served.Store.UpdateAsync(operation, request.Info.Name, update, request.Aborted).ConfigureAwait(false);
        await ResponseWriter.WriteTreeAsync(request.Http, format, ScaleOf(updated.Tree()), Schema, 200).ConfigureAwait(false);
    }

    private static Func<Map, Map> ReadScale(ApiRequest request, ReadOnlySpan<byte> body)
    {
        var decoded = RequestBody.Decode(body, Negotiator.Input(request.Http.Request), Kind, Schema, strict: false);
        UpdateHandler.CheckName(decoded.Root, request.Info.Name);
        return _ => decoded.Root;
    }

    private static Func<Map, Map> ReadPatch(ApiRequest request, ReadOnlySpan<byte> body)
    {
        var type = MediaTypeHeaderValue.TryParse(request.Http.Request.ContentType, out var parsed) ? parsed.MediaType.Value ?? "" : "";
        var patch = ParsedPatch.Parse(type, body, strict: true);
        return current =>
        {
            var json = new ArrayBufferWriter<byte>(512);
            JsonEncoder.Encode(patch.Apply(current, Schema), json);
            var decoded = JsonDecoder.Decode(json.WrittenSpan, Schema, default);
            return decoded.Root ?? throw StatusErrors.BadRequest($"Scale in version \"v1\" cannot be handled as a Scale: {decoded.Error}");
        };
    }

    private static void Validate(ApiRequest request, Map scale)
    {
        if ((scale.GetMap("spec")?.GetInteger("replicas") ?? 0) >= 0)
            return;
        var errors = new FieldErrorList();
        errors.Add(FieldError.Invalid(new FieldPath("spec").Child("replicas"), scale.GetMap("spec")!["replicas"], "must be greater than or equal to 0"));
        throw StatusErrors.Invalid(new GroupKind("autoscaling", "Scale"), request.Info.Name, errors);
    }

    internal static Map ScaleOf(Map workload)
    {
        var metadata = workload.GetMap("metadata")!;
        var scaleMetadata = new Map(5);
        foreach (var key in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
            scaleMetadata.Set(key, metadata[key]);
        var spec = new Map(1);
        if (workload.GetMap("spec")?.GetInteger("replicas") is > 0 and var replicas)
            spec.Set("replicas", replicas);
        var status = new Map(2) { { "replicas", workload.GetMap("status")?.GetInteger("replicas") ?? 0 } };
        if (SelectorText(workload.GetMap("spec")) is { Length: > 0 } selector)
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
}
