using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Core;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Jobs: selector and labels are generated from the uid (pkg/registry/batch/job/strategy.go, v1.36).</summary>
internal sealed class JobStrategy : FactsStrategy
{
    public JobStrategy()
        : base(new KindFacts
        {
            TracksGeneration = true,
            GarbageCollection = GarbageCollectionPolicy.OrphanDependents,
            Fields = [new SelectableField("status.successful", "0")],
            Defaults = JobDefaults.Apply,
        })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        obj.Set("status", new Map(0));
        if (obj.GetMap("spec") is { } spec && spec.GetBoolean("manualSelector") != true)
            GenerateSelector(obj);
    }

    private static void GenerateSelector(Map obj)
    {
        var uid = obj.GetMap("metadata")!.GetString("uid")!;
        var name = obj.GetMap("metadata")!.GetString("name")!;
        var spec = obj.EditMap("spec");
        var labels = spec.EditMap("template").EditMap("metadata").EditMap("labels");
        foreach (var (key, value) in ((string, string)[])[("controller-uid", uid), ("job-name", name), ("batch.kubernetes.io/controller-uid", uid), ("batch.kubernetes.io/job-name", name)])
        {
            if (!labels.ContainsKey(key))
                labels.Set(key, value);
        }

        var match = spec.EditMap("selector").EditMap("matchLabels");
        if (!match.ContainsKey("batch.kubernetes.io/controller-uid"))
            match.Set("batch.kubernetes.io/controller-uid", uid);
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
        Default(spec, "completionMode", "NonIndexed");
        Default(spec, "suspend", false);
        Default(spec, "manualSelector", default);
        if (spec.GetMap("podFailurePolicy") is not null)
        {
            Each(spec.EditMap("podFailurePolicy"), "rules", rule =>
                Each(rule, "onPodConditions", condition => Default(condition, "status", "True")));
        }

        Default(spec, "podReplacementPolicy", spec["podFailurePolicy"].AsMap is null ? "TerminatingOrFailed" : "Failed");
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
