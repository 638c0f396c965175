using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Scheduling;

/// <summary>Pod groups, whose spec does not change (pkg/registry/scheduling/podgroup/strategy.go,
/// pkg/apis/scheduling/v1alpha2/zz_generated.validations.go, v1.36).</summary>
internal sealed class PodGroupStrategy : RestStrategy
{
    private const int MaxClaims = 4;

    private static readonly FieldPath Reference = MetadataValidation.Spec.Child("podGroupTemplateRef");
    private static readonly FieldPath Statuses = MetadataValidation.Status.Child("resourceClaimStatuses");

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        if (obj.Has("spec"))
            PodGroupTemplateValidation.DropDisabled(obj.EditMap("spec"), null);
    }

    public override void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        if (spec.Has("podGroupTemplateRef"))
            ValidateReference(errors, spec.Sub("podGroupTemplateRef"));
        PodGroupTemplateValidation.ValidatePolicy(errors, spec.Sub("schedulingPolicy"), null, MetadataValidation.Spec.Child("schedulingPolicy"));
        PodGroupTemplateValidation.ForbidDisabled(errors, spec, null, MetadataValidation.Spec);
    }

    /// <summary>The dropped mode comes back as its default as soon as the object is read, which is before the first answer.</summary>
    public override void Canonicalize(Map obj)
    {
        if (obj.Has("spec") && !obj.Sub("spec").Has("disruptionMode"))
            obj.EditMap("spec").Set("disruptionMode", "Pod");
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        if (obj.Has("spec"))
            PodGroupTemplateValidation.DropDisabled(obj.EditMap("spec"), old.Sub("spec"));
    }

    public override void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        foreach (var field in (ReadOnlySpan<string>)["podGroupTemplateRef", "schedulingPolicy", "resourceClaims"])
        {
            if (!spec[field].SemanticallyEquals(before[field]))
                errors.Invalid(MetadataValidation.Spec.Child(field), Value.Null, ValidationMessages.FieldImmutable);
        }

        PodGroupTemplateValidation.ForbidDisabled(errors, spec, before, MetadataValidation.Spec);
    }

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        if (obj.Sub("status").Has("resourceClaimStatuses") && old.Sub("spec").List("resourceClaims").Count == 0)
            obj.EditMap("status").Remove("resourceClaimStatuses");
    }

    public override void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var status = obj.Sub("status");
        ConditionValidation.Validate(errors, status.List("conditions"), MetadataValidation.Status.Child("conditions"));
        var (statuses, claims) = (status.List("resourceClaimStatuses"), obj.Sub("spec").List("resourceClaims"));
        for (var i = 0; i < statuses.Count; i++)
        {
            var name = statuses.At(i).Text("name");
            if (!claims.Any(claim => claim.AsMap.Text("name") == name))
                errors.Invalid(Statuses.Index(i).Child("name"), name, "must match the name of an entry in `spec.resourceClaims`");
        }

        if (status["resourceClaimStatuses"].SemanticallyEquals(old.Sub("status")["resourceClaimStatuses"]))
            return;
        if (statuses.Count > MaxClaims)
        {
            errors.Add(FieldError.TooMany(Statuses, statuses.Count, MaxClaims));
            return;
        }

        for (var i = 0; i < statuses.Count; i++)
        {
            if (statuses.At(i).GetString("resourceClaimName") is { } claim)
                errors.AddInvalid(Statuses.Index(i).Child("resourceClaimName"), claim, NameValidation.IsDns1123Subdomain(claim));
        }
    }

    private static void ValidateReference(FieldErrorList errors, Map reference)
    {
        if (!reference.Has("workload"))
        {
            PodGroupTemplateValidation.ExactlyOne(errors, Reference, ("workload", false));
            return;
        }

        var path = Reference.Child("workload");
        PodGroupTemplateValidation.Required(errors, reference.Sub("workload"), "workloadName", path, NameValidation.IsDns1123Subdomain);
        PodGroupTemplateValidation.ShortName(errors, reference.Sub("workload"), "podGroupTemplateName", path);
    }
}
