using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Replication controllers (pkg/registry/core/replicationcontroller/strategy.go, v1.36).</summary>
internal sealed class ReplicationControllerStrategy() : WorkloadStrategy(new KindFacts
{
    GarbageCollection = GarbageCollectionPolicy.OrphanDependents,
    Fields = [new SelectableField("status.replicas", "0")],
    Defaults = ReplicationControllerDefaults.Apply,
    Validate = ReplicationControllerValidation.Validate,
    ValidateUpdate = ReplicationControllerValidation.ValidateUpdate,
    ValidateStatusUpdate = ReplicaSetValidation.ValidateStatusUpdate,
})
{
    /// <summary>On update upstream looks at the template that was there before.</summary>
    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null)
            WarnOfName(context, obj);
        if (old is null || HasNewGeneration(obj, old))
            PodWarnings.ForTemplate(context, (old ?? obj).Sub("spec").Sub("template"), TemplatePath);
    }
}

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

/// <summary>Replication controllers (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ReplicationControllerValidation
{
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, LongName);
        ValidateSpec(errors, obj.Sub("spec"), PodValidationOptions.Create);
    }

    /// <summary>The rule of declarative validation, which counts in bytes.</summary>
    private static IReadOnlyList<string> LongName(string name, bool prefix)
    {
        var messages = NameRules.DnsSubdomain(name, prefix);
        return messages.Count == 0 || name.Length <= NameValidation.Dns1123SubdomainMaxLength ? messages
            : [ValidationMessages.MaxBytes(NameValidation.Dns1123SubdomainMaxLength), .. messages.Skip(1)];
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), PodTemplateValidation.OptionsFor(old.Sub("spec").GetMap("template")));
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, PodValidationOptions options)
    {
        errors.NonNegative(spec, "minReadySeconds", Spec);
        if (spec.Sub("selector").Count == 0)
            errors.Required(Spec.Child("selector"));
        if (!spec.Has("replicas"))
            errors.Required(Spec.Child("replicas"));
        else
            errors.NonNegative(spec, "replicas", Spec);
        if (spec.GetMap("template") is not { } template)
        {
            errors.Required(Spec.Child("template"));
            return;
        }

        WorkloadSpecValidation.ValidateMatch(errors, LabelSelector.FromSet(spec.GetMap("selector")), spec, Spec);
        PodTemplateValidation.ValidateSpec(errors, template, options, Spec.Child("template"));
        WorkloadSpecValidation.ValidateEndless(errors, template, Spec.Child("template"), "ReplicationController");
    }
}
