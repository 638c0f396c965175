using System.Text;
using System.Text.RegularExpressions;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>Format checks of names, keys and values; each answers the messages of what is wrong, none when the value is valid.
/// Follows apimachinery/pkg/util/validation/validation.go and pkg/api/validate/content, v1.36.</summary>
public static partial class NameValidation
{
    public const int Dns1123LabelMaxLength = 63;
    public const int Dns1123SubdomainMaxLength = 253;
    public const int LabelValueMaxLength = 63;

    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainFormat = LabelFormat + "(\\." + LabelFormat + ")*";
    private const string UnderscoreLabelFormat = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private const string UnderscoreSubdomainFormat = UnderscoreLabelFormat + "(\\." + UnderscoreLabelFormat + ")*";
    private const string Dns1035Format = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string WildcardFormat = "\\*\\." + SubdomainFormat;
    private const string LabelKeyFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string LabelValueFormat = "(" + LabelKeyFormat + ")?";
    private const string IdentifierFormat = "[A-Za-z_][A-Za-z0-9_]*";
    private const string PercentFormat = "[0-9]+%";
    private const string HeaderFormat = "[-A-Za-z0-9]+";
    private const string EnvVarFormat = "[-._a-zA-Z][-._a-zA-Z0-9]*";
    private const string ConfigMapKeyFormat = "[-._a-zA-Z0-9]+";
    private const string HttpPathFormat = @"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+";

    private const string SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

    private const string LabelKeyMessage =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    public static IReadOnlyList<string> IsDns1123Label(string value)
    {
        if (Utf8Length(value) <= Dns1123LabelMaxLength && LabelRegex().IsMatch(value))
            return [];
        var errors = TooLong(value, Dns1123LabelMaxLength);
        if (!LabelRegex().IsMatch(value))
        {
            errors.Add(SubdomainRegex().IsMatch(value)
                ? "must not contain dots"
                : ValidationMessages.Regex(
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                    LabelFormat, "my-name", "123-abc"));
        }

        return errors;
    }

    public static IReadOnlyList<string> IsDns1123Subdomain(string value) =>
        Check(value, SubdomainRegex(), Dns1123SubdomainMaxLength,
            SubdomainMessage,
            SubdomainFormat, "example.com");

    public static IReadOnlyList<string> IsDns1123SubdomainWithUnderscore(string value) =>
        Check(value, UnderscoreSubdomainRegex(), Dns1123SubdomainMaxLength,
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
            UnderscoreSubdomainFormat, "example.com");

    public static IReadOnlyList<string> IsDns1035Label(string value) =>
        Check(value, Dns1035Regex(), Dns1123LabelMaxLength,
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
            Dns1035Format, "my-name", "abc-123");

    public static IReadOnlyList<string> IsWildcardDns1123Subdomain(string value) =>
        Check(value, WildcardRegex(), Dns1123SubdomainMaxLength,
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            WildcardFormat, "*.example.com");

    /// <summary>A label key, annotation key, finalizer: an optional DNS prefix and a slash, then a name of at most 63 bytes.</summary>
    public static IReadOnlyList<string> IsQualifiedName(string value)
    {
        var slash = value.IndexOf('/');
        if (slash >= 0 && value.IndexOf('/', slash + 1) >= 0)
        {
            return
            [
                "a valid label key " + ValidationMessages.Regex(LabelKeyMessage, LabelKeyFormat, "MyName", "my.name", "123-abc")
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
            ];
        }

        List<string>? errors = null;
        if (slash == 0)
        {
            (errors ??= []).Add("prefix part " + ValidationMessages.Empty);
        }
        else if (slash > 0)
        {
            var prefix = value[..slash];
            if (Utf8Length(prefix) > Dns1123SubdomainMaxLength)
                (errors ??= []).Add("prefix part " + ValidationMessages.MaxBytes(Dns1123SubdomainMaxLength));
            if (!SubdomainRegex().IsMatch(prefix))
                (errors ??= []).Add("prefix part " + ValidationMessages.Regex(SubdomainMessage, SubdomainFormat, "example.com"));
        }

        var name = value.AsSpan(slash + 1);
        if (name.Length == 0)
            (errors ??= []).Add("name part " + ValidationMessages.Empty);
        else if (Encoding.UTF8.GetByteCount(name) > 63)
            (errors ??= []).Add("name part " + ValidationMessages.MaxBytes(63));
        if (!LabelKeyRegex().IsMatch(name))
            (errors ??= []).Add("name part " + ValidationMessages.Regex(LabelKeyMessage, LabelKeyFormat, "MyName", "my.name", "123-abc"));
        return errors ?? (IReadOnlyList<string>)[];
    }

