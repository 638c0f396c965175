using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Jobs: selector and labels are generated from the uid (pkg/registry/batch/job/strategy.go, v1.36).</summary>
internal sealed class JobStrategy() : WorkloadStrategy(new KindFacts
{
    GarbageCollection = GarbageCollectionPolicy.OrphanDependents,
    Fields = [new SelectableField("status.successful", "0")],
    UnsupportedField = field => $"field label {GoText.Quote(field)} not supported for Job",
    Defaults = JobDefaults.Apply,
    Validate = JobValidation.Validate,
    ValidateUpdate = JobValidation.ValidateUpdate,
    ValidateStatusUpdate = JobStatusValidation.ValidateUpdate,
})
{
    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        if (!obj.Sub("spec").Flag("manualSelector"))
            GenerateSelector(obj);
        base.PrepareForCreate(context, obj);
        obj.Set("status", new Map(0));
        // What is stored gets its defaults once more when it is read.
        if (obj.Sub("metadata").Sub("labels").Count == 0)
            obj.EditMap("metadata").Set("labels", obj.Sub("spec").Sub("template").Sub("metadata")["labels"]);
    }

    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null)
            WarnOfName(context, obj);
        if (old is null || HasNewGeneration(obj, old))
            WarnOfSpec(context, obj.Sub("spec"), MetadataValidation.Spec);
    }

    /// <summary>Warnings of the template and of sets of indexes that may grow too long (pkg/api/job/warnings.go).</summary>
    internal static void WarnOfSpec(OperationContext context, Map spec, FieldPath path)
    {
        if (spec.Text("completionMode") == "Indexed" && spec.Number("completions") > 100_000 && spec.Number("parallelism") > 10_000)
        {
            context.AddWarning($"{path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, "
                + "Kubernetes might not be able to track completedIndexes when a big number of indexes fail");
        }

        PodWarnings.ForTemplate(context, spec.Sub("template"), path.Child("template"));
    }

    private static void GenerateSelector(Map obj)
    {
        var (uid, name) = (obj.Sub("metadata").Text("uid"), obj.Name());
        var spec = obj.EditMap("spec");
        var labels = spec.EditMap("template").EditMap("metadata").EditMap("labels");
        foreach (var (key, value) in ((string, string)[])[("controller-uid", uid), ("job-name", name), ("batch.kubernetes.io/controller-uid", uid), ("batch.kubernetes.io/job-name", name)])
        {
            if (!labels.ContainsKey(key))
                labels.Set(key, value);
        }

        labels.Sort(string.CompareOrdinal);
        var match = spec.EditMap("selector").EditMap("matchLabels");
        if (!match.ContainsKey("batch.kubernetes.io/controller-uid"))
            match.Set("batch.kubernetes.io/controller-uid", uid);
        match.Sort(string.CompareOrdinal);
    }
}

/// <summary>pkg/apis/batch/v1/defaults.go SetDefaults_Job.</summary>
internal static class JobDefaults
{
    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        ApplyToSpec(spec);
        // The template's labels become the job's where it has none of its own.
        if (spec.GetMap("template")?.GetMap("metadata")?.GetMap("labels") is { Count: > 0 } labels && obj.GetMap("metadata")?.GetMap("labels") is not { Count: > 0 })
            obj.EditMap("metadata").Set("labels", labels);
    });

    private static void ApplyToSpec(Map spec)
    {
        if (spec["completions"].IsNullOrUndefined && spec["parallelism"].IsNullOrUndefined)
        {
            spec.Set("completions", 1);
            spec.Set("parallelism", 1);
        }

        Default(spec, "parallelism", 1);
        if (!spec.ContainsKey("backoffLimit"))
            spec.Set("backoffLimit", spec["backoffLimitPerIndex"].IsNullOrUndefined ? 6 : int.MaxValue);
        Default(spec, "completionMode", "NonIndexed", keepEmpty: true);
        Default(spec, "suspend", false);
        Default(spec, "manualSelector", false);
        if (spec.GetMap("podFailurePolicy") is not null)
        {
            Each(spec.EditMap("podFailurePolicy"), "rules", rule =>
                Each(rule, "onPodConditions", condition => Default(condition, "status", "True")));
        }

        Default(spec, "podReplacementPolicy", spec["podFailurePolicy"].AsMap is null ? "TerminatingOrFailed" : "Failed", keepEmpty: true);
        PodTemplateDefaults.ApplyToTemplate(spec);
    }
}

/// <summary>pkg/apis/batch/v1/defaults.go SetDefaults_CronJob.</summary>
internal static class CronJobDefaults
{
    public static void Apply(Map obj) => Sub(obj, "spec", spec =>
    {
        Default(spec, "concurrencyPolicy", "Allow");
        Default(spec, "suspend", false);
        Default(spec, "successfulJobsHistoryLimit", 3);
        Default(spec, "failedJobsHistoryLimit", 1);
        if (spec.GetMap("jobTemplate")?["spec"].AsMap is not null)
            PodTemplateDefaults.ApplyToTemplate(spec.EditMap("jobTemplate").EditMap("spec"));
    });
}
