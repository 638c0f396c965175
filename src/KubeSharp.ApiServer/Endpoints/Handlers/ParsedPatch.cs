using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>A JSON, merge or strategic merge patch that has been read once and is applied as often as conflicts make
/// necessary (handlers/patch.go jsonPatcher, smpPatcher; v1.36).</summary>
internal sealed class ParsedPatch
{
    private readonly string _type;
    private readonly Value _patch;
    private Map? _rest;

    private ParsedPatch(string type, Value patch, IReadOnlyList<string> strictErrors)
    {
        _type = type;
        _patch = patch;
        StrictErrors = strictErrors;
        _patch.Freeze();
    }

    /// <summary>Members that the patch has twice, or that no operation has.</summary>
    public IReadOnlyList<string> StrictErrors { get; }

    /// <param name="type">The media type.</param>
    /// <param name="body">The patch.</param>
    /// <param name="strict">Whether to look for <see cref="StrictErrors"/>, which also words errors differently.</param>
    /// <exception cref="StatusException">400 for a body that is no patch.</exception>
    public static ParsedPatch Parse(string type, ReadOnlySpan<byte> body, bool strict)
    {
        if (type == PatchHandler.JsonPatchType)
        {
            var operations = JsonDecoder.DecodeValue(body);
            if (operations.IsUndefined)
                throw StatusErrors.BadRequest("error decoding patch: " + JsonDecoder.Decode(body, null, default).Error);
            if (!strict)
                return new ParsedPatch(type, operations, []);
            CheckOperations(operations);
            return new ParsedPatch(type, operations, [.. JsonPatch.StrictErrors(operations)]);
        }

        var decoded = JsonDecoder.Decode(body, null, new JsonDecodeOptions { Strict = strict });
        if (decoded.Root is { } root)
            return new ParsedPatch(type, root, decoded.StrictErrors);
        throw StatusErrors.BadRequest(type == PatchHandler.MergePatchType ? $"error decoding patch: {decoded.Error}" : decoded.Error ?? "");
    }

    /// <summary>The shape of operations, as they are read when field validation is on.</summary>
    private static void CheckOperations(Value operations)
    {
        if (operations.IsNullOrUndefined)
            return;
        var list = operations.AsSequence ?? throw Undecodable(operations, "Go value of type []handlers.jsonPatchOp");
        foreach (var item in list)
        {
            if (item.IsNullOrUndefined)
                continue;
            var operation = item.AsMap ?? throw Undecodable(item, "Go value of type handlers.jsonPatchOp");
            foreach (var member in (ReadOnlySpan<string>)["op", "path", "from"])
            {
                if (!operation[member].IsNullOrUndefined && operation[member].AsString is null)
                    throw Undecodable(operation[member], $"Go struct field jsonPatchOp.{member} of type string");
            }
        }
    }

    private static StatusException Undecodable(Value value, string target) => StatusErrors.BadRequest($"error decoding patch: json: cannot unmarshal {JsonPatch.GoKind(value)} into {target}");

    /// <summary>The patched tree, untyped. What the patch did not touch is shared with the current one, and frozen.</summary>
    /// <exception cref="StatusException">What is wrong with the patch, or that it does not apply.</exception>
    public Map Apply(Map current, SchemaType schema)
    {
        try
        {
            return _type switch
            {
                PatchHandler.JsonPatchType => JsonPatch.Apply(current, _patch),
                PatchHandler.MergePatchType => MergePatch.Apply(current, _patch),
                _ => StrategicMergePatch.Apply(current, _patch, schema, out _rest),
            };
        }
        catch (PatchException exception)
        {
            throw exception.ToStatus();
        }
    }

    /// <summary>422: what the patch made cannot be read as the kind.</summary>
    /// <param name="patched">The patched tree.</param>
    /// <param name="schema">The schema of the version spoken.</param>
    /// <param name="error">The decoder's words.</param>
    public StatusException Unreadable(Map patched, SchemaType schema, string error)
    {
        if (IsStrategic)
            error = UnstructuredConversion.FirstError(patched, schema) ?? UnstructuredConversion.Unplaced(error);
        var errors = new FieldErrorList();
        errors.Add(FieldError.Invalid(new FieldPath("patch"), IsStrategic ? UnstructuredConversion.GoFormat(_rest ?? _patch) : Encoding.UTF8.GetString(Encode(patched)), error));
        return StatusErrors.Invalid(new GroupKind("", ""), "", errors);
    }

    /// <summary>The patched tree as UTF-8 JSON. Upstream's patch library prints objects that were opened with sorted keys, others
    /// as they were; what is wrong first is told in that order.</summary>
    public ReadOnlySpan<byte> Encode(Map patched)
    {
        var output = new ArrayBufferWriter<byte>(2048);
        if (IsStrategic)
            JsonEncoder.Encode(patched, output);
        else
            Write(patched, output);
        return output.WrittenSpan;
    }

    public bool IsStrategic => _type is not (PatchHandler.JsonPatchType or PatchHandler.MergePatchType);

    private static void Write(Value value, ArrayBufferWriter<byte> output)
    {
        switch (value.Kind)
        {
            case ValueKind.Map when !value.AsMap!.IsFrozen:
                output.Write("{"u8);
                var first = true;
                foreach (var (key, entry) in value.AsMap.OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    if (!first)
                        output.Write(","u8);
                    first = false;
                    JsonEncoder.EncodeString(key, output);
                    output.Write(":"u8);
                    Write(entry, output);
                }

                output.Write("}"u8);
                break;
            case ValueKind.Sequence when !value.AsSequence!.IsFrozen:
                output.Write("["u8);
                for (var i = 0; i < value.AsSequence.Count; i++)
                {
                    if (i > 0)
                        output.Write(","u8);
                    Write(value.AsSequence[i], output);
                }

                output.Write("]"u8);
                break;
            default:
                JsonEncoder.Encode(value, output);
                break;
        }
    }
}