    public static IReadOnlyList<string> IsLabelValue(string value)
    {
        var tooLong = Utf8Length(value) > LabelValueMaxLength;
        var matches = LabelValueRegex().IsMatch(value);
        if (!tooLong && matches)
            return [];
        var errors = new List<string>(2);
        if (tooLong)
            errors.Add(ValidationMessages.MaxBytes(LabelValueMaxLength));
        if (!matches)
        {
            errors.Add(ValidationMessages.Regex(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                LabelValueFormat, "MyValue", "my_value", "12345"));
        }

        return errors;
    }

    public static IReadOnlyList<string> IsCIdentifier(string value) => IdentifierRegex().IsMatch(value) ? [] :
    [
        ValidationMessages.Regex(
            "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
            IdentifierFormat, "my_name", "MY_NAME", "MyName"),
    ];

    public static IReadOnlyList<string> IsValidPortNum(long port) => IsInRange(port, 1, 65535);

    public static IReadOnlyList<string> IsInRange(long value, long low, long high) =>
        value >= low && value <= high ? [] : [ValidationMessages.Between(low, high)];

    /// <summary>A Unix user or group id as containers take it: 0 to 2^31 - 1.</summary>
    public static IReadOnlyList<string> IsValidUserOrGroupId(long id) => IsInRange(id, 0, int.MaxValue);

    /// <summary>An IANA service name: at most 15 of <c>[-a-z0-9]</c>, a letter among them.</summary>
    public static IReadOnlyList<string> IsValidPortName(string port)
    {
        var errors = TooLong(port, 15);
        if (!PortNameRegex().IsMatch(port))
            errors.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        if (port.AsSpan().IndexOfAnyInRange('a', 'z') < 0)
            errors.Add("must contain at least one letter (a-z)");
        if (port.Contains("--", StringComparison.Ordinal))
            errors.Add("must not contain consecutive hyphens");
        if (port.StartsWith('-') || port.EndsWith('-'))
            errors.Add("must not begin or end with a hyphen");
        return errors;
    }

    public static IReadOnlyList<string> IsValidPercent(string percent) => PercentRegex().IsMatch(percent) ? [] :
        [ValidationMessages.Regex("a valid percent string must be a numeric string followed by an ending '%'", PercentFormat, "1%", "93%")];

    public static IReadOnlyList<string> IsHttpHeaderName(string value) => HeaderRegex().IsMatch(value) ? [] :
        [ValidationMessages.Regex("a valid HTTP header must consist of alphanumeric characters or '-'", HeaderFormat, "X-Header-Name")];

    /// <summary>The strict form of an environment variable's name; see <see cref="IsRelaxedEnvVarName"/>.</summary>
    public static IReadOnlyList<string> IsEnvVarName(string value)
    {
        var errors = new List<string>();
        if (!EnvVarRegex().IsMatch(value))
        {
            errors.Add(ValidationMessages.Regex(
                "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
                EnvVarFormat, "my.env-name", "MY_ENV.NAME", "MyEnvName1"));
        }

        AddDirectoryPrefix(errors, value);
        return errors;
    }

    /// <summary>Any printable ASCII but <c>=</c>: what containers take since RelaxedEnvironmentVariableValidation.</summary>
    public static IReadOnlyList<string> IsRelaxedEnvVarName(string value)
    {
        var errors = new List<string>();
        if (value.Length == 0)
            errors.Add("environment variable name " + ValidationMessages.Empty);
        if (value.Any(character => character is < ' ' or > '~' or '='))
            errors.Add("a valid environment variable name must consist only of printable ASCII characters other than '='");
        return errors;
    }

