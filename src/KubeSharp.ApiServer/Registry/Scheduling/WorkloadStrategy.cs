using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Scheduling;

/// <summary>Workloads: templates of pod groups, which do not change (pkg/registry/scheduling/workload/strategy.go,
/// pkg/apis/scheduling/v1alpha2/zz_generated.validations.go, v1.36).</summary>
internal sealed class WorkloadStrategy : RestStrategy
{
    private const int MaxTemplates = 8;

    private static readonly FieldPath Templates = MetadataValidation.Spec.Child("podGroupTemplates");
    private static readonly FieldPath Controller = MetadataValidation.Spec.Child("controllerRef");

    public override void PrepareForCreate(OperationContext context, Map obj) => DropDisabled(obj, null);

    public override void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        if (spec.Has("controllerRef"))
            ValidateController(errors, spec.Sub("controllerRef"));
        var templates = spec.List("podGroupTemplates");
        if (templates.Count == 0)
        {
            errors.Required(Templates);
            return;
        }

        if (templates.Count > MaxTemplates)
        {
            errors.Add(FieldError.TooMany(Templates, templates.Count, MaxTemplates));
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < templates.Count; i++)
        {
            if (!names.Add(templates.At(i).Text("name")))
                errors.Duplicate(Templates.Index(i), InternalForm.Of(templates[i], new("scheduling.k8s.io", "v1alpha2", "Workload"), "spec", "podGroupTemplates"));
        }

        for (var i = 0; i < templates.Count; i++)
        {
            var (template, path) = (templates.At(i), Templates.Index(i));
            PodGroupTemplateValidation.ShortName(errors, template, "name", path);
            PodGroupTemplateValidation.ValidatePolicy(errors, template.Sub("schedulingPolicy"), null, path.Child("schedulingPolicy"));
            PodGroupTemplateValidation.ForbidDisabled(errors, template, null, path);
        }
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old) => DropDisabled(obj, old);

    public override void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        foreach (var field in (ReadOnlySpan<string>)["controllerRef", "podGroupTemplates"])
        {
            if (!obj.Sub("spec")[field].SemanticallyEquals(old.Sub("spec")[field]))
                errors.Invalid(MetadataValidation.Spec.Child(field), Value.Null, ValidationMessages.FieldImmutable);
        }
    }

    private static void ValidateController(FieldErrorList errors, Map reference)
    {
        if (reference.Text("apiGroup") is { Length: > 0 } group)
            errors.AddInvalid(Controller.Child("apiGroup"), group, NameValidation.IsDns1123Subdomain(group));
        PodGroupTemplateValidation.Required(errors, reference, "kind", Controller, NameValidation.IsPathSegmentName);
        PodGroupTemplateValidation.Required(errors, reference, "name", Controller, NameValidation.IsPathSegmentName);
    }

    private static void DropDisabled(Map obj, Map? old)
    {
        if (obj.Sub("spec").List("podGroupTemplates").Count == 0)
            return;
        var templates = obj.EditMap("spec").EditSequence("podGroupTemplates");
        var before = old.Sub("spec").List("podGroupTemplates");
        for (var i = 0; i < templates.Count; i++)
            PodGroupTemplateValidation.DropDisabled(templates.EditMap(i), i < before.Count ? before.At(i) : null);
    }
}
