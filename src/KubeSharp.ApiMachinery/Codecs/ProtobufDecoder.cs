using System.Buffers;
using System.Runtime.CompilerServices;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Reads the messages of upstream's generated.proto into documents in the same normal form as JSON's. Unknown fields are
/// skipped. Malformed input is an error value; nothing is allocated for a length that the input does not have.
/// </summary>
public static class ProtobufDecoder
{
    /// <summary>Decodes a message; <paramref name="kind"/> gives the document's kind and apiVersion, which messages do not hold.</summary>
    public static DecodeResult Decode(ReadOnlySpan<byte> message, SchemaType type, GroupVersionKind? kind)
    {
        try
        {
            var map = ReadStruct(message, type);
            if (kind is { } known)
            {
                map.InsertAt(0, "apiVersion", known.GroupVersion.ToString());
                map.InsertAt(0, "kind", known.Kind);
            }

            return new DecodeResult(map, null, []);
        }
        catch (ProtobufException exception)
        {
            return DecodeResult.Failed(exception.Message);
        }
    }

    private static Map ReadStruct(ReadOnlySpan<byte> message, SchemaType type)
    {
        EnsureStack();
        // Fields come by number and may come in pieces; they wait in slots, by their index in Go's order.
        var fields = type.FieldSpan;
        var rented = ArrayPool<Value>.Shared.Rent(fields.Length);
        var slots = rented.AsSpan(0, fields.Length);
        slots.Clear();
        try
        {
            ReadInto(slots, message, type.Wire);
            return Collect(slots, fields);
        }
        finally
        {
            slots.Clear();
            ArrayPool<Value>.Shared.Return(rented);
        }
    }

    private static Map Collect(Span<Value> slots, ReadOnlySpan<SchemaField> fields)
    {
        var count = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            var field = fields[i];
            ref var value = ref slots[i];
            if (field.Type.Kind == TypeKind.Map && value.AsMap is { Count: > 1 } entries)
                entries.Sort(string.CompareOrdinal);
            if (value.IsUndefined || (!field.Type.IsPointer
                && ((field.OmitEmpty && ZeroValues.IsEmpty(value, field.Type)) || (field.OmitZero && ZeroValues.IsZero(value, field.Type)))))
                value = ZeroValues.WhenAbsent(field);
            if (!value.IsUndefined)
                count++;
        }

        var map = new Map(count);
        for (var i = 0; i < fields.Length; i++)
        {
            if (!slots[i].IsUndefined)
                map.Append(fields[i].Name, slots[i]);
        }

