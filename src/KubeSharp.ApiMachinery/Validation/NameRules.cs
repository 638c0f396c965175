namespace KubeSharp.ApiMachinery.Validation;

/// <summary>A kind's rule for its names; <paramref name="prefix"/> is true for a generateName, which may end in a dash.
/// Answers what is wrong.</summary>
public delegate IReadOnlyList<string> ValidateName(string name, bool prefix);

/// <summary>The rules that kinds choose from (apimachinery/pkg/api/validation/generic.go and path/name.go).</summary>
public static class NameRules
{
    /// <summary>Most kinds.</summary>
    public static readonly ValidateName DnsSubdomain = (name, prefix) => NameValidation.IsDns1123Subdomain(Mask(name, prefix));

    /// <summary>Namespaces, and others that become a DNS label.</summary>
    public static readonly ValidateName DnsLabel = (name, prefix) => NameValidation.IsDns1123Label(Mask(name, prefix));

    /// <summary>Services.</summary>
    public static readonly ValidateName Dns1035Label = (name, prefix) => NameValidation.IsDns1035Label(Mask(name, prefix));

    /// <summary>RBAC kinds and others whose names need only fit into a path.</summary>
    public static readonly ValidateName PathSegment = (name, prefix) =>
        prefix ? NameValidation.IsPathSegmentPrefix(name) : NameValidation.IsPathSegmentName(name);

    // Upstream drops two characters here, not one; kept, as it decides which overlong prefixes pass.
    private static string Mask(string name, bool prefix) =>
        prefix && name.Length > 1 && name.EndsWith('-') ? name[..^2] + "a" : name;
}
