using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Labels;

/// <summary>One term of a label selector. Immutable. Follows apimachinery/pkg/labels/selector.go.</summary>
public sealed class LabelRequirement
{
    private readonly string[] _values;
    private readonly long? _number;

    private LabelRequirement(string key, LabelOperator op, string[] values)
    {
        Key = key;
        Operator = op;
        _values = values;
        _number = op is LabelOperator.GreaterThan or LabelOperator.LessThan && values.Length == 1 && TryParseInteger(values[0], out var number)
            ? number : null;
    }

    public string Key { get; }

    public LabelOperator Operator { get; }

    public IReadOnlyList<string> Values => _values;

    /// <summary>Makes a requirement; false with upstream's (aggregated) message when key, operator and values do not fit.</summary>
    public static bool TryCreate(string key, LabelOperator op, IEnumerable<string> values, out LabelRequirement requirement, out string error)
    {
        var all = values.ToArray();
        var errors = new FieldErrorList();
        if (NameValidation.IsQualifiedName(key) is { Count: > 0 } wrongKey)
            errors.Add(FieldError.Invalid(new FieldPath("key"), key, string.Join("; ", wrongKey)));
        var path = new FieldPath("values");
        CheckCount(errors, path, op, all);
        for (var i = 0; i < all.Length; i++)
        {
            if (NameValidation.IsLabelValue(all[i]) is { Count: > 0 } wrong)
                errors.Add(FieldError.Invalid(path.Index(i).Key(key), all[i], string.Join("; ", wrong)));
        }

        error = errors.ToAggregate() ?? "";
        requirement = new LabelRequirement(key, op, all);
        return errors.Count == 0;
    }

    /// <summary>A requirement from labels that are known to be valid.</summary>
    public static LabelRequirement FromValidated(string key, LabelOperator op, params string[] values) => new(key, op, values);

    public bool Matches(Map? labels)
    {
        var value = labels?.GetString(Key);
        return Operator switch
        {
            LabelOperator.In or LabelOperator.Equals or LabelOperator.DoubleEquals => value is not null && HasValue(value),
            LabelOperator.NotIn or LabelOperator.NotEquals => value is null || !HasValue(value),
            LabelOperator.Exists => value is not null,
            LabelOperator.DoesNotExist => value is null,
            LabelOperator.GreaterThan => value is not null && TryParseInteger(value, out var number) && number > _number,
            _ => value is not null && TryParseInteger(value, out var number) && number < _number,
        };
    }

    /// <summary>The query form; the values of sets are sorted.</summary>
    public override string ToString()
    {
        var values = string.Join(",", _values.Order(StringComparer.Ordinal));
        return Operator switch
        {
            LabelOperator.Exists => Key,
            LabelOperator.DoesNotExist => "!" + Key,
            LabelOperator.Equals => $"{Key}={values}",
            LabelOperator.DoubleEquals => $"{Key}=={values}",
            LabelOperator.NotEquals => $"{Key}!={values}",
            LabelOperator.In => $"{Key} in ({values})",
            LabelOperator.NotIn => $"{Key} notin ({values})",
            LabelOperator.GreaterThan => $"{Key}>{values}",
            _ => $"{Key}<{values}",
        };
    }

    private static void CheckCount(FieldErrorList errors, FieldPath path, LabelOperator op, string[] values)
    {
        var message = op switch
        {
            LabelOperator.In or LabelOperator.NotIn when values.Length == 0 => "for 'in', 'notin' operators, values set can't be empty",
            LabelOperator.Equals or LabelOperator.DoubleEquals or LabelOperator.NotEquals when values.Length != 1 =>
                "exact-match compatibility requires one single value",
            LabelOperator.Exists or LabelOperator.DoesNotExist when values.Length != 0 => "values set must be empty for exists and does not exist",
            LabelOperator.GreaterThan or LabelOperator.LessThan when values.Length != 1 => "for 'Gt', 'Lt' operators, exactly one value is required",
            _ => null,
        };
        if (message is not null)
        {
            var sequence = new Sequence(values.Length);
            foreach (var value in values)
                sequence.Add(value);
            errors.Add(FieldError.Invalid(path, sequence, message));
        }

        if (op is not (LabelOperator.GreaterThan or LabelOperator.LessThan))
            return;
        for (var i = 0; i < values.Length; i++)
        {
            if (!TryParseInteger(values[i], out _))
                errors.Add(FieldError.Invalid(path.Index(i), values[i], "for 'Gt', 'Lt' operators, the value must be an integer"));
        }
    }

    private static bool TryParseInteger(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private bool HasValue(string value)
    {
        foreach (var candidate in _values)
        {
            if (candidate == value)
                return true;
        }

        return false;
    }
}