        return map;
    }

    private static void ReadInto(Span<Value> slots, ReadOnlySpan<byte> message, WireField[] layout)
    {
        var reader = new ProtobufReader(message);
        var hint = 0;
        while (reader.TryReadTag(out var number, out var wireType))
        {
            if (Find(layout, number, ref hint) is not { } wire)
            {
                reader.Skip(wireType);
                continue;
            }

            if (wire.Inlined is { } inlined)
            {
                ReadInto(slots, reader.ReadBytes(wireType), inlined);
                continue;
            }

            var field = wire.Field!;
            ref var slot = ref slots[field.Index];
            switch (field.Type.Kind)
            {
                case TypeKind.List:
                    var items = slot.AsSequence ?? new Sequence();
                    slot = items;
                    ReadItem(items, ref reader, wireType, field.Type.Element!);
                    break;
                case TypeKind.Map:
                    var entries = slot.AsMap ?? new Map();
                    slot = entries;
                    ReadEntry(entries, reader.ReadBytes(wireType), field.Type.Element!);
                    break;
                default:
                    slot = ReadValue(ref reader, wireType, field.Type);
                    break;
            }
        }
    }

    /// <summary>Layouts are ascending and so are messages: the next field is mostly at the hint or behind it.</summary>
    private static WireField? Find(WireField[] layout, int number, ref int hint)
    {
        for (var at = hint; at < layout.Length && layout[at].Number <= number; at++)
        {
            hint = at;
            if (layout[at].Number == number)
                return layout[at];
        }

        // A message of somebody else's making, out of order.
        for (var at = 0; at < hint; at++)
        {
            if (layout[at].Number == number)
                return layout[at];
        }

        return null;
    }

    private static void ReadItem(Sequence sequence, ref ProtobufReader reader, int wireType, TypeRef element)
    {
        // Numbers may come packed.
        if (wireType == 2 && element.Kind is (TypeKind.Int32 or TypeKind.Int64 or TypeKind.Boolean))
        {
            var packed = new ProtobufReader(reader.ReadBytes(wireType));
            while (!packed.IsAtEnd)
                sequence.Add(ReadValue(ref packed, 0, element));
            return;
        }

        sequence.Add(ReadValue(ref reader, wireType, element));
    }

    private static void ReadEntry(Map map, ReadOnlySpan<byte> entry, TypeRef valueType)
    {
        var key = "";
        var value = valueType.Kind == TypeKind.Bytes ? "" : ZeroValues.Of(valueType);
        Sequence? list = null;
        var reader = new ProtobufReader(entry);
        while (reader.TryReadTag(out var number, out var wireType))
        {
            if (number == 1)
                key = ReadText(reader.ReadBytes(wireType));
            else if (number == 2 && valueType.Kind == TypeKind.List)
                ReadItem(list ??= new Sequence(), ref reader, wireType, valueType.Element!);
            else if (number == 2)
                value = ReadValue(ref reader, wireType, valueType);
            else
                reader.Skip(wireType);
        }

        map.Set(key, list is null ? value : list);
    }

    private static Value ReadValue(ref ProtobufReader reader, int wireType, TypeRef type)
    {
        switch (type.Kind)
        {
            case TypeKind.String:
                return ReadText(reader.ReadBytes(wireType));
            case TypeKind.Boolean:
                return reader.ReadVarint(wireType) != 0;
            case TypeKind.Int32:
                return (int)reader.ReadVarint(wireType);
            case TypeKind.Int64:
                return (long)reader.ReadVarint(wireType);
            case TypeKind.Float64:
                return BitConverter.Int64BitsToDouble((long)reader.ReadFixed64(wireType));
            case TypeKind.Bytes:
                return Convert.ToBase64String(reader.ReadBytes(wireType));
            case TypeKind.Struct:
                return ReadStruct(reader.ReadBytes(wireType), type.Struct!);
            default:
                return ReadMessage(reader.ReadBytes(wireType), type);
        }
    }

    private static Value ReadMessage(ReadOnlySpan<byte> message, TypeRef type)
    {
        EnsureStack();
        long first = 0, second = 0;
        ReadOnlySpan<byte> bytes = default;
        var hasBytes = false;
        Map? schema = null;
        Sequence? items = null;
        var reader = new ProtobufReader(message);
        while (reader.TryReadTag(out var number, out var wireType))
        {
            switch (type.Kind, number)
            {
                case (TypeKind.Time or TypeKind.MicroTime or TypeKind.Duration or TypeKind.IntOrString or TypeKind.SchemaOrBool, 1):
                    first = (long)reader.ReadVarint(wireType);
                    break;
                case (TypeKind.Time or TypeKind.MicroTime or TypeKind.IntOrString, 2):
                    second = (long)reader.ReadVarint(wireType);
                    break;
                case (TypeKind.IntOrString, 3):
                case (TypeKind.Quantity or TypeKind.RawExtension or TypeKind.FieldsV1 or TypeKind.Json, 1):
                    bytes = reader.ReadBytes(wireType);
                    hasBytes = true;
                    break;
                case (TypeKind.StringListMessage, 1):
                case (TypeKind.SchemaOrStringArray, 2):
                    (items ??= new Sequence()).Add(ReadText(reader.ReadBytes(wireType)));
                    break;
                case (TypeKind.SchemaOrBool, 2):
                case (TypeKind.SchemaOrArray or TypeKind.SchemaOrStringArray, 1):
                    schema = ReadStruct(reader.ReadBytes(wireType), TypedJsonReader.JsonSchemaProps);
                    break;
                case (TypeKind.SchemaOrArray, 2):
                    (items ??= new Sequence()).Add(ReadStruct(reader.ReadBytes(wireType), TypedJsonReader.JsonSchemaProps));
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        switch (type.Kind)
        {
            case TypeKind.Time or TypeKind.MicroTime:
                return message.IsEmpty ? Value.Null : FormatTime(first, second, type.Kind == TypeKind.MicroTime);
            case TypeKind.Duration:
                return GoDuration.Format(first);
            case TypeKind.IntOrString:
                return first == 1 ? ReadText(bytes) : (Value)(int)second;
            case TypeKind.Quantity:
                return ReadQuantity(bytes);
            case TypeKind.RawExtension or TypeKind.FieldsV1 or TypeKind.Json:
                if (!hasBytes || bytes.IsEmpty)
                    return Value.Null;
                var value = JsonDecoder.DecodeValue(bytes);
                return value.IsUndefined ? throw new ProtobufException("a raw field holds no JSON") : value;
            case TypeKind.SchemaOrBool:
                return schema is null ? first != 0 : schema;
            case TypeKind.StringListMessage:
                return items ?? new Sequence(0);
            default:
                return schema is not null ? schema : items is not null ? items : Value.Null;
        }
    }

    private static Value ReadQuantity(ReadOnlySpan<byte> bytes)
    {
        var text = ReadText(bytes);
        return text.Length == 0 ? "0"
            : Resources.Quantity.TryParse(text, out var quantity, out var error) ? quantity.ToString()
            : throw new ProtobufException(error);
    }

    private static Value FormatTime(long seconds, long nanoseconds, bool micro)
    {
        // What DateTimeOffset can hold: years 1 to 9999.
        if (seconds is < -62135596800 or > 253402300799 || nanoseconds is < 0 or > 999_999_999)
            throw new ProtobufException("a time is out of range");
        return ScalarJson.FormatTime(DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / 100), micro);
    }

    /// <summary>Go's strings hold any bytes, ours do not: what is no text becomes U+FFFD.</summary>
    private static string ReadText(ReadOnlySpan<byte> bytes) => TextCache.Get(bytes);

    private static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ProtobufException("exceeded max depth");
    }
}

