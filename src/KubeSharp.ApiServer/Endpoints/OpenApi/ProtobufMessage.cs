using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>How a value of an OpenAPI tree is written as a field of a message.</summary>
internal enum ProtobufKind
{
    Text,
    Flag,
    Integer,
    Number,

    /// <summary>A list of strings, or one.</summary>
    Texts,

    /// <summary>Anything, as YAML.</summary>
    Any,
    Anys,
    Message,
    Messages,
}

/// <summary>
/// A message of the OpenAPI protobuf formats (gnostic-models openapiv2 and openapiv3) as a table: which key of the tree is
/// which field. A message is one of three: fields, a choice that wraps one other message, or entries by name.
/// </summary>
internal sealed class ProtobufMessage
{
    private readonly Dictionary<string, (int Number, ProtobufKind Kind, ProtobufMessage? Message)> _fields = new(StringComparer.Ordinal);
    private Func<Value, (int Number, ProtobufMessage? Message)>? _choose;
    private (int Number, ProtobufMessage Value)? _entries;
    private int _extensions;

    /// <summary>Adds fields of one kind, in the form <c>key=number</c>.</summary>
    public ProtobufMessage With(ProtobufKind kind, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            _fields[field[..equals]] = (int.Parse(field.AsSpan(equals + 1)), kind, null);
        }

        return this;
    }

    public ProtobufMessage With(string key, int number, ProtobufMessage message, bool repeated = false)
    {
        _fields[key] = (number, repeated ? ProtobufKind.Messages : ProtobufKind.Message, message);
        return this;
    }

    /// <summary>The field of keys that start with <c>x-</c>.</summary>
    public ProtobufMessage WithExtensions(int number)
    {
        _extensions = number;
        return this;
    }

    /// <summary>A message that wraps another; a null message stands for a scalar.</summary>
    public static ProtobufMessage Choice(Func<Value, (int Number, ProtobufMessage? Message)> choose) => new() { _choose = choose };

    /// <summary>A message of named entries: field <paramref name="number"/> is a message of name and value.</summary>
    public static ProtobufMessage Entries(ProtobufMessage value, int number = 1) => new() { _entries = (number, value) };

    public void Encode(Value value, IBufferWriter<byte> output)
    {
        if (_choose is not null)
        {
            var (number, message) = _choose(value);
            if (number == 0)
                return;
            if (message is not null)
                Nested(number, output, inner => message.Encode(value, inner));
            else
                Scalar(number, value, output);
            return;
        }

        if (value.AsMap is not { } map)
            return;
        foreach (var (key, item) in map)
        {
            if (_entries is { } entries)
                Nested(entries.Number, output, inner => EncodeEntry(key, item, entries.Value, inner));
            else if (_fields.TryGetValue(key, out var field))
                EncodeField(field.Number, field.Kind, field.Message, item, output);
            else if (_extensions > 0 && key.StartsWith("x-", StringComparison.Ordinal))
                Nested(_extensions, output, inner => EncodeExtension(key, item, inner));
        }
    }

    /// <summary>Writes one named entry: the name is field 1, the value field 2.</summary>
    public static void EncodeEntry(string name, Value value, ProtobufMessage message, IBufferWriter<byte> output)
    {
        WriteText(1, name, output);
        Nested(2, output, inner => message.Encode(value, inner));
    }

    public static void Nested(int number, IBufferWriter<byte> output, Action<IBufferWriter<byte>> write)
    {
        var inner = new ArrayBufferWriter<byte>(256);
        write(inner);
        WriteBytes(number, inner.WrittenSpan, output);
    }

    public static void WriteText(int number, string text, IBufferWriter<byte> output) => WriteBytes(number, Encoding.UTF8.GetBytes(text), output);

    public static void WriteBytes(int number, ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        WriteHead(number, (ulong)bytes.Length, output);
        output.Write(bytes);
    }

    /// <summary>The tag and length of a field with so many bytes.</summary>
    public static void WriteHead(int number, ulong length, IBufferWriter<byte> output)
    {
        Varint((ulong)(number << 3 | 2), output);
        Varint(length, output);
    }

    private static void EncodeField(int number, ProtobufKind kind, ProtobufMessage? message, Value value, IBufferWriter<byte> output)
    {
        switch (kind)
        {
            case ProtobufKind.Texts when value.AsSequence is { } texts:
                foreach (var text in texts)
                    WriteText(number, text.AsString ?? "", output);
                break;
            case ProtobufKind.Any:
                Nested(number, output, inner => EncodeAny(value, inner));
                break;
            case ProtobufKind.Anys when value.AsSequence is { } items:
                foreach (var item in items)
                    Nested(number, output, inner => EncodeAny(item, inner));
                break;
            case ProtobufKind.Message:
                Nested(number, output, inner => message!.Encode(value, inner));
                break;
            case ProtobufKind.Messages when value.AsSequence is { } items:
                foreach (var item in items)
                    Nested(number, output, inner => message!.Encode(item, inner));
                break;
            case ProtobufKind.Integer when value.AsInteger is { } integer and not 0:
                Varint((ulong)(number << 3), output);
                Varint((ulong)integer, output);
                break;
            default:
                Scalar(number, value, output);
                break;
        }
    }

    // Zeros are not written, save in a oneof, which the caller's choice stands for.
    private static void Scalar(int number, Value value, IBufferWriter<byte> output)
    {
        if (value.AsString is { } text)
        {
            WriteText(number, text, output);
        }
        else if (value.AsBoolean is { } flag)
        {
            Varint((ulong)(number << 3), output);
            Varint(flag ? 1UL : 0, output);
        }
        else if (value.AsDouble is { } real)
        {
            Varint((ulong)(number << 3 | 1), output);
            BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(8), real);
            output.Advance(8);
        }
    }

    private static void EncodeExtension(string key, Value value, IBufferWriter<byte> output)
    {
        WriteText(1, key, output);
        Nested(2, output, inner => EncodeAny(value, inner));
    }

    private static void EncodeAny(Value value, IBufferWriter<byte> output)
    {
        var yaml = new ArrayBufferWriter<byte>(128);
        YamlCodec.Encode(value, yaml);
        WriteBytes(2, yaml.WrittenSpan, output);
    }

    private static void Varint(ulong value, IBufferWriter<byte> output)
    {
        var span = output.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        output.Advance(length);
    }
}
