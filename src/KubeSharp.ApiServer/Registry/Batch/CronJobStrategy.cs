using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>Cron jobs (pkg/registry/batch/cronjob/strategy.go, v1.36).</summary>
internal sealed class CronJobStrategy() : FactsStrategy(new KindFacts
{
    TracksGeneration = true,
    Defaults = CronJobDefaults.Apply,
    Validate = CronJobValidation.Validate,
    ValidateUpdate = CronJobValidation.ValidateUpdate,
})
{
    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        obj.Set("status", new Map(0));
        PodDisabledFields.DropFromTemplate(obj, null, "spec", "jobTemplate", "spec");
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        PodDisabledFields.DropFromTemplate(obj, old, "spec", "jobTemplate", "spec");
        base.PrepareForUpdate(context, obj, old);
    }

    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null)
            WorkloadStrategy.WarnOfName(context, obj);
        if (old is null || WorkloadStrategy.HasNewGeneration(obj, old))
            JobStrategy.WarnOfSpec(context, obj.Sub("spec").Sub("jobTemplate").Sub("spec"), MetadataValidation.Spec.Child("jobTemplate", "spec"));
        if (old is not null && obj.Sub("spec").Text("schedule").Contains("TZ", StringComparison.Ordinal))
        {
            context.AddWarning("cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, "
                + "see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
        }
    }

    protected override bool DesiredStateChanged(Map obj, Map old) => !obj["spec"].SemanticallyEquals(old["spec"]);
}
