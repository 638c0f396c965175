using System.Buffers;
using System.Buffers.Text;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Writes documents as the messages of upstream's generated.proto, byte for byte as gogo/protobuf marshals the Go types:
/// fields by ascending number, plain scalars and structs always, pointers when set, maps by key.
/// </summary>
public static class ProtobufEncoder
{
    /// <summary>Writes the message of a document in normal form (as the decoders make it). Kind and apiVersion are not part of it.</summary>
    public static void Encode(Map map, SchemaType type, IBufferWriter<byte> output)
    {
        var writer = new ReverseProtobufWriter(4096);
        try
        {
            WriteStruct(ref writer, map, type.Wire);
            output.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    internal static void WriteStruct(ref ReverseProtobufWriter writer, Map map, WireField[] layout)
    {
        for (var i = layout.Length - 1; i >= 0; i--)
        {
            var wire = layout[i];
            if (wire.Inlined is { } inlined)
            {
                var before = writer.Length;
                WriteStruct(ref writer, map, inlined);
                writer.CloseMessage(wire.Number, before);
                continue;
            }

            var field = wire.Field!;
            var value = map[field.Name];
            if (value.IsNullOrUndefined && (field.Type.IsPointer || field.Type.Kind is TypeKind.List or TypeKind.Map or TypeKind.Bytes or TypeKind.StringListMessage))
                continue;
            WriteField(ref writer, wire.Number, value, field.Type);
        }
    }

    private static void WriteField(ref ReverseProtobufWriter writer, int number, Value value, TypeRef type)
    {
        switch (type.Kind)
        {
            case TypeKind.List:
                var items = value.AsSequence ?? Sequence.Empty;
                for (var i = items.Count - 1; i >= 0; i--)
                    WriteField(ref writer, number, items[i], type.Element!);
                break;
            case TypeKind.Map:
                WriteMap(ref writer, number, value.AsMap ?? Map.Empty, type.Element!);
                break;
            case TypeKind.String:
                writer.WriteString(number, value.AsString ?? "");
                break;
            case TypeKind.Boolean:
                writer.WriteInteger(number, value.AsBoolean == true ? 1 : 0);
                break;
            case TypeKind.Int32 or TypeKind.Int64:
                writer.WriteInteger(number, value.AsInteger ?? 0);
                break;
            case TypeKind.Float64:
                writer.WriteFixed64(number, (ulong)BitConverter.DoubleToInt64Bits(value.AsDouble ?? 0));
                break;
            case TypeKind.Bytes:
                writer.WriteBytes(number, Convert.FromBase64String(value.AsString ?? ""));
                break;
            default:
                var before = writer.Length;
                WriteMessage(ref writer, value, type);
                writer.CloseMessage(number, before);
                break;
        }
    }

    private static void WriteMap(ref ReverseProtobufWriter writer, int number, Map map, TypeRef valueType)
    {
        var keys = new string[map.Count];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = map.KeyAt(i);
        Array.Sort(keys, CompareUtf8);
        for (var i = keys.Length - 1; i >= 0; i--)
        {
            var before = writer.Length;
            var value = map[keys[i]];
            if (valueType.Kind != TypeKind.Bytes || !value.IsNullOrUndefined)
                WriteField(ref writer, 2, value, valueType);
            writer.WriteString(1, keys[i]);
            writer.CloseMessage(number, before);
        }
    }

    /// <summary>Go sorts strings by bytes; UTF-16 order differs from that only where surrogates meet U+E000 and up.</summary>
    private static int CompareUtf8(string a, string b)
    {
        var order = string.CompareOrdinal(a, b);
        return order == 0 || (IsBelowSurrogates(a) && IsBelowSurrogates(b)) ? order : Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
    }

    private static bool IsBelowSurrogates(string text) => text.AsSpan().IndexOfAnyInRange('\ud800', '\uffff') < 0;

    /// <summary>The content of a message field, without its tag and length.</summary>
    private static void WriteMessage(ref ReverseProtobufWriter writer, Value value, TypeRef type)
    {
        switch (type.Kind)
        {
            case TypeKind.Struct:
                WriteStruct(ref writer, value.AsMap ?? Map.Empty, type.Struct!.Wire);
                break;
            case TypeKind.Quantity:
                writer.WriteString(1, value.AsString ?? "0");
                break;
            case TypeKind.Time or TypeKind.MicroTime:
                if (value.AsString is { } text && ScalarJson.TryParseTime(text, type.Kind == TypeKind.MicroTime, out var time, out _))
                    WriteTimestamp(ref writer, time, type.Kind == TypeKind.MicroTime);
                break;
            case TypeKind.Duration:
                writer.WriteInteger(1, GoDuration.TryParse(value.AsString ?? "0s", out var nanoseconds, out _) ? nanoseconds : 0);
                break;
            case TypeKind.IntOrString:
                writer.WriteString(3, value.AsString ?? "");
                writer.WriteInteger(2, value.AsInteger ?? 0);
                writer.WriteInteger(1, value.AsString is null ? 0 : 1);
                break;
            case TypeKind.RawExtension or TypeKind.FieldsV1 or TypeKind.Json:
                if (value.IsUndefined || (value.IsNull && type.Kind != TypeKind.Json))
                    break;
                var json = new ArrayBufferWriter<byte>(256);
                JsonEncoder.Encode(value, json);
                writer.WriteBytes(1, json.WrittenSpan);
                break;
            case TypeKind.StringListMessage:
                WriteStrings(ref writer, 1, value.AsSequence);
                break;
            case TypeKind.SchemaOrBool:
                WriteSchemaField(ref writer, 2, value.AsMap);
                writer.WriteInteger(1, value.AsBoolean == true || value.AsMap is not null ? 1 : 0);
                break;
            case TypeKind.SchemaOrArray:
                var schemas = value.AsSequence ?? Sequence.Empty;
                for (var i = schemas.Count - 1; i >= 0; i--)
                    WriteSchemaField(ref writer, 2, schemas[i].AsMap);
                WriteSchemaField(ref writer, 1, value.AsMap);
                break;
            case TypeKind.SchemaOrStringArray:
                WriteStrings(ref writer, 2, value.AsSequence);
                WriteSchemaField(ref writer, 1, value.AsMap);
                break;
        }
    }

    private static void WriteTimestamp(ref ReverseProtobufWriter writer, DateTimeOffset time, bool micro)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        // Time keeps whole seconds only: protobuf must not store what JSON cannot show.
        writer.WriteInteger(2, micro ? rest / TimeSpan.TicksPerMicrosecond * 1000 : 0);
        writer.WriteInteger(1, seconds);
    }

    private static void WriteStrings(ref ReverseProtobufWriter writer, int number, Sequence? items)
    {
        for (var i = (items?.Count ?? 0) - 1; i >= 0; i--)
            writer.WriteString(number, items![i].AsString ?? "");
    }

    private static void WriteSchemaField(ref ReverseProtobufWriter writer, int number, Map? schema)
    {
        if (schema is null)
            return;
        var before = writer.Length;
        WriteStruct(ref writer, schema, TypedJsonReader.JsonSchemaProps.Wire);
        writer.CloseMessage(number, before);
    }
}
