using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Rbac;

/// <summary>Roles and bindings; their names are path segments, with colons and all (pkg/registry/rbac/*/strategy.go, v1.36).</summary>
internal sealed class RbacStrategy(KindFacts facts) : FactsStrategy(facts)
{
    public override ValidateName NameRule => NameRules.PathSegment;

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        DropEmptyRules(obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        DropEmptyRules(obj);
    }

    /// <summary>No rules are <c>null</c> to clients: the stored message does not tell an empty list from none.</summary>
    private static void DropEmptyRules(Map obj)
    {
        if (obj.GetSequence("rules") is { Count: 0 })
            obj.Set("rules", Value.Null);
    }

    public static RbacStrategy Role() => Of(RoleValidation.Validate, null);

    public static RbacStrategy ClusterRole() => Of(RoleValidation.ValidateClusterRole, null);

    public static RbacStrategy RoleBinding() => Of(RoleBindingValidation.Validate, RoleBindingDefaults.Apply);

    public static RbacStrategy ClusterRoleBinding() => Of(RoleBindingValidation.ValidateClusterRoleBinding, RoleBindingDefaults.Apply);

    /// <param name="validate">What is the same on create and update; the last argument is the old object or null.</param>
    /// <param name="defaults">Defaults, or null.</param>
    private static RbacStrategy Of(Action<FieldErrorList, Map, Map?> validate, Action<Map>? defaults) => new(new KindFacts
    {
        AllowCreateOnUpdate = true,
        Defaults = defaults,
        Validate = (_, obj, errors) => validate(errors, obj, null),
        ValidateUpdate = (_, obj, old, errors) => validate(errors, obj, old),
    });
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
