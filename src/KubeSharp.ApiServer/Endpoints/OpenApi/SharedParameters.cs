using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Parameters of a version 2 document that many operations have: written once and referred to by a name that
/// ends in a hash of what they are (kube-openapi/pkg/builder/parameters.go, v1.36).</summary>
internal sealed class SharedParameters
{
    private readonly SortedDictionary<string, Map> _parameters = new(StringComparer.Ordinal);
    private readonly Dictionary<OpenApiParameter, string> _names = [];

    public Map ToMap()
    {
        var parameters = new Map(_parameters.Count);
        foreach (var (name, parameter) in _parameters)
            parameters.Append(name, parameter);
        return parameters;
    }

    /// <summary>A parameter of the query or the path: a reference, save for those that old clients look for.</summary>
    public Map Parameter(OpenApiParameter parameter)
    {
        if (parameter.Name == "name" || (parameter.In == "query" && parameter.Name is "fieldValidation" or "dryRun"))
            return Write(parameter);
        if (!_names.TryGetValue(parameter, out var name))
            _names[parameter] = name = Share(parameter.Name, Write(parameter));
        return Reference(name);
    }

    /// <summary>The body: shared when its type is no resource's own.</summary>
    public Map Body(Map reference, OpenApiOperation operation)
    {
        var body = new Map(4) { { "name", "body" }, { "in", "body" } };
        if (operation.BodyRequired)
            body.Set("required", true);
        body.Set("schema", reference);
        return operation.Body.StartsWith("io.k8s.apimachinery", StringComparison.Ordinal) ? Reference(Share("body", body)) : body;
    }

    private string Share(string name, Map parameter)
    {
        name = $"{name}-{Hash(parameter)}";
        _parameters.TryAdd(name, parameter);
        return name;
    }

    private static Map Reference(string name) => new(1) { { "$ref", "#/parameters/" + name } };

    // The order of keys is that of Go's structs, which the hash depends on.
    private static Map Write(OpenApiParameter parameter)
    {
        var written = new Map(6) { { "uniqueItems", true }, { "type", parameter.Type } };
        if (parameter.Description.Length > 0)
            written.Set("description", parameter.Description);
        written.Set("name", parameter.Name);
        written.Set("in", parameter.In);
        if (parameter.Required)
            written.Set("required", true);
        return written;
    }

    /// <summary>Eight letters of the FNV-1 hash over the JSON, which escapes no HTML.</summary>
    private static string Hash(Map parameter)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(writer, parameter);
        var hash = 14695981039346656037UL;
        foreach (var letter in json.WrittenSpan)
            hash = unchecked(hash * 1099511628211UL) ^ letter;
        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, hash);
        return Base64Url.EncodeToString(bytes[..6]);
    }

    private static void Write(Utf8JsonWriter writer, Map map)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in map)
        {
            writer.WritePropertyName(key);
            if (value.AsMap is { } inner)
                Write(writer, inner);
            else if (value.AsBoolean is { } flag)
                writer.WriteBooleanValue(flag);
            else
                writer.WriteStringValue(value.AsString);
        }

        writer.WriteEndObject();
    }
}
