using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Authorization.Rbac;

/// <summary>What one subject of one binding gets: the rules of the role, or why there are none.</summary>
internal sealed class Grant(string bindingKind, string bindingName, string bindingNamespace, string roleKind, string roleName, string subjectKind, string subjectName, string subjectNamespace, PolicyRule[] rules, string? error)
{
    private string? _reason;

    public PolicyRule[] Rules { get; } = rules;

    /// <summary>Why the role could not be found, in the words of upstream's listers; null when it was.</summary>
    public string? Error { get; } = error;

    /// <summary>The reason of a decision that this grant allows (registry/rbac/validation/rule.go describers); made once.</summary>
    public string Reason => _reason ??= Describe();

    private string Describe()
    {
        var binding = bindingNamespace.Length > 0 ? $"{bindingName}/{bindingNamespace}" : bindingName;
        var subject = subjectKind == "ServiceAccount"
            ? $"{subjectName}/{(subjectNamespace.Length > 0 ? subjectNamespace : bindingNamespace)}"
            : subjectName;
        return $"RBAC: allowed by {bindingKind} {GoText.Quote(binding)} of {roleKind} {GoText.Quote(roleName)} to {subjectKind} {GoText.Quote(subject)}";
    }
}

/// <summary>The grants of one scope by who gets them; a binding appears once for each of its subjects.</summary>
internal sealed class GrantsBySubject
{
    public Dictionary<string, List<Grant>> Users { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<Grant>> Groups { get; } = new(StringComparer.Ordinal);

    public void Add(Dictionary<string, List<Grant>> subjects, string name, Grant grant)
    {
        if (!subjects.TryGetValue(name, out var grants))
            subjects.Add(name, grants = []);
        grants.Add(grant);
    }
}
