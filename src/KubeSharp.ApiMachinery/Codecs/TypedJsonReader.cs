using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// One decoding by schema. Follows sigs.k8s.io/json's decoder (encoding/json decode.go with kubernetes_patch.go): a value
/// of the wrong type is noted and decoding goes on; an error of a type's own UnmarshalJSON counts more than those;
/// a field that comes twice is decoded into what the first left.
/// </summary>
internal sealed class TypedJsonReader(bool strict, bool keepEmpties = false, bool asConverter = false)
{
    private static readonly TypeRef StringType = TypeRef.Scalar(TypeKind.String);
    private static readonly TypeRef JsonSchemaPropsRef = TypeRef.StructOf(() => JsonSchemaProps);

    private readonly List<string> _strictErrors = [];

    // The way from the root: what errors name. Fields of structs being read wait in slots, by their index.
    private Step[] _steps = new Step[16];
    private int _depth;
    private Value[] _slots = new Value[128];
    private int _top;
    private int _untracked;
    private string? _typeError;
    private string? _ownError;

    private readonly record struct Step(SchemaType? Owner, SchemaField? Field, string? Key, int Index);

    internal static SchemaType JsonSchemaProps => BuiltInSchema.Get("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps");

    /// <summary>What went wrong, short of syntax.</summary>
    public string? Error => _ownError ?? _typeError;

    public IReadOnlyList<string> StrictErrors => asConverter ? [.. _strictErrors.Order(StringComparer.Ordinal)] : _strictErrors;

    public void PushKey(string key) => Push(new Step(null, null, key, 0));

    public void PushIndex(int index) => Push(new Step(null, null, null, index));

    public void Pop() => _depth--;

