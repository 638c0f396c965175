using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Meta;

/// <summary>Fields that hold a number or a string (ports, <c>25%</c>). Follows apimachinery/pkg/util/intstr/intstr.go.</summary>
public static class IntOrString
{
    /// <summary>The number; a string is converted, 0 when it is none.</summary>
    public static int IntValue(Value value) => value.AsString is { } text
        ? int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0
        : (int)(value.AsInteger ?? 0);

    public static string Text(Value value) => value.AsString ?? IntValue(value).ToString(CultureInfo.InvariantCulture);

    /// <summary>A number as it is, a percentage of <paramref name="total"/> rounded as asked; false with upstream's message.</summary>
    public static bool TryGetScaledValue(Value value, int total, bool roundUp, out int result, out string error)
    {
        (result, error) = (0, "");
        switch (value.Kind)
        {
            case ValueKind.Integer:
                result = (int)value.AsInteger!.Value;
                return true;
            case ValueKind.Undefined or ValueKind.Null:
                error = "nil value for IntOrString";
                return false;
        }

        var text = value.AsString ?? "";
        if (!text.EndsWith('%'))
        {
            error = "invalid value for IntOrString: invalid type: string is not a percentage";
            return false;
        }

        if (!int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var percent))
        {
            error = $"invalid value for IntOrString: invalid value {GoText.Quote(text)}: strconv.Atoi: parsing {GoText.Quote(text[..^1])}: invalid syntax";
            return false;
        }

        var share = percent * (double)total / 100;
        result = (int)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
        return true;
    }
}
