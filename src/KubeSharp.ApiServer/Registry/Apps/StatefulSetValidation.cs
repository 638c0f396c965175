using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Apps.WorkloadSpecValidation;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>Stateful sets (pkg/apis/apps/validation/validation.go, v1.36).</summary>
internal static class StatefulSetValidation
{
    private static readonly string[] OnlyAlways = ["Always"];
    private static readonly string[] RetentionPolicies = ["Retain", "Delete"];
    private static readonly string[] Changeable =
        ["replicas", "template", "updateStrategy", "minReadySeconds", "ordinals", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy"];

    private static readonly FieldPath Spec = MetadataValidation.Spec;
    private static readonly FieldPath Status = MetadataValidation.Status;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsLabel);
        ValidateSpec(errors, obj.Sub("spec"), PodValidationOptions.Create, isUpdate: false, skipTemplate: false);
    }

    /// <summary>A stored template that would be refused today does not stand in the way of other changes.</summary>
    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        var options = PodTemplateValidation.OptionsFor(before.GetMap("template"));
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var oldErrors = new FieldErrorList();
        ValidateSpec(oldErrors, before, options, isUpdate: true, skipTemplate: false);
        ValidateSpec(errors, spec, options, isUpdate: true, skipTemplate: oldErrors.Count > 0);
        var munged = spec.ShallowClone();
        foreach (var field in Changeable)
            munged.Set(field, before[field]);
        if (!((Value)munged).SemanticallyEquals(before))
        {
            errors.Forbidden(Spec, "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var status = obj.Sub("status");
        ValidateCounters(errors, status, Status, "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
            "observedGeneration", "collisionCount");
        ValidateAtMost(errors, status, Status, "replicas", "cannot be greater than status.replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas");
        ValidateAtMost(errors, status, Status, "readyReplicas", "cannot be greater than status.readyReplicas", "availableReplicas");
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateCollisions(errors, obj, old);
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, PodValidationOptions options, bool isUpdate, bool skipTemplate)
    {
        var management = spec.Text("podManagementPolicy");
        if (management.Length == 0)
            errors.Required(Spec.Child("podManagementPolicy"));
        else if (management is not ("OrderedReady" or "Parallel"))
            errors.Invalid(Spec.Child("podManagementPolicy"), management, "must be 'OrderedReady' or 'Parallel'");
        ValidateStrategy(errors, spec.Sub("updateStrategy"), Spec.Child("updateStrategy"));
        if (spec.GetMap("persistentVolumeClaimRetentionPolicy") is { } retention)
        {
            foreach (var when in (ReadOnlySpan<string>)["whenDeleted", "whenScaled"])
                errors.OneOf(Spec.Child("persistentVolumeClaimRetentionPolicy"), when, retention.Text(when), RetentionPolicies);
        }

        var claims = spec.List("volumeClaimTemplates");
        for (var i = 0; i < claims.Count && !isUpdate; i++)
            PersistentVolumeClaimValidation.ValidateSpec(errors, claims.At(i).Sub("spec"), Spec.Child("volumeClaimTemplates").Index(i).Child("spec"), false, false);
        errors.NonNegative(spec, "replicas", Spec);
        errors.NonNegative(spec, "minReadySeconds", Spec);
        if (spec.Sub("ordinals").Number("start") is < 0 and var start)
            errors.Invalid(Spec.Child("ordinals.start"), start, ValidationMessages.Negative);
        if (!isUpdate && spec.Text("serviceName") is { Length: > 0 } service)
            errors.AddInvalid(Spec.Child("serviceName"), service, NameValidation.IsDns1123Label(service));
        ValidateSelector(errors, spec, Spec, "statefulset");
        if (LabelSelector.TryFromMeta(spec.GetMap("selector"), out var selector, out _))
            ValidateTemplate(errors, spec, selector, options, skipTemplate);
        else
            errors.Invalid(Spec.Child("selector"), LabelSelectorValidation.Print(spec["selector"]), "");
        if (spec.Sub("template").Sub("spec").Text("restartPolicy") != "Always")
            errors.NotSupported(Spec.Child("template", "spec", "restartPolicy"), spec.Sub("template").Sub("spec").Text("restartPolicy"), OnlyAlways);
        if (spec.Sub("template").Sub("spec").Has("activeDeadlineSeconds"))
            errors.Forbidden(Spec.Child("template", "spec", "activeDeadlineSeconds"), "activeDeadlineSeconds in StatefulSet is not Supported");
    }

    /// <summary>As it will be once the controller has set names and volumes; labels and annotations are looked at twice.</summary>
    private static void ValidateTemplate(FieldErrorList errors, Map spec, LabelSelector selector, PodValidationOptions options, bool skipTemplate)
    {
        var (template, path) = (spec.Sub("template"), Spec.Child("template"));
        ValidateMatch(errors, selector, spec, Spec);
        if (!skipTemplate)
            PodTemplateValidation.ValidateSpec(errors, WithIdentity(template, spec.List("volumeClaimTemplates")), options, path);
        var metadata = template.Sub("metadata");
        LabelValidation.ValidateLabels(errors, metadata.GetMap("labels"), path.Child("labels"));
        ObjectMetaValidation.ValidateAnnotations(errors, metadata.GetMap("annotations"), path.Child("annotations"));
        PodAnnotationValidation.Validate(errors, metadata.Sub("annotations"), template.Sub("spec"), options, path.Child("annotations"));
    }

    private static Map WithIdentity(Map template, Sequence claims)
    {
        var before = template.Sub("spec");
        if (before.Text("subdomain").Length == 0 && before.Text("hostname").Length == 0 && claims.Count == 0)
            return template;
        var (copy, spec) = (template.ShallowClone(), before.ShallowClone());
        spec.Remove("subdomain");
        spec.Remove("hostname");
        if (claims.Count > 0)
            spec.Set("volumes", VolumesWithClaims(before.List("volumes"), claims));
        copy.Set("spec", spec);
        return copy;
    }

    private static Sequence VolumesWithClaims(Sequence volumes, Sequence claims)
    {
        var (result, names) = (new Sequence(volumes.Count + claims.Count), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < claims.Count; i++)
        {
            var name = claims.At(i).Name();
            if (names.Add(name))
                result.Add(new Map(2) { { "name", name }, { "persistentVolumeClaim", new Map(1) { { "claimName", name } } } });
        }

        for (var i = 0; i < volumes.Count; i++)
        {
            if (!names.Contains(volumes.At(i).Text("name")))
                result.Add(volumes[i]);
        }

        return result;
    }

    private static void ValidateStrategy(FieldErrorList errors, Map strategy, FieldPath path)
    {
        var rolling = strategy.GetMap("rollingUpdate");
        switch (strategy.Text("type"))
        {
            case "":
                errors.Required(path);
                break;
            case "OnDelete":
                if (rolling is not null)
                    errors.Invalid(path.Child("rollingUpdate"), InternalForm.Of(rolling, new("apps", "v1", "StatefulSet"), "spec", "updateStrategy", "rollingUpdate"), "only allowed for updateStrategy 'RollingUpdate'");
                break;
            case "RollingUpdate":
                if (rolling is not null)
                    ValidateRolling(errors, rolling, path.Child("rollingUpdate"));
                break;
            default:
                errors.Invalid(path, InternalForm.Of(strategy, new("apps", "v1", "StatefulSet"), "spec", "updateStrategy"), "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }
    }

    private static void ValidateRolling(FieldErrorList errors, Map rolling, FieldPath path)
    {
        errors.NonNegative(rolling, "partition", path);
        if (!rolling.Has("maxUnavailable"))
            return;
        ValidateIntOrPercent(errors, rolling, "maxUnavailable", path);
        if (IntOrPercent(rolling, "maxUnavailable") == 0)
            errors.Invalid(path.Child("maxUnavailable"), rolling["maxUnavailable"], "cannot be 0");
        ValidateAtMost100Percent(errors, rolling, "maxUnavailable", path);
    }
}
