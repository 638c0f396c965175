using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Reads JSON without a schema. Whole numbers that fit are integers, others floats; the last of duplicate keys wins.</summary>
internal static class UntypedJsonReader
{
    public static Value Read(ref Utf8JsonReader reader, TypedJsonReader context)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JsonException("exceeded max depth");
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMap(ref reader, context);
            case JsonTokenType.StartArray:
                var sequence = new Sequence();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    context.PushIndex(sequence.Count);
                    sequence.Add(Read(ref reader, context));
                    context.Pop();
                }

                return sequence;
            case JsonTokenType.String:
                return JsonText.Get(ref reader);
            case JsonTokenType.Number:
                return ReadNumber(ref reader, context);
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                return Value.Null;
        }
    }

    private static Value ReadNumber(ref Utf8JsonReader reader, TypedJsonReader context)
    {
        if (reader.TryGetInt64(out var integer))
            return integer;
        if (reader.TryGetDouble(out var number) && double.IsFinite(number))
            return number;
        context.TypeError($"number {Encoding.UTF8.GetString(reader.ValueSpan)}", "float64");
        return Value.Null;
    }

    private static Map ReadMap(ref Utf8JsonReader reader, TypedJsonReader context)
    {
        var map = new Map();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = JsonText.Get(ref reader);
            if (map.ContainsKey(key))
                context.Strict("duplicate field", key);
            reader.Read();
            context.PushKey(key);
            map.Set(key, Read(ref reader, context));
            context.Pop();
        }

        return map;
    }
}