/// <summary>Why a message could not be read; never leaves the codec.</summary>
internal sealed class ProtobufException(string message) : Exception(message);

/// <summary>Walks the fields of one message.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public bool TryReadTag(out int number, out int wireType)
    {
        number = wireType = 0;
        if (_rest.IsEmpty)
            return false;
        var tag = ReadVarint(0);
        number = (int)(tag >> 3);
        wireType = (int)(tag & 7);
        return number > 0 ? true : throw new ProtobufException($"proto: illegal tag {number} (wire type {wireType})");
    }

    public ulong ReadVarint(int wireType)
    {
        if (wireType != 0)
            throw new ProtobufException($"proto: wrong wireType = {wireType}");
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty)
                throw new ProtobufException("unexpected EOF");
            var b = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value;
        }

        throw new ProtobufException("proto: integer overflow");
    }

    public ulong ReadFixed64(int wireType)
    {
        if (wireType != 1)
            throw new ProtobufException($"proto: wrong wireType = {wireType}");
        if (_rest.Length < 8)
            throw new ProtobufException("unexpected EOF");
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        _rest = _rest[8..];
        return value;
    }

    public ReadOnlySpan<byte> ReadBytes(int wireType)
    {
        if (wireType != 2)
            throw new ProtobufException($"proto: wrong wireType = {wireType}");
        var length = ReadVarint(0);
        if (length > (ulong)_rest.Length)
            throw new ProtobufException("unexpected EOF");
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    public void Skip(int wireType)
    {
        switch (wireType)
        {
            case 0:
                ReadVarint(0);
                break;
            case 1:
                ReadFixed64(1);
                break;
            case 2:
                ReadBytes(2);
                break;
            case 5 when _rest.Length >= 4:
                _rest = _rest[4..];
                break;
            case 5:
                throw new ProtobufException("unexpected EOF");
            default:
                throw new ProtobufException($"proto: illegal wireType {wireType}");
        }
    }
}
