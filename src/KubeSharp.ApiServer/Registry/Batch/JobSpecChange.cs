using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>What of a job's spec may change: little, and more while it is suspended and has no pods
/// (ValidateJobSpecUpdate in pkg/apis/batch/validation/validation.go, v1.36).</summary>
internal static class JobSpecChange
{
    public static void Validate(FieldErrorList errors, Map spec, Map oldJob, FieldPath path)
    {
        var old = oldJob.Sub("spec");
        ValidateCompletions(errors, spec, old, path);
        Immutable(errors, spec, old, "selector", path);
        ValidateTemplate(errors, spec.Sub("template"), oldJob, path);
        foreach (var field in (ReadOnlySpan<string>)["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
            Immutable(errors, spec, old, field, path);
    }

    private static void Immutable(FieldErrorList errors, Map spec, Map old, string field, FieldPath path)
    {
        if (spec[field].SemanticallyEquals(old[field]))
            return;
        var value = spec.Has(field) ? spec[field] : Value.Null;
        errors.Invalid(path.Child(field), field == "selector" ? LabelSelectorValidation.Print(value) : value.IsNull ? value : InternalForm.Of(value, JobValidation.Kind, "spec", field), ValidationMessages.FieldImmutable);
    }

    private static void ValidateCompletions(FieldErrorList errors, Map spec, Map old, FieldPath path)
    {
        if (spec.GetInteger("completions") == old.GetInteger("completions"))
            return;
        if (spec.Text("completionMode") != "Indexed")
            Immutable(errors, spec, old, "completions", path);
        else if (spec.GetInteger("completions") is { } completions && completions != spec.Number("parallelism"))
            errors.Invalid(path.Child("completions"), completions, "can only be modified in tandem with spec.parallelism");
    }

    private static void ValidateTemplate(FieldErrorList errors, Map template, Map oldJob, FieldPath path)
    {
        var old = oldJob.Sub("spec").Sub("template");
        var suspended = oldJob.Sub("spec").Flag("suspend");
        var changeable = suspended && (!oldJob.Sub("status").Has("startTime") || IsSuspended(oldJob)) && oldJob.Sub("status").Number("active") == 0;
        if (!changeable)
        {
            if (!((Value)template).SemanticallyEquals(old))
                errors.Invalid(path.Child("template"), PodSpecForm.OfTemplate(template), ValidationMessages.FieldImmutable);
            return;
        }

        var spec = template.Sub("spec");
        if (!((Value)spec).SemanticallyEquals(WithResourcesOf(WithSchedulingOf(old.Sub("spec"), spec), spec)))
            errors.Invalid(path.Child("template.spec"), PodSpecForm.Of(spec), ValidationMessages.FieldImmutable);
    }

    private static bool IsSuspended(Map job)
    {
        foreach (var condition in job.Sub("status").List("conditions"))
        {
            if (condition.AsMap.Text("type") == "Suspended" && condition.AsMap.Text("status") == "True")
                return true;
        }

        return false;
    }

    /// <summary>Where a pod may run is free as long as none does.</summary>
    private static Map WithSchedulingOf(Map old, Map now)
    {
        var spec = old.ShallowClone();
        var (affinity, before) = (now.GetMap("affinity"), spec.GetMap("affinity"));
        if (affinity is not null || before is not null)
        {
            var merged = (before ?? Map.Empty).ShallowClone();
            merged.Set("nodeAffinity", affinity?["nodeAffinity"] ?? default);
            spec.Set("affinity", affinity is null && merged.Count == 0 ? default(Value) : merged);
        }

        foreach (var field in (ReadOnlySpan<string>)["nodeSelector", "tolerations", "schedulingGates"])
            spec.Set(field, now[field]);
        return spec;
    }

    private static Map WithResourcesOf(Map old, Map spec)
    {
        var copy = old.ShallowClone();
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var (now, before) = (spec.List(list), old.List(list));
            if (now.Count == 0 || now.Count != before.Count)
                continue;
            var containers = new Sequence(before.Count);
            for (var i = 0; i < before.Count; i++)
            {
                var container = before.At(i);
                if (container.Text("name") == now.At(i).Text("name"))
                {
                    container = container.ShallowClone();
                    container.Set("resources", now.At(i)["resources"]);
                }

                containers.Add(container);
            }

            copy.Set(list, containers);
        }

        return copy;
    }
}