    public Map? ReadRoot(ref Utf8JsonReader reader, SchemaType type)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            return ReadStruct(ref reader, type, null);
        TypeError(JsonDecoder.GoKind(reader.TokenType), GoTypeName.Of(type));
        reader.Skip();
        return null;
    }

    private const string ManagedFields = "managedFields";

    /// <summary>A struct with nothing set: its required fields at their zero.</summary>
    public static Map Empty(SchemaType type)
    {
        var map = new Map(0);
        foreach (var field in type.FieldSpan)
        {
            if (ZeroValues.WhenAbsent(field) is { IsUndefined: false } zero)
                map.Append(field.Name, zero);
        }

        return map;
    }

    private Map ReadStruct(ref Utf8JsonReader reader, SchemaType type, Map? existing)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JsonException("exceeded max depth");
        // The slots: fields, then kind and apiVersion.
        var fields = type.FieldSpan;
        var first = _top;
        _top += fields.Length + 2;
        while (_slots.Length < _top)
            Array.Resize(ref _slots, _slots.Length * 2);
        Span<ulong> seen = stackalloc ulong[(fields.Length + 2 + 63) / 64];
        seen.Clear();
        List<KeyValuePair<string, Value>>? unknown = null;
        if (existing is not null)
            Restore(existing, type, first, ref unknown);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.ValueIsEscaped ? type.FindField(Encoding.UTF8.GetBytes(JsonText.Get(ref reader))) : type.FindField(reader.ValueSpan);
            if (field is not null)
            {
                Mark(seen, field.Index, field.Name);
                reader.Read();
                Push(new Step(type, field, null, 0));
                ReadField(ref reader, field, first + field.Index);
                Pop();
                continue;
            }

            var meta = !type.HasTypeMeta ? 0 : reader.ValueTextEquals("kind"u8) ? 1 : reader.ValueTextEquals("apiVersion"u8) ? 2 : 0;
            if (meta > 0)
                ReadTypeMeta(ref reader, type, seen, meta, first + fields.Length + meta - 1);
            else
                ReadUnknown(ref reader, type, ref unknown);
        }

        var map = Collect(type, first, unknown);
        Array.Clear(_slots, first, fields.Length + 2);
        _top = first;
        return map;
    }

    /// <summary>What a struct prints in the end, in Go's order.</summary>
    private Map Collect(SchemaType type, int first, List<KeyValuePair<string, Value>>? unknown)
    {
        var fields = type.FieldSpan;
        var slots = _slots.AsSpan(first, fields.Length + 2);
        var count = unknown?.Count ?? 0;
        for (var i = 0; i < fields.Length; i++)
        {
            var field = fields[i];
            ref var value = ref slots[i];
            // An empty list of managed fields says something: forget who set what.
            if (value.IsUndefined || (!field.Type.IsPointer && field.Name != ManagedFields
                && ((field.OmitEmpty && !(keepEmpties && (field.Type.Kind is TypeKind.List or TypeKind.Map)) && ZeroValues.IsEmpty(value, field.Type)) || (field.OmitZero && ZeroValues.IsZero(value, field.Type)))))
                value = ZeroValues.WhenAbsent(field);
            if (!value.IsUndefined)
                count++;
        }

        var map = new Map(count + (type.HasTypeMeta ? 2 : 0));
        if (!slots[fields.Length].IsUndefined)
            map.Append("kind", slots[fields.Length]);
        if (!slots[fields.Length + 1].IsUndefined)
            map.Append("apiVersion", slots[fields.Length + 1]);
        for (var i = 0; i < fields.Length; i++)
        {
            if (!slots[i].IsUndefined)
                map.Append(fields[i].Name, slots[i]);
        }

        foreach (var (key, value) in unknown ?? [])
            map.Set(key, value);
        return map;
    }

    private void Restore(Map existing, SchemaType type, int first, ref List<KeyValuePair<string, Value>>? unknown)
    {
        foreach (var (key, value) in existing)
        {
            if (type.FindField(key) is { } field)
                _slots[first + field.Index] = value;
            else if (type.HasTypeMeta && key is "kind" or "apiVersion")
                _slots[first + type.FieldSpan.Length + (key == "kind" ? 0 : 1)] = value;
            else
                (unknown ??= []).Add(new(key, value));
        }
    }

    private void ReadTypeMeta(ref Utf8JsonReader reader, SchemaType type, scoped Span<ulong> seen, int meta, int slot)
    {
        var name = meta == 1 ? "kind" : "apiVersion";
        Mark(seen, type.FieldSpan.Length + meta - 1, name);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            var text = JsonText.Get(ref reader);
            _slots[slot] = text.Length == 0 ? default(Value) : text;
        }
        else if (reader.TokenType != JsonTokenType.Null)
        {
            Push(new Step(type, new SchemaField(name, StringType) { GoPath = $"TypeMeta.{name}" }, null, 0));
            Mismatch(ref reader, StringType);
            Pop();
        }
    }

    private void ReadUnknown(ref Utf8JsonReader reader, SchemaType type, ref List<KeyValuePair<string, Value>>? unknown)
    {
        if (type.PreserveUnknownFields)
        {
            var name = JsonText.Get(ref reader);
            reader.Read();
            PushKey(name);
            (unknown ??= []).Add(new(name, UntypedJsonReader.Read(ref reader, this)));
            Pop();
            return;
        }

        if (strict)
            Strict("unknown field", JsonText.Get(ref reader));
        reader.Read();
        reader.Skip();
    }

    private void ReadField(ref Utf8JsonReader reader, SchemaField field, int slot)
    {
        var type = field.Type;
        if (reader.TokenType == JsonTokenType.Null)
        {
            // Null empties what can be nil and leaves plain values as they are.
            if (type.IsPointer || type.Kind is not (TypeKind.String or TypeKind.Boolean or TypeKind.Int32 or TypeKind.Int64 or TypeKind.Float64 or TypeKind.Struct))
                _slots[slot] = default;
            return;
        }

        if (ReadValue(ref reader, type, _slots[slot]) is { IsUndefined: false } value)
            _slots[slot] = value;
    }

    private Value ReadValue(ref Utf8JsonReader reader, TypeRef type, Value existing)
    {
        var token = reader.TokenType;
        switch (type.Kind)
        {
            case TypeKind.String when token == JsonTokenType.String:
                return JsonText.Get(ref reader);
            case TypeKind.Struct when token == JsonTokenType.StartObject:
                return ReadStruct(ref reader, type.Struct!, existing.AsMap);
            case TypeKind.List when token == JsonTokenType.StartArray:
                return ReadList(ref reader, type.Element!, existing.AsSequence);
            case TypeKind.StringListMessage when token == JsonTokenType.StartArray:
                return ReadList(ref reader, StringType, existing.AsSequence);
            case TypeKind.Map when token == JsonTokenType.StartObject:
                return ReadMap(ref reader, type.Element!, existing.AsMap);
            case TypeKind.RawExtension or TypeKind.Json or TypeKind.Any or TypeKind.FieldsV1:
                // Kept as bytes in Go: what is inside is nobody's error.
                return UntypedJsonReader.Read(ref reader, new TypedJsonReader(false));
            case TypeKind.SchemaOrBool or TypeKind.SchemaOrArray or TypeKind.SchemaOrStringArray:
                return ReadSchemaUnion(ref reader, type);
            case TypeKind.List or TypeKind.StringListMessage or TypeKind.Map or TypeKind.Struct:
                break;
            case TypeKind.Bytes when token == JsonTokenType.StartArray:
                return ReadByteArray(ref reader);
            default:
                var scalar = ScalarJson.Read(ref reader, type.Kind, out var problem);
                if (problem is null)
                    return scalar;
                if (problem.Length == 0)
                    break;
                if (type.Kind == TypeKind.Bytes)
                    _typeError ??= problem;
                else
                    _ownError ??= problem;
                return default;
        }

        Mismatch(ref reader, type);
        return default;
    }

    /// <summary>The JSONSchemaProps unions decode what is inside on their own: without strict errors.</summary>
    private Value ReadSchemaUnion(ref Utf8JsonReader reader, TypeRef type)
    {
        _untracked++;
        try
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    return ReadStruct(ref reader, JsonSchemaProps, null);
                case JsonTokenType.True or JsonTokenType.False when type.Kind == TypeKind.SchemaOrBool:
                    return reader.TokenType == JsonTokenType.True;
                case JsonTokenType.StartArray when type.Kind != TypeKind.SchemaOrBool:
                    var items = ReadList(ref reader, type.Kind == TypeKind.SchemaOrArray ? JsonSchemaPropsRef : StringType, null);
                    return items.Count == 0 ? Value.Null : items;
                default:
                    reader.Skip();
                    if (type.Kind != TypeKind.SchemaOrBool)
                        return Value.Null;
                    _ownError ??= "boolean or JSON schema expected";
                    return default;
            }
        }
        finally
        {
            _untracked--;
        }
    }

    private Sequence ReadList(ref Utf8JsonReader reader, TypeRef element, Sequence? existing)
    {
        var sequence = new Sequence();
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            PushIndex(index);
            if (reader.TokenType == JsonTokenType.Null)
                sequence.Add(WhenNull(element));
            else
                sequence.Add(ReadValue(ref reader, element, existing is not null && index < existing.Count ? existing[index] : default) is { IsUndefined: false } value ? value : Value.Null);
            Pop();
        }

        return sequence;
    }

    /// <summary>Bytes written as a list of numbers, which Go takes as well as base64.</summary>
    private Value ReadByteArray(ref Utf8JsonReader reader)
    {
        var bytes = new List<byte>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            byte value = 0;
            if (reader.TokenType != JsonTokenType.Null && (reader.TokenType != JsonTokenType.Number || !reader.TryGetByte(out value)))
            {
                TypeError(reader.TokenType == JsonTokenType.Number ? $"number {Encoding.UTF8.GetString(reader.ValueSpan)}" : JsonDecoder.GoKind(reader.TokenType), "uint8");
                reader.Skip();
            }

            bytes.Add(value);
        }

        return Convert.ToBase64String(bytes.ToArray());
    }

    private Map ReadMap(ref Utf8JsonReader reader, TypeRef element, Map? existing)
    {
        var map = existing ?? new Map();
        var seen = existing is null ? null : new HashSet<string>(StringComparer.Ordinal);
        var sorted = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonText.Get(ref reader);
            if (seen is null ? map.ContainsKey(key) : !seen.Add(key))
                Strict("duplicate field", key);
            reader.Read();
            PushKey(key);
            var value = reader.TokenType == JsonTokenType.Null ? WhenNull(element) : ReadValue(ref reader, element, default);
            if (!value.IsUndefined)
            {
                sorted &= map.Count == 0 || string.CompareOrdinal(map.KeyAt(map.Count - 1), key) < 0;
                map.Set(key, value);
            }

            Pop();
        }

        // Go prints maps by key.
        if (!sorted)
            map.Sort(string.CompareOrdinal);
        return map;
    }

    private static Value WhenNull(TypeRef element) => element.IsPointer ? Value.Null : ZeroValues.Of(element);

    private void Mark(scoped Span<ulong> seen, int index, string name)
    {
        if ((seen[index >> 6] & (1UL << index)) != 0)
            Strict("duplicate field", name);
        seen[index >> 6] |= 1UL << index;
    }

    private void Push(Step step)
    {
        if (_depth == _steps.Length)
            Array.Resize(ref _steps, _depth * 2);
        _steps[_depth++] = step;
    }

    /// <summary>Notes a value of the wrong kind and passes over it. Go quotes the number only where a number was wanted.</summary>
    private void Mismatch(ref Utf8JsonReader reader, TypeRef type)
    {
        var what = reader.TokenType == JsonTokenType.Number && type.Kind is (TypeKind.Int32 or TypeKind.Int64 or TypeKind.Float64 or TypeKind.IntOrString)
            ? $"number {Encoding.UTF8.GetString(reader.ValueSpan)}"
            : JsonDecoder.GoKind(reader.TokenType);
        var isOwn = type.Kind is TypeKind.Time or TypeKind.MicroTime or TypeKind.Duration or TypeKind.IntOrString;
        var goType = !isOwn ? GoTypeName.Of(type) : type.Kind == TypeKind.IntOrString ? "int32" : "string";
        if (isOwn)
            _ownError ??= Describe(what, goType);
        else
            TypeError(what, goType);
        reader.Skip();
    }

    /// <summary>Notes the first value of a wrong type, with the Go struct and the fields on the way to it.</summary>
    public void TypeError(string what, string goType) => _typeError ??= Describe(what, goType);

    private string Describe(string what, string goType)
    {
        SchemaType? owner = null;
        var path = new StringBuilder();
        foreach (var step in _steps.AsSpan(0, _depth))
        {
            if (step.Field is null)
                continue;
            owner = step.Owner;
            path.Append(path.Length == 0 ? "" : ".").Append(step.Field.GoPath);
        }

        return owner is null
            ? $"json: cannot unmarshal {what} into Go value of type {goType}"
            : $"json: cannot unmarshal {what} into Go struct field {owner.ShortName}.{path} of type {goType}";
    }

    /// <summary>Notes a strict error below where decoding stands, once, up to the limit.</summary>
    public void Strict(string what, string name)
    {
        if (!strict || _untracked > 0 || _strictErrors.Count >= JsonDecoder.MaxStrictErrors)
            return;
        var path = new StringBuilder();
        foreach (var step in _steps.AsSpan(0, _depth))
        {
            if (asConverter && step.Field is null && step.Key is not null)
                continue;
            if ((step.Field?.Name ?? step.Key) is { } segment)
                path.Append(path.Length == 0 ? "" : ".").Append(segment);
            else
                path.Append('[').Append(step.Index).Append(']');
        }

        path.Append(path.Length == 0 ? "" : ".").Append(name);
        var error = $"{what} {Text.GoText.Quote(path.ToString())}";
        if (!_strictErrors.Contains(error))
            _strictErrors.Add(error);
    }
}
