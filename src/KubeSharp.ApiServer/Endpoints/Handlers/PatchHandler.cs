using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>PATCH of an object or a subresource of its own kind (handlers/patch.go, v1.36).</summary>
public sealed class PatchHandler(WriteFlow flow) : IVerbHandler
{
    public const string JsonPatchType = "application/json-patch+json";
    public const string MergePatchType = "application/merge-patch+json";
    public const string StrategicMergePatchType = "application/strategic-merge-patch+json";
    public const string ApplyPatchType = "application/apply-patch+yaml";

    private static readonly string[] AcceptedOfCustom = [JsonPatchType, MergePatchType, ApplyPatchType];
    private static readonly string[] Accepted = [JsonPatchType, MergePatchType, StrategicMergePatchType, ApplyPatchType];

    public async Task HandleAsync(ApiRequest request)
    {
        var http = request.Http;
        var format = Negotiator.Output(http.Request, transforms: true);
        var patchType = PatchTypeOf(request);
        var body = await RequestBody.ReadAsync(http.Request, request.Aborted).ConfigureAwait(false);
        var options = Options(request, patchType);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        Func<Map, Map?, ValueTask> mutate = (next, old) => flow.Admission.AdmitAsync(Attributes(next, old), request.Aborted);
        Func<Map, Map?, ValueTask> admit = (next, old) => flow.Admission.ValidateAsync(Attributes(next, old), request.Aborted);
        var store = request.Served.Store;
        var known = patchType == ApplyPatchType && !options.DryRun ? store.Cache.Snapshot.Find(store.KeyOf(operation.Namespace, request.Info.Name)) : null;
        var question = known is null ? default : Question(request, options, body.Span);
        CachedObject updated;
        var created = false;
        if (known is not null && request.Served.UnchangedApplies.Knows(question, known.Key, known.Revision)
            && await store.ConfirmUnchangedAsync(known, mutate, admit, request.Aborted).ConfigureAwait(false))
        {
            updated = known;
        }
        else
        {
            var update = new UpdateRequest
            {
                Target = request.Info.Subresource switch { "" => UpdateTarget.Main, "status" => UpdateTarget.Status, _ => UpdateTarget.Subresource },
                Transform = Read(flow, request, operation, options, patchType, body.Span),
                ForceAllowCreate = patchType == ApplyPatchType && request.Info.Subresource.Length == 0,
                Mutate = mutate,
                Admit = admit,
            };
            (updated, created) = await store.UpdateAsync(operation, request.Info.Name, update, request.Aborted).ConfigureAwait(false);
            // What warns is worked out each time.
            if (known is not null && ReferenceEquals(updated, known) && operation.Warnings.Count == 0)
                request.Served.UnchangedApplies.Remember(question, known.Key, known.Revision);
        }

        WarningHeaders.Add(http.Response, operation.TakeWarnings());
        await ResponseWriter.WriteAsync(request, format, updated, created ? 201 : 200).ConfigureAwait(false);

        AdmissionAttributes Attributes(Map next, Map? old) => new(
            old is null ? AdmissionOperation.Create : AdmissionOperation.Update, request.Resource, request.Info.Subresource, request.Info.Namespace, request.Info.Name, next, old, operation);
    }

    /// <exception cref="StatusException">415 for a type of patch that is not known.</exception>
    internal static string PatchTypeOf(ApiRequest request)
    {
        var type = MediaTypeHeaderValue.TryParse(request.Http.Request.ContentType, out var parsed) ? parsed.MediaType.Value ?? "" : "";
        // Strategic merge needs Go types.
        if (request.Served.Schema.Custom is not null && !AcceptedOfCustom.Contains(type))
            throw StatusErrors.UnsupportedMediaType(AcceptedOfCustom);
        return Accepted.Contains(type) ? type : throw GenericErrors.UnsupportedMediaType();
    }

    /// <summary>Reads a patch of any type: who writes, and how the new object is made of the current one.</summary>
    internal static (OperationContext Operation, Func<Map?, ValueTask<Map>> Transform) Read(WriteFlow flow, ApiRequest request, ReadOnlySpan<byte> body)
    {
        var patchType = PatchTypeOf(request);
        var options = Options(request, patchType);
        var operation = request.Operation(options.DryRun, options.FieldManager);
        return (operation, Read(flow, request, operation, options, patchType, body));
    }

