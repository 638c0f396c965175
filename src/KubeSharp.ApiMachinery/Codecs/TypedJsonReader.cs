using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>One decoding by schema: where it stands, and what strict decoding found.</summary>
internal sealed class TypedJsonReader(bool strict)
{
    private readonly List<string> _path = [];
    private readonly List<string> _strictErrors = [];
    private SchemaType? _owner;

    /// <summary>The first type error; decoding goes on to find syntax errors, which count more, and strict ones.</summary>
    public string? Error { get; private set; }

    public IReadOnlyList<string> StrictErrors => _strictErrors;

    public void Push(string segment)
    {
        if (strict)
            _path.Add(segment);
    }

    public void Pop()
    {
        if (strict)
            _path.RemoveAt(_path.Count - 1);
    }

    public void Duplicate(string name) => AddStrict("duplicate field", name);

    public Map? ReadRoot(ref Utf8JsonReader reader, SchemaType type)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Error = $"json: cannot unmarshal {JsonDecoder.GoKind(reader.TokenType)} into Go value of type {GoTypeName.Of(type)}";
            reader.Skip();
            return null;
        }

        return ReadStruct(ref reader, type, type, "");
    }

    /// <summary>A struct with nothing set: its required fields at their zero.</summary>
    public static Map Empty(SchemaType type)
    {
        var map = new Map(4);
        Span<ulong> seen = stackalloc ulong[4];
        seen.Clear();
        FillRequired(map, type, seen);
        return map;
    }

    private Map ReadStruct(ref Utf8JsonReader reader, SchemaType type, SchemaType root, string goPath)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JsonException("exceeded max depth");
        var map = new Map(Math.Min(type.FieldSpan.Length + 2, 8));
        // Bit n: field n has been seen, which is a duplicate the next time.
        Span<ulong> seen = stackalloc ulong[4];
        seen.Clear();
        string? kind = null, apiVersion = null;
        var lastIndex = -1;
        var typeMeta = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.ValueIsEscaped ? type.FindField(Encoding.UTF8.GetBytes(reader.GetString()!)) : type.FindField(reader.ValueSpan);
            if (field is null)
            {
                if (type.HasTypeMeta && (reader.ValueTextEquals("kind"u8) || reader.ValueTextEquals("apiVersion"u8)))
                {
                    ReadTypeMeta(ref reader, ref kind, ref apiVersion, ref typeMeta, goPath);
                    continue;
                }

                ReadUnknown(ref reader, type, map);
                continue;
            }

            if ((seen[field.Index >> 6] & (1UL << field.Index)) != 0)
                AddStrict("duplicate field", field.Name);
            seen[field.Index >> 6] |= 1UL << field.Index;
            reader.Read();
            Push(field.Name);
            _owner = type;
            var value = ReadField(ref reader, field, root, goPath.Length == 0 ? field.Name : $"{goPath}.{field.Name}");
            Pop();
            if (value.IsUndefined)
            {
                map.Remove(field.Name);
                continue;
            }

            if (field.Index > lastIndex)
            {
                map.Append(field.Name, value);
                lastIndex = field.Index;
            }
            else
            {
                Place(map, type, field, value);
            }
        }

        FillRequired(map, type, seen);
        if (apiVersion is not null)
            map.InsertAt(0, "apiVersion", apiVersion);
        if (kind is not null)
            map.InsertAt(0, "kind", kind);
        return map;
    }

    private void ReadTypeMeta(ref Utf8JsonReader reader, ref string? kind, ref string? apiVersion, ref int seen, string goPath)
    {
        var isKind = reader.ValueTextEquals("kind"u8);
        var name = isKind ? "kind" : "apiVersion";
        var bit = isKind ? 1 : 2;
        if ((seen & bit) != 0)
            AddStrict("duplicate field", name);
        seen |= bit;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.String)
        {
            Mismatch(ref reader, "string", goPath.Length == 0 ? name : $"{goPath}.{name}");
            return;
        }

        if (isKind)
            kind = reader.GetString();
        else
            apiVersion = reader.GetString();
    }

    private void ReadUnknown(ref Utf8JsonReader reader, SchemaType type, Map map)
    {
        var name = reader.GetString()!;
        if (type.PreserveUnknownFields)
        {
            reader.Read();
            Push(name);
            map.Set(name, UntypedJsonReader.Read(ref reader, this, 0));
            Pop();
            return;
        }

        AddStrict("unknown field", name);
        reader.Read();
        reader.Skip();
    }

    /// <summary>Puts a field that came out of order at its place in the schema's order.</summary>
    private static void Place(Map map, SchemaType type, SchemaField field, Value value)
    {
        if (map.ContainsKey(field.Name))
        {
            map.Set(field.Name, value);
            return;
        }

        var at = 0;
        while (at < map.Count && type.FindField(map.KeyAt(at)) is { } other && other.Index < field.Index)
            at++;
        map.InsertAt(at, field.Name, value);
    }

    /// <summary>The value as it stands in the document; undefined: Go would leave it out.</summary>
    private Value ReadField(ref Utf8JsonReader reader, SchemaField field, SchemaType root, string goPath)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return default;
        var value = ReadValue(ref reader, field.Type, root, goPath);
        if (value.IsUndefined || field.Type.IsPointer)
            return value;
        return (field.OmitEmpty && ZeroValues.IsEmpty(value, field.Type)) || (field.OmitZero && ZeroValues.IsZero(value, field.Type)) ? default : value;
    }

    private Value ReadValue(ref Utf8JsonReader reader, TypeRef type, SchemaType root, string goPath)
    {
        switch (type.Kind)
        {
            case TypeKind.Struct:
                if (reader.TokenType == JsonTokenType.StartObject)
                    return ReadStruct(ref reader, type.Struct!, root, goPath);
                break;
            case TypeKind.List:
                if (reader.TokenType == JsonTokenType.StartArray)
                    return ReadList(ref reader, type.Element!, root, goPath);
                break;
            case TypeKind.Map:
                if (reader.TokenType == JsonTokenType.StartObject)
                    return ReadMap(ref reader, type.Element!, root, goPath);
                break;
            case TypeKind.StringListMessage:
                if (reader.TokenType == JsonTokenType.StartArray)
                    return ReadList(ref reader, StringType, root, goPath);
                break;
            case TypeKind.RawExtension or TypeKind.Json or TypeKind.Any or TypeKind.FieldsV1:
                return UntypedJsonReader.Read(ref reader, new TypedJsonReader(false), 0);
            case TypeKind.SchemaOrBool:
                if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
                    return reader.GetBoolean();
                if (reader.TokenType == JsonTokenType.StartObject)
                    return ReadStruct(ref reader, JsonSchemaProps, root, goPath);
                break;
            case TypeKind.SchemaOrArray:
                if (reader.TokenType == JsonTokenType.StartObject)
                    return ReadStruct(ref reader, JsonSchemaProps, root, goPath);
                if (reader.TokenType == JsonTokenType.StartArray)
                    return ReadList(ref reader, JsonSchemaPropsRef, root, goPath);
                break;
            case TypeKind.SchemaOrStringArray:
                if (reader.TokenType == JsonTokenType.StartObject)
                    return ReadStruct(ref reader, JsonSchemaProps, root, goPath);
                if (reader.TokenType == JsonTokenType.StartArray)
                    return ReadList(ref reader, StringType, root, goPath);
                break;
            default:
                var scalar = ScalarJson.Read(ref reader, type.Kind, out var problem);
                if (problem is null)
                    return scalar;
                if (problem.Length > 0)
                {
                    Error ??= problem;
                    return default;
                }

                break;
        }

        Mismatch(ref reader, GoTypeName.Of(type), goPath);
        return default;
    }

    private Sequence ReadList(ref Utf8JsonReader reader, TypeRef element, SchemaType root, string goPath)
    {
        var sequence = new Sequence();
        var depthPath = strict ? _path[^1] : "";
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (strict)
                _path[^1] = $"{depthPath}[{index}]";
            if (reader.TokenType == JsonTokenType.Null)
                sequence.Add(element.IsPointer ? Value.Null : ZeroValues.Of(element));
            else if (ReadValue(ref reader, element, root, goPath) is { IsUndefined: false } value)
                sequence.Add(value);
        }

        if (strict)
            _path[^1] = depthPath;
        return sequence;
    }

    private Map ReadMap(ref Utf8JsonReader reader, TypeRef element, SchemaType root, string goPath)
    {
        var map = new Map();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            if (map.ContainsKey(key))
                AddStrict("duplicate field", key);
            reader.Read();
            Push(key);
            if (reader.TokenType == JsonTokenType.Null)
                map.Set(key, element.IsPointer || element.Kind is TypeKind.List or TypeKind.Map or TypeKind.Bytes or TypeKind.StringListMessage ? Value.Null : ZeroValues.Of(element));
            else if (ReadValue(ref reader, element, root, goPath) is { IsUndefined: false } value)
                map.Set(key, value);
            Pop();
        }

        // Go prints maps by key.
        map.Sort(string.CompareOrdinal);
        return map;
    }

    /// <summary>Adds the zero of every field that Go prints even when it is unset.</summary>
    private static void FillRequired(Map map, SchemaType type, ReadOnlySpan<ulong> seen)
    {
        foreach (var field in type.FieldSpan)
        {
            if ((seen[field.Index >> 6] & (1UL << field.Index)) != 0 && map.ContainsKey(field.Name))
                continue;
            if (ZeroValues.WhenAbsent(field) is { IsUndefined: false } zero)
                Place(map, type, field, zero);
        }
    }

    private void Mismatch(ref Utf8JsonReader reader, string goType, string goPath)
    {
        var what = reader.TokenType == JsonTokenType.Number
            ? goType is "string" || goType.Contains('[', StringComparison.Ordinal) || goType.Contains('.', StringComparison.Ordinal) || goType == "bool" ? "number" : $"number {Encoding.UTF8.GetString(reader.ValueSpan)}"
            : JsonDecoder.GoKind(reader.TokenType);
        Error ??= $"json: cannot unmarshal {what} into Go struct field {_owner?.ShortName}.{goPath} of type {goType}";
        reader.Skip();
    }

    private void AddStrict(string what, string name)
    {
        if (!strict || _strictErrors.Count >= JsonDecoder.MaxStrictErrors)
            return;
        var path = new StringBuilder();
        foreach (var segment in _path)
            path.Append(segment).Append('.');
        path.Append(name);
        var error = $"{what} \"{path}\"";
        if (!_strictErrors.Contains(error))
            _strictErrors.Add(error);
    }

    private static readonly TypeRef StringType = TypeRef.Scalar(TypeKind.String);

    internal static SchemaType JsonSchemaProps => BuiltInSchema.Get("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");

    private static readonly TypeRef JsonSchemaPropsRef = TypeRef.StructOf(() => JsonSchemaProps);
}
