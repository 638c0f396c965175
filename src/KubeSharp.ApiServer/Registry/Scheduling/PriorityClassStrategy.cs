using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Scheduling;

/// <summary>Priority classes, whose generation stays at 1 (pkg/registry/scheduling/priorityclass/strategy.go, v1.36).</summary>
internal sealed class PriorityClassStrategy : FactsStrategy
{
    public PriorityClassStrategy()
        : base(new KindFacts
        {
            Defaults = PriorityClassDefaults.Apply,
            Validate = PriorityClassValidation.Validate,
            ValidateUpdate = PriorityClassValidation.ValidateUpdate,
        })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj) => obj.EditMap("metadata").Set("generation", 1);
}