    /// <summary>A key of a ConfigMap's or Secret's data.</summary>
    public static IReadOnlyList<string> IsConfigMapKey(string value)
    {
        var errors = TooLong(value, Dns1123SubdomainMaxLength);
        if (!ConfigMapKeyRegex().IsMatch(value))
        {
            errors.Add(ValidationMessages.Regex(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", ConfigMapKeyFormat, "key.name", "KEY_NAME", "key-name"));
        }

        AddDirectoryPrefix(errors, value);
        return errors;
    }

    /// <summary>A name that may stand as a segment of a URL path or of a store key; neither empty names nor length are checked.</summary>
    public static IReadOnlyList<string> IsPathSegmentName(string name) =>
        name is "." or ".." ? [$"may not be '{name}'"] : IsPathSegmentPrefix(name);

    /// <summary>As <see cref="IsPathSegmentName"/>, for a name that something is appended to.</summary>
    public static IReadOnlyList<string> IsPathSegmentPrefix(string name)
    {
        var errors = new List<string>();
        if (name.Contains('/'))
            errors.Add("may not contain '/'");
        if (name.Contains('%'))
            errors.Add("may not contain '%'");
        return errors;
    }

    /// <summary>A domain of three or more segments.</summary>
    public static void IsFullyQualifiedName(FieldErrorList errors, FieldPath path, string name)
    {
        if (name.Length == 0)
            errors.Add(FieldError.Required(path, ""));
        else if (IsDns1123Subdomain(name) is { Count: > 0 } messages)
            errors.Add(FieldError.Invalid(path, name, string.Join(",", messages)));
        else if (name.AsSpan().Count('.') < 2)
            errors.Add(FieldError.Invalid(path, name, "should be a domain with at least three segments separated by dots"));
    }

    /// <summary>A domain of two or more labels; a dot at the end is accepted.</summary>
    public static void IsFullyQualifiedDomainName(FieldErrorList errors, FieldPath path, string name)
    {
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required(path, ""));
            return;
        }

        if (name.EndsWith('.'))
            name = name[..^1];
        if (IsDns1123Subdomain(name) is { Count: > 0 } messages)
        {
            errors.Add(FieldError.Invalid(path, name, string.Join(",", messages)));
            return;
        }

        var labels = name.Split('.');
        if (labels.Length < 2)
        {
            errors.Add(FieldError.Invalid(path, name, "should be a domain with at least two segments separated by dots"));
            return;
        }

        foreach (var label in labels)
        {
            if (IsDns1123Label(label) is { Count: > 0 } wrong)
            {
                errors.Add(FieldError.Invalid(path, label, string.Join(",", wrong)));
                return;
            }
        }
    }

    /// <summary>A subdomain, a slash, and a URL path.</summary>
    public static void IsDomainPrefixedPath(FieldErrorList errors, FieldPath path, string value)
    {
        if (value.Length == 0)
        {
            errors.Add(FieldError.Required(path, ""));
            return;
        }

        var slash = value.IndexOf('/');
        if (slash <= 0 || slash == value.Length - 1)
        {
            errors.Add(FieldError.Invalid(path, value, "must be a domain-prefixed path (such as \"acme.io/foo\")"));
            return;
        }

        errors.AddInvalid(path, value[..slash], IsDns1123Subdomain(value[..slash]));
        if (!HttpPathRegex().IsMatch(value.AsSpan(slash + 1)))
            errors.Add(FieldError.Invalid(path, value[(slash + 1)..], ValidationMessages.Regex("Invalid path", HttpPathFormat)));
    }

    private static int Utf8Length(string value) => Encoding.UTF8.GetByteCount(value);

    private static IReadOnlyList<string> Check(string value, Regex regex, int maximum, string message, string format, params ReadOnlySpan<string> examples)
    {
        var matches = regex.IsMatch(value);
        if (matches && Utf8Length(value) <= maximum)
            return [];
        var errors = TooLong(value, maximum);
        if (!matches)
            errors.Add(ValidationMessages.Regex(message, format, examples));
        return errors;
    }

    private static List<string> TooLong(string value, int maximum) =>
        Utf8Length(value) > maximum ? [ValidationMessages.MaxLength(maximum)] : [];

    private static void AddDirectoryPrefix(List<string> errors, string value)
    {
        if (value is "." or "..")
            errors.Add($"must not be '{value}'");
        else if (value.StartsWith("..", StringComparison.Ordinal))
            errors.Add("must not start with '..'");
    }

    [GeneratedRegex(@"\A" + LabelFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelRegex();

    [GeneratedRegex(@"\A" + SubdomainFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SubdomainRegex();

    [GeneratedRegex(@"\A" + UnderscoreSubdomainFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex UnderscoreSubdomainRegex();

    [GeneratedRegex(@"\A" + Dns1035Format + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Dns1035Regex();

    [GeneratedRegex(@"\A" + WildcardFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex WildcardRegex();

    [GeneratedRegex(@"\A" + LabelKeyFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelKeyRegex();

    [GeneratedRegex(@"\A" + LabelValueFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LabelValueRegex();

    [GeneratedRegex(@"\A" + IdentifierFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex IdentifierRegex();

    [GeneratedRegex(@"\A[-a-z0-9]+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PortNameRegex();

    [GeneratedRegex(@"\A" + PercentFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PercentRegex();

    [GeneratedRegex(@"\A" + HeaderFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex HeaderRegex();

    [GeneratedRegex(@"\A" + EnvVarFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex EnvVarRegex();

    [GeneratedRegex(@"\A" + ConfigMapKeyFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ConfigMapKeyRegex();

    [GeneratedRegex(@"\A" + HttpPathFormat + @"\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex HttpPathRegex();
}
