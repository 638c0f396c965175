using System.Text;

namespace KubeSharp.ApiMachinery.Fields;

/// <summary>Renames a field label or canonicalises its value for one kind; an error refuses the selector. Both empty drop the term.</summary>
public delegate (string Field, string Value, string? Error) FieldLabelConversion(string field, string value);

/// <summary>Terms over an object's selectable fields (<c>metadata.name=x,status.phase!=Running</c>); all must hold. Immutable.
/// Follows apimachinery/pkg/fields/selector.go.</summary>
public sealed class FieldSelector
{
    private readonly FieldRequirement[] _requirements;

    private FieldSelector(FieldRequirement[] requirements) => _requirements = requirements;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEmpty => _requirements.Length == 0;

    public IReadOnlyList<FieldRequirement> Requirements => _requirements;

    public static FieldSelector FromRequirements(params ReadOnlySpan<FieldRequirement> requirements) =>
        requirements.Length == 0 ? Everything : new(requirements.ToArray());

    /// <summary>Parses the query form; false with upstream's message. Terms are sorted.</summary>
    public static bool TryParse(string text, out FieldSelector selector, out string error)
    {
        (selector, error) = (Everything, "");
        if (text.Length == 0)
            return true;
        var requirements = new List<FieldRequirement>();
        foreach (var term in SplitTerms(text).Order(StringComparer.Ordinal))
        {
            if (term.Length == 0)
                continue;
            if (!TrySplitTerm(term, out var field, out var negated, out var escaped))
            {
                error = $"invalid selector: '{text}'; can't understand '{term}'";
                return false;
            }

            if (!TryUnescapeValue(escaped, out var value, out error))
                return false;
            // A term that is nothing but its operator asks for nothing.
            if (field.Length > 0 || value.Length > 0)
                requirements.Add(new FieldRequirement(field, value, negated));
        }

        selector = new FieldSelector([.. requirements]);
        return true;
    }

    /// <exception cref="FormatException">With upstream's message.</exception>
    public static FieldSelector Parse(string text) =>
        TryParse(text, out var selector, out var error) ? selector : throw new FormatException(error);

    /// <summary>The selector with each term converted; false with the conversion's error.</summary>
    public bool TryTransform(FieldLabelConversion conversion, out FieldSelector result, out string error)
    {
        (result, error) = (this, "");
        var requirements = new List<FieldRequirement>(_requirements.Length);
        foreach (var requirement in _requirements)
        {
            var (field, value, problem) = conversion(requirement.Field, requirement.Value);
            if (problem is not null)
            {
                error = problem;
                return false;
            }

            if (field.Length > 0 || value.Length > 0)
                requirements.Add(new FieldRequirement(field, value, requirement.Negated));
        }

        result = new FieldSelector([.. requirements]);
        return true;
    }

    /// <summary>Matches; <paramref name="lookup"/> answers the value of a field, empty when the object has no such field.</summary>
    public bool Matches(Func<string, string> lookup)
    {
        foreach (var requirement in _requirements)
        {
            if (string.Equals(lookup(requirement.Field), requirement.Value, StringComparison.Ordinal) == requirement.Negated)
                return false;
        }

        return true;
    }

    /// <summary>The value that a field must have, if the selector says so.</summary>
    public bool RequiresExactMatch(string field, out string value)
    {
        foreach (var requirement in _requirements)
        {
            if (requirement.Field == field && !requirement.Negated)
            {
                value = requirement.Value;
                return true;
            }
        }

        value = "";
        return false;
    }

    /// <summary>The query form, values escaped.</summary>
    public override string ToString() => string.Join(",", _requirements.Select(requirement => requirement.ToString()));

    /// <summary>Puts a backslash before backslashes, commas and equal signs.</summary>
    public static string EscapeValue(string value) => value.AsSpan().IndexOfAny(@"\,=") < 0
        ? value
        : value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(",", @"\,", StringComparison.Ordinal).Replace("=", @"\=", StringComparison.Ordinal);

    private static bool TryUnescapeValue(string text, out string value, out string error)
    {
        (value, error) = (text, "");
        if (text.AsSpan().IndexOfAny(@"\,=") < 0)
            return true;
        var builder = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is ',' or '=')
            {
                error = $"invalid field selector: unescaped character in value: {(int)text[i]}";
                return false;
            }

            if (text[i] == '\\')
            {
                i++;
                if (i == text.Length || text[i] is not ('\\' or ',' or '='))
                {
                    error = $"invalid field selector: invalid escape sequence: \\{(i == text.Length ? "" : Rune.GetRuneAt(text, i).ToString())}";
                    return false;
                }
            }

            builder.Append(text[i]);
        }

        value = builder.ToString();
        return true;
    }

    private static List<string> SplitTerms(string text)
    {
        var terms = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == ',')
            {
                terms.Add(text[start..i]);
                start = i + 1;
            }
        }

        terms.Add(text[start..]);
        return terms;
    }

    private static bool TrySplitTerm(string term, out string field, out bool negated, out string value)
    {
        for (var i = 0; i < term.Length; i++)
        {
            var rest = term.AsSpan(i);
            negated = rest.StartsWith("!=");
            if (!negated && rest[0] != '=')
                continue;
            field = term[..i];
            value = term[(i + (negated || rest.StartsWith("==") ? 2 : 1))..];
            return true;
        }

        (field, negated, value) = ("", false, "");
        return false;
    }
}
