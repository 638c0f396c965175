using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Limit ranges, which get a name when they have none (pkg/registry/core/limitrange/strategy.go, v1.36).</summary>
internal sealed class LimitRangeStrategy()
    : FactsStrategy(new KindFacts
    {
        AllowCreateOnUpdate = true,
        Defaults = LimitRangeDefaults.Apply,
        Validate = LimitRangeValidation.Validate,
        ValidateUpdate = LimitRangeValidation.ValidateUpdate,
    })
{
    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        if (obj.Name().Length == 0)
            obj.EditMap("metadata").Set("name", Guid.NewGuid().ToString());
    }
}
