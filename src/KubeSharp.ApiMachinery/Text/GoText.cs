using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Text;

/// <summary>How Go prints what upstream puts into its messages: <c>%q</c>, <c>%v</c> of floats, and <c>json.Marshal</c>.</summary>
public static class GoText
{
    /// <summary>strconv.Quote: a double-quoted Go literal; printable characters stay as they are.</summary>
    public static string Quote(string text)
    {
        var builder = new StringBuilder(text.Length + 2).Append('"');
        Span<char> buffer = stackalloc char[2];
        for (var at = 0; at < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, at, out var rune))
                rune = Rune.ReplacementChar;
            at += rune == Rune.ReplacementChar ? 1 : rune.Utf16SequenceLength;
            switch (rune.Value)
            {
                case '"': builder.Append("\\\""); break;
                case '\\': builder.Append("\\\\"); break;
                case '\a': builder.Append("\\a"); break;
                case '\b': builder.Append("\\b"); break;
                case '\f': builder.Append("\\f"); break;
                case '\n': builder.Append("\\n"); break;
                case '\r': builder.Append("\\r"); break;
                case '\t': builder.Append("\\t"); break;
                case '\v': builder.Append("\\v"); break;
                case < ' ' or 0x7f: builder.Append("\\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture)); break;
                default:
                    if (IsPrint(rune))
                        builder.Append(buffer[..rune.EncodeToUtf16(buffer)]);
                    else if (rune.Value < 0x10000)
                        builder.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture));
                    else
                        builder.Append("\\U").Append(rune.Value.ToString("x8", CultureInfo.InvariantCulture));
                    break;
            }
        }

        return builder.Append('"').ToString();
    }

    /// <summary>unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space.</summary>
    public static bool IsPrint(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        _ => true,
    };

    /// <summary>json.Marshal: no spaces, HTML characters escaped, keys in the tree's order.</summary>
    public static string Json(Value value)
    {
        var builder = new StringBuilder();
        AppendJson(builder, value);
        return builder.ToString();
    }

    /// <summary><c>%v</c> of a float64: the shortest digits that read back, an exponent below 1e-4 and from 1e21 on.</summary>
    public static string Float(double value) => FormatFloat(value, 1e-4);

    private static string FormatFloat(double value, double smallest)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "+Inf" : "-Inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0" : "0";
        var digits = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var magnitude = Math.Abs(value);
        if (magnitude >= smallest && magnitude < 1e21)
            return shortest.Contains('E', StringComparison.Ordinal) ? ExpandExponent(shortest) : shortest;
        if (!shortest.Contains('E', StringComparison.Ordinal))
            shortest = ToExponent(shortest, digits);
        var split = shortest.IndexOf('E');
        var exponent = int.Parse(shortest.AsSpan(split + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return $"{shortest[..split]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string ExpandExponent(string text)
    {
        var split = text.IndexOf('E');
        var exponent = int.Parse(text.AsSpan(split + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var negative = text[0] == '-';
        var mantissa = text[(negative ? 1 : 0)..split];
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa.Length : point;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var position = whole + exponent;
        var plain = position <= 0
            ? "0." + new string('0', -position) + digits
            : position >= digits.Length
                ? digits + new string('0', position - digits.Length)
                : digits[..position] + "." + digits[position..];
        return negative ? "-" + plain : plain;
    }

    private static string ToExponent(string shortest, string digits)
    {
        var exponent = int.Parse(digits.AsSpan(digits.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var negative = shortest[0] == '-';
        var significant = shortest.Replace("-", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal).Trim('0');
        if (significant.Length == 0)
            significant = "0";
        var mantissa = significant.Length == 1 ? significant : significant[..1] + "." + significant[1..];
        return $"{(negative ? "-" : "")}{mantissa}E{exponent}";
    }

    private static void AppendJson(StringBuilder builder, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.String:
                AppendJsonString(builder, value.AsString!);
                break;
            case ValueKind.Integer:
                builder.Append(value.AsInteger!.Value);
                break;
            case ValueKind.Float:
                builder.Append(JsonFloat(value.AsDouble!.Value));
                break;
            case ValueKind.Boolean:
                builder.Append(value.AsBoolean!.Value ? "true" : "false");
                break;
            case ValueKind.Map:
                builder.Append('{');
                var map = value.AsMap!;
                for (var i = 0; i < map.Count; i++)
                {
                    if (i > 0)
                        builder.Append(',');
                    AppendJsonString(builder, map.KeyAt(i));
                    builder.Append(':');
                    AppendJson(builder, map.ValueAt(i));
                }

                builder.Append('}');
                break;
            case ValueKind.Sequence:
                builder.Append('[');
                var sequence = value.AsSequence!;
                for (var i = 0; i < sequence.Count; i++)
                {
                    if (i > 0)
                        builder.Append(',');
                    AppendJson(builder, sequence[i]);
                }

                builder.Append(']');
                break;
            default:
                builder.Append("null");
                break;
        }
    }

    // encoding/json drops the leading zero of a two-digit negative exponent.
    private static string JsonFloat(double value)
    {
        var text = FormatFloat(value, 1e-6);
        var at = text.IndexOf("e-0", StringComparison.Ordinal);
        return at >= 0 ? text[..(at + 2)] + text[(at + 3)..] : text;
    }

    private static void AppendJsonString(StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (var character in text)
        {
            switch (character)
            {
                case '"': builder.Append("\\\""); break;
                case '\\': builder.Append("\\\\"); break;
                case '\b': builder.Append("\\b"); break;
                case '\f': builder.Append("\\f"); break;
                case '\n': builder.Append("\\n"); break;
                case '\r': builder.Append("\\r"); break;
                case '\t': builder.Append("\\t"); break;
                case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029':
                    builder.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default: builder.Append(character); break;
            }
        }

        builder.Append('"');
    }
}
