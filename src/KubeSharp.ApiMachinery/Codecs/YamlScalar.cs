using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>What a plain YAML 1.1 scalar means to go-yaml v2: yes and on are booleans, 0x and 0o and leading zeros are
/// bases, dates stay text (go.yaml.in/yaml/v2 resolve.go).</summary>
internal static partial class YamlScalar
{
    private static readonly FrozenDictionary<string, Value> Words = new Dictionary<string, Value>
    {
        ["y"] = true, ["Y"] = true, ["yes"] = true, ["Yes"] = true, ["YES"] = true,
        ["true"] = true, ["True"] = true, ["TRUE"] = true, ["on"] = true, ["On"] = true, ["ON"] = true,
        ["n"] = false, ["N"] = false, ["no"] = false, ["No"] = false, ["NO"] = false,
        ["false"] = false, ["False"] = false, ["FALSE"] = false, ["off"] = false, ["Off"] = false, ["OFF"] = false,
        [""] = Value.Null, ["~"] = Value.Null, ["null"] = Value.Null, ["Null"] = Value.Null, ["NULL"] = Value.Null,
        [".nan"] = double.NaN, [".NaN"] = double.NaN, [".NAN"] = double.NaN,
        [".inf"] = double.PositiveInfinity, [".Inf"] = double.PositiveInfinity, [".INF"] = double.PositiveInfinity,
        ["+.inf"] = double.PositiveInfinity, ["+.Inf"] = double.PositiveInfinity, ["+.INF"] = double.PositiveInfinity,
        ["-.inf"] = double.NegativeInfinity, ["-.Inf"] = double.NegativeInfinity, ["-.INF"] = double.NegativeInfinity,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static Value Resolve(string text)
    {
        if (Words.TryGetValue(text, out var word))
            return word;
        var first = text[0];
        if (first == '.')
            return Float().IsMatch(text) && TryParseFloat(text, out var fraction) ? fraction : text;
        if (!char.IsAsciiDigit(first) && first is not ('+' or '-'))
            return text;
        if (IsTimestamp(text))
            return text;
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (TryParseInteger(plain, out var integer))
            return integer;
        return Float().IsMatch(plain) && TryParseFloat(plain, out var number) ? number : text;
    }

    /// <summary>Whether a string can stand in YAML without quotes and still be read as this string.</summary>
    public static bool IsPlainString(string text) =>
        text != "<<" && Resolve(text).AsString is not null && !IsTimestamp(text) && !Base60().IsMatch(text);

    /// <summary>Go's ParseInt with base 0; what only fits an unsigned integer becomes a float here.</summary>
    private static bool TryParseInteger(string text, out Value value)
    {
        value = default;
        var negative = text.StartsWith('-');
        var digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, var skip) = char.ToLowerInvariant(digits[1]) switch { 'x' => (16, 2), 'o' => (8, 2), 'b' => (2, 2), _ => (8, 1) };
            digits = digits[skip..];
        }

        if (digits.IsEmpty || digits.Length > 64)
            return false;
        BigInteger number = 0;
        foreach (var character in digits)
        {
            var digit = char.IsAsciiHexDigit(character) ? Convert.ToInt32(character.ToString(), 16) : radix;
            if (digit >= radix)
                return false;
            number = (number * radix) + digit;
        }

        number = negative ? -number : number;
        if (number >= long.MinValue && number <= long.MaxValue)
            value = (long)number;
        else if (number > 0 && number <= ulong.MaxValue)
            value = (double)number;
        return !value.IsUndefined;
    }

    private static bool TryParseFloat(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static bool IsTimestamp(string text)
    {
        if (text.Length < 8 || text[4] != '-' || Timestamp().Match(text) is not { Success: true } match)
            return false;
        int Part(string name) => match.Groups[name] is { Success: true, Value: var digits } ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;
        var (year, month, day) = (Part("year"), Part("month"), Part("day"));
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(Math.Max(year, 1), month)
            && Part("hour") < 24 && Part("minute") < 60 && Part("second") < 60;
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();

    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$")]
    private static partial Regex Base60();

    [GeneratedRegex(@"^(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})(?:[Tt](?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})| +(?<hour>[0-9]{1,2}):(?<minute>[0-9]{1,2}):(?<second>[0-9]{1,2})(?:[.,][0-9]+)?)?$")]
    private static partial Regex Timestamp();
}
