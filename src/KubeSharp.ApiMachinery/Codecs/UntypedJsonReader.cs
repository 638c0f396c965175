using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Reads JSON without a schema. Whole numbers that fit are integers, others floats; the last of duplicate keys wins.</summary>
internal static class UntypedJsonReader
{
    public static Value Read(ref Utf8JsonReader reader, TypedJsonReader context, int depth)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JsonException("exceeded max depth");
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMap(ref reader, context, depth);
            case JsonTokenType.StartArray:
                var sequence = new Sequence();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    sequence.Add(Read(ref reader, context, depth + 1));
                return sequence;
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return ReadNumber(ref reader);
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            default:
                return Value.Null;
        }
    }

    internal static Value ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
            return integer;
        return reader.TryGetDouble(out var number) && double.IsFinite(number) ? number : Value.Null;
    }

    private static Map ReadMap(ref Utf8JsonReader reader, TypedJsonReader context, int depth)
    {
        var map = new Map();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            if (map.ContainsKey(key))
                context.Duplicate(key);
            reader.Read();
            context.Push(key);
            map.Set(key, Read(ref reader, context, depth + 1));
            context.Pop();
        }

        return map;
    }
}
