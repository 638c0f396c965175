using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Rbac;

/// <summary>Roles and bindings; their names are path segments, with colons and all (pkg/registry/rbac, v1.36).</summary>
internal sealed class RbacStrategy(KindFacts facts) : FactsStrategy(facts)
{
    public override IReadOnlyList<string> ValidateName(string name, bool prefix) => name switch
    {
        "." or ".." => [$"may not be '{name}'"],
        _ when name.Contains('/', StringComparison.Ordinal) => ["may not contain '/'"],
        _ when name.Contains('%', StringComparison.Ordinal) => ["may not contain '%'"],
        _ => [],
    };
}

/// <summary>pkg/apis/rbac/v1/defaults.go: API groups of references and subjects.</summary>
internal static class RoleBindingDefaults
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Apply(Map obj)
    {
        Core.PodSpecDefaults.Sub(obj, "roleRef", reference => Core.PodSpecDefaults.Default(reference, "apiGroup", Group));
        Core.PodSpecDefaults.Each(obj, "subjects", subject =>
        {
            if (string.IsNullOrEmpty(subject.GetString("apiGroup")) && subject.GetString("kind") is "User" or "Group")
                subject.Set("apiGroup", Group);
        });
    }
}
