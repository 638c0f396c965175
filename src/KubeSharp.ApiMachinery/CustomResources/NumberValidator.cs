using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Ranges and multiples: integers are compared as integers, everything else as floats
/// (kube-openapi/pkg/validation/validate/{validator,values}.go, go-openapi/swag convert.go).</summary>
internal static class NumberValidator
{
    private const double MaxWhole = (1L << 53) - 1;
    private const double Epsilon = 1e-9;

    public static void Check(JsonSchema schema, Value value, string path, SchemaResult result)
    {
        var type = schema.Types.Count == 1 && schema.Types[0] is "integer" or "number" ? schema.Types[0] : "";
        var format = type.Length == 0 ? "" : schema.CheckedFormat;
        result.Add(CheckRange(value, type, format, "Checked", path));
        var number = value.AsDouble!.Value;
        var integer = value.AsInteger;
        var (multiples, minimum, maximum) = (new SchemaResult(), new SchemaResult(), new SchemaResult());
        if (schema.MultipleOf is { } factor)
        {
            multiples.Add(CheckRange(factor, type, format, "MultipleOf", path));
            multiples.Add(multiples.IsValid && integer is { } whole ? MultipleOfInteger(whole, (long)factor, path) : MultipleOf(number, value, factor, path));
        }

        if (schema.Maximum is { } max)
        {
            maximum.Add(CheckRange(max, type, format, "Maximum boundary", path));
            var asInteger = maximum.IsValid && integer is not null;
            var exceeds = asInteger ? (schema.ExclusiveMaximum ? integer >= (long)max : integer > (long)max) : schema.ExclusiveMaximum ? number >= max : number > max;
            if (exceeds)
                maximum.Add(Failure(path, value, $"{path} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{Print(max, asInteger)}"));
        }

        if (schema.Minimum is { } min)
        {
            minimum.Add(CheckRange(min, type, format, "Minimum boundary", path));
            var asInteger = minimum.IsValid && integer is not null;
            var exceeds = asInteger ? (schema.ExclusiveMinimum ? integer <= (long)min : integer < (long)min) : schema.ExclusiveMinimum ? number <= min : number < min;
            if (exceeds)
                minimum.Add(Failure(path, value, $"{path} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{Print(min, asInteger)}"));
        }

        result.Merge(multiples);
        result.Merge(minimum);
        result.Merge(maximum);
    }

    /// <summary>Whether a float is a whole number, give or take a rounding error.</summary>
    public static bool IsWhole(double value)
    {
        if (!double.IsFinite(value) || value < -MaxWhole || value > MaxWhole)
            return false;
        var whole = (double)(long)value;
        if (value == whole)
            return true;
        if (value == 0 || whole == 0)
            return false;
        return Math.Abs(value - whole) / Math.Min(Math.Abs(value) + Math.Abs(whole), double.MaxValue) < Epsilon;
    }

    private static SchemaFailure? CheckRange(Value value, string type, string format, string prefix, string path)
    {
        bool fits;
        if (type == "integer")
        {
            long? integer = value.AsInteger ?? (value.AsDouble is { } number && Math.Floor(number) == number && Math.Abs(number) < 9.2e18 ? (long)number : null);
            fits = integer is { } known && (format != "int32" || known is >= int.MinValue and <= int.MaxValue);
        }
        else
        {
            fits = format != "float" || float.IsFinite((float)value.AsDouble!.Value);
        }

        if (fits)
            return null;
        return new SchemaFailure(FailureKind.Composite, "", format.Length > 0
            ? $"{prefix} value must be of type {type} with format {format} in {path}"
            : $"{prefix} value must be of type {type} (default format) in {path}");
    }

    private static SchemaFailure? MultipleOfInteger(long value, long factor, string path)
    {
        if (factor <= 0)
            return NotPositive(path, factor);
        return value % factor == 0 ? null : Failure(path, value, $"{path} in body should be a multiple of {factor.ToString(CultureInfo.InvariantCulture)}");
    }

    private static SchemaFailure? MultipleOf(double number, Value value, double factor, string path)
    {
        if (factor <= 0)
            return NotPositive(path, factor);
        return IsWhole(factor < 1 ? 1 / factor * number : number / factor) ? null : Failure(path, value, $"{path} in body should be a multiple of {GoText.Float(factor)}");
    }

    private static SchemaFailure NotPositive(string path, Value factor) =>
        Failure(path, factor, $"factor MultipleOf declared for {path} must be positive: {GoText.Float(factor.AsDouble!.Value)}");

    private static SchemaFailure Failure(string path, Value value, string message) => new(FailureKind.Other, path, message, value);

    private static string Print(double limit, bool asInteger) => asInteger ? ((long)limit).ToString(CultureInfo.InvariantCulture) : GoText.Float(limit);
}
