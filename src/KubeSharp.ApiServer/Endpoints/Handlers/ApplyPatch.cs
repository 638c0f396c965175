using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.ManagedFields;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>A server-side apply as read from a body, which is YAML or JSON (handlers/patch.go applyPatcher, v1.36).</summary>
internal sealed class ApplyPatch
{
    private readonly Map _config;
    private readonly IReadOnlyList<string> _strictErrors;

    private ApplyPatch(Map config, IReadOnlyList<string> strictErrors)
    {
        _config = config;
        _strictErrors = strictErrors;
    }

    /// <exception cref="StatusException">400: the body is no YAML, or no object.</exception>
    public static ApplyPatch Parse(ReadOnlySpan<byte> body)
    {
        var value = YamlCodec.ToTree(body, out var error, out var duplicates);
        if (error is not null)
            throw StatusErrors.BadRequest($"error decoding YAML: {Prefixed(error)}");
        if (value.IsNullOrUndefined)
            return new ApplyPatch(new Map(), duplicates);
        if (value.AsMap is not { } config)
            throw StatusErrors.BadRequest($"error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {ApiMachinery.Patches.JsonPatch.GoKind(value)} into Go value of type map[string]interface {{}}");
        config.Freeze();
        return new ApplyPatch(config, duplicates);
    }

    /// <summary>A configuration that is a tree already (clients in this process).</summary>
    public static ApplyPatch Of(Map config) => new(config, []);

    /// <summary>The object with the configuration applied, in normal form at the storage version.</summary>
    /// <param name="flow">What writes have in common.</param>
    /// <param name="served">The resource at the version spoken.</param>
    /// <param name="operation">Who applies.</param>
    /// <param name="subresource">The subresource applied to, or empty.</param>
    /// <param name="validation">What duplicate keys are worth.</param>
    /// <param name="force">Whether to take over the fields of others.</param>
    /// <param name="old">The stored object, or null when there is none.</param>
    public Map Transform(WriteFlow flow, ServedResource served, OperationContext operation, string subresource, FieldValidation validation, bool force, Map? old)
    {
        var live = old is null ? null : served.FromStorage(old);
        var next = Merge(flow.FieldManagers.For(served, subresource), served.Kind, served.Schema, operation, validation, force, flow.Time.GetUtcNow(), live);
        if (old is null && next.GetMap("metadata")?.GetString("uid") is { Length: > 0 } uid)
            throw StatusErrors.Conflict(served.Resource.GroupResource, operation.Info.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        UpdateHandler.CheckName(next, operation.Info.Name);
        var stored = served.ToStorage(next);
        flow.SetDefaults(served, stored);
        return stored;
    }

    /// <summary>The merged tree at the version of the live one, read as a body would be.</summary>
    public Map Merge(FieldManager manager, GroupVersionKind kind, SchemaType schema, OperationContext operation, FieldValidation validation, bool force, DateTimeOffset now, Map? live)
    {
        var merged = manager.Apply(live, _config, operation.FieldManager, force, now, out var changed);
        CheckDuplicates(operation, validation);
        // What is as it was is in normal form as it was.
        if (!changed)
            return merged.DeepClone();
        var decoded = Decode(merged, schema);
        if (decoded.Root is null && merged.DeepClone() is var cut && UnstructuredConversion.Truncate(cut, schema))
            decoded = Decode(cut, schema);
        if (decoded.Root is { } root)
            return root;
        var error = UnstructuredConversion.FirstError(merged, schema) ?? UnstructuredConversion.Unplaced(decoded.Error ?? "");
        throw StatusErrors.Unknown($"failed to convert new object ({_config.GetMap("metadata")?.GetString("namespace")}/{_config.GetMap("metadata")?.GetString("name")}; {kind}) to proper version: unable to convert unstructured object to {kind}: {error}");
    }

    private static DecodeResult Decode(Map merged, SchemaType schema)
    {
        var json = new ArrayBufferWriter<byte>(2048);
        JsonEncoder.Encode(merged, json);
        return JsonDecoder.Decode(json.WrittenSpan, schema, new JsonDecodeOptions { KeepEmpties = true });
    }

    private void CheckDuplicates(OperationContext operation, FieldValidation validation)
    {
        if (_strictErrors.Count == 0 || validation == FieldValidation.Ignore)
            return;
        var text = Prefixed(_strictErrors[0]);
        if (validation == FieldValidation.Strict)
            throw StatusErrors.BadRequest($"error strict decoding YAML: {text}");
        operation.AddWarning(text);
    }

    private static string Prefixed(string error) => error.StartsWith("yaml:", StringComparison.Ordinal) ? $"error converting YAML to JSON: {error}" : error;
}