    private static Func<Map?, ValueTask<Map>> Read(WriteFlow flow, ApiRequest request, OperationContext operation, WriteOptions options, string patchType, ReadOnlySpan<byte> body)
    {
        Func<Map?, Map> transform;
        if (patchType == ApplyPatchType)
        {
            var apply = ApplyPatch.Parse(body);
            transform = old => apply.Transform(flow, request.Served, operation, request.Info.Subresource, options.FieldValidation, options.Force == true, old);
        }
        else
        {
            var patch = ParsedPatch.Parse(patchType, body, options.FieldValidation != FieldValidation.Ignore);
            transform = old => Transform(flow, request.Served, operation, options.FieldValidation, patch, old ?? throw StatusErrors.NotFound(request.Resource.GroupResource, request.Info.Name));
        }

        return old =>
        {
            var next = transform(old);
            flow.CheckNamespace(request, next);
            return ValueTask.FromResult(next);
        };
    }

    private static WriteOptions Options(ApiRequest request, string patchType) => WriteOptions.From(request.Http.Request, "PatchOptions", isPatch: true, isApply: patchType == ApplyPatchType);

    private static UnchangedApplies.Question Question(ApiRequest request, WriteOptions options, ReadOnlySpan<byte> body) => new(
        UnchangedApplies.Digest.Of(body), options.FieldManager, request.User.Name, request.Info.Subresource, options.Force == true, options.FieldValidation);

    /// <summary>Patches at the served version and brings the result back into normal form at the storage version.</summary>
    internal static Map Transform(WriteFlow flow, ServedResource served, OperationContext operation, FieldValidation validation, ParsedPatch patch, Map old)
    {
        // Frozen: nothing of it has been opened yet, which shows where a patched document is printed.
        var versioned = served.FromStorage(old);
        versioned.Freeze();
        var next = Decode(operation, validation, patch, versioned, served.Kind, served.Schema);
        var stored = served.ToStorage(next);
        var hasEmpties = flow.SetDefaults(served, stored);
        flow.TrackManagedFields(operation, stored, old, operation.Info.Subresource, hasEmpties);
        return stored;
    }

    /// <summary>The patched tree at the version of the tree given, read as a body would be.</summary>
    internal static Map Decode(OperationContext operation, FieldValidation validation, ParsedPatch patch, Map versioned, GroupVersionKind kind, SchemaType schema)
    {
        var name = versioned.GetMap("metadata")?.GetString("name") ?? "";
        var patched = patch.Apply(versioned, schema);
        if (patched.Count == 0)
            UpdateHandler.CheckName(patched, name);
        if (!patch.IsStrategic)
            CheckKind(kind, schema, patched, patch);

        // The schema decides again what a field may be: the patched tree goes through the decoder as a body would.
        var decodeOptions = new JsonDecodeOptions { Strict = validation != FieldValidation.Ignore, KeepEmpties = true, AsConverter = patch.IsStrategic };
        var decoded = JsonDecoder.Decode(patch.Encode(patched), schema, decodeOptions);
        if (decoded.Root is null && patch.IsStrategic && patched.DeepClone() is var cut && UnstructuredConversion.Truncate(cut, schema))
            decoded = JsonDecoder.Decode(patch.Encode(cut), schema, decodeOptions);
        if (decoded.Root is not { } next)
            throw patch.Unreadable(patched, schema, decoded.Error ?? "");
        IReadOnlyList<string> strictErrors = patch.StrictErrors.Count == 0 ? decoded.StrictErrors : [.. patch.StrictErrors, .. decoded.StrictErrors];
        if (strictErrors.Count > 0 && validation == FieldValidation.Strict)
            throw patch.Unreadable(patched, schema, $"strict decoding error: {string.Join(", ", strictErrors)}");
        WriteFlow.TreatStrictErrors(operation, validation, kind, strictErrors);
        UpdateHandler.CheckName(next, name);
        if (patch.IsStrategic)
        {
            next.Set("kind", kind.Kind);
            next.Set("apiVersion", kind.GroupVersion.ToString());
        }

        return next;
    }

    /// <summary>A patch may not make another kind of the object; of a strategic one, which ends in a typed object, nobody asks.</summary>
    private static void CheckKind(GroupVersionKind expected, SchemaType schema, Map patched, ParsedPatch patch)
    {
        var (kind, version) = (patched.GetString("kind") ?? "", patched.GetString("apiVersion") ?? "");
        if (kind == expected.Kind && version == expected.GroupVersion.ToString())
            return;
        throw patch.Unreadable(patched, schema, $"no kind \"{kind}\" is registered for version \"{version}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"");
    }
}
