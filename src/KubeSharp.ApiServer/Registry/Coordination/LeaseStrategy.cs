using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Coordination;

/// <summary>Leases; the fields of coordinated leader election, which is off, are dropped unless they are in use
/// (pkg/registry/coordination/lease/strategy.go, v1.36).</summary>
internal sealed class LeaseStrategy : FactsStrategy
{
    public LeaseStrategy()
        : base(new KindFacts
        {
            AllowCreateOnUpdate = true,
            RequiresResourceVersion = true,
            Validate = LeaseValidation.Validate,
            ValidateUpdate = LeaseValidation.ValidateUpdate,
        })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj) => DropUnlessUsed(obj, null);

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old) => DropUnlessUsed(obj, old.GetMap("spec"));

    private static void DropUnlessUsed(Map obj, Map? oldSpec)
    {
        foreach (var field in (ReadOnlySpan<string>)["strategy", "preferredHolder"])
        {
            if (obj.GetMap("spec")?.ContainsKey(field) == true && oldSpec?[field].IsNullOrUndefined != false)
                obj.EditMap("spec").Remove(field);
        }
    }
}
