using System.Text;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Text;

/// <summary>How Go's fmt prints decoded JSON, for messages that carry it.</summary>
public static class GoPrint
{
    /// <summary><c>%v</c>: <c>map[a:1 b:[x y]]</c>, keys sorted, strings bare.</summary>
    public static string Plain(Value value)
    {
        var builder = new StringBuilder();
        Append(builder, value);
        return builder.ToString();
    }

    /// <summary>The Go type of a decoded value, as reflect prints it.</summary>
    public static string TypeName(Value value) => value.Kind switch
    {
        ValueKind.Map => MapType,
        ValueKind.Sequence => SequenceType,
        ValueKind.String => "string",
        ValueKind.Integer => "int64",
        ValueKind.Float => "float64",
        ValueKind.Boolean => "bool",
        _ => "%!s(<nil>)",
    };

    public const string MapType = "map[string]interface {}";

    public const string SequenceType = "[]interface {}";

    private static void Append(StringBuilder builder, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Map:
                builder.Append("map[");
                var first = true;
                foreach (var (key, item) in value.AsMap!.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    builder.Append(first ? "" : " ").Append(key).Append(':');
                    Append(builder, item);
                    first = false;
                }

                builder.Append(']');
                break;
            case ValueKind.Sequence:
                builder.Append('[');
                var sequence = value.AsSequence!;
                for (var i = 0; i < sequence.Count; i++)
                {
                    builder.Append(i == 0 ? "" : " ");
                    Append(builder, sequence[i]);
                }

                builder.Append(']');
                break;
            case ValueKind.Float:
                builder.Append(GoText.Float(value.AsDouble!.Value));
                break;
            case ValueKind.Null or ValueKind.Undefined:
                builder.Append("<nil>");
                break;
            default:
                builder.Append(value.ToString());
                break;
        }
    }
}
