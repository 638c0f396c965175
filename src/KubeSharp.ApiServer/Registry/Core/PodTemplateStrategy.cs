using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Pod templates as objects of their own (pkg/registry/core/podtemplate/strategy.go, v1.36).</summary>
internal sealed class PodTemplateStrategy() : FactsStrategy(new KindFacts
{
    TracksGeneration = true,
    ReturnDeletedObject = true,
    Defaults = PodTemplateDefaults.ApplyToPodTemplate,
    Validate = PodTemplateValidation.Validate,
    ValidateUpdate = PodTemplateValidation.ValidateUpdate,
})
{
    private static readonly FieldPath Template = new("template");

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        PodDisabledFields.DropFromTemplate(obj, null);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        PodDisabledFields.DropFromTemplate(obj, old);
        base.PrepareForUpdate(context, obj, old);
    }

    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null || WorkloadStrategy.HasNewGeneration(obj, old))
            PodWarnings.ForTemplate(context, obj.Sub("template"), Template);
    }

    protected override bool DesiredStateChanged(Map obj, Map old) => !obj["template"].SemanticallyEquals(old["template"]);
}
