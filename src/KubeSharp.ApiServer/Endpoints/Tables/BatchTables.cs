using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of batch (pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class BatchTables
{
    private static readonly string[] Finished = ["Complete", "Failed"];

    private static readonly string[] Unfinished = ["Suspended", "FailureTarget", "SuccessCriteriaMet"];

    public static readonly ObjectTable Jobs = new(
        static (obj, now) =>
        [
            Name(obj), Status(obj), Completions(obj), Duration(obj, now), Age(obj, now),
            ContainerNames(At(obj, "spec", "template", "spec").AsMap), ContainerImages(At(obj, "spec", "template", "spec").AsMap),
            Selector(At(obj, "spec", "selector").AsMap),
        ],
        ObjectColumns.Name,
        new("Status", "string", "", "Status of the job."),
        new("Completions", "string", "", "The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs."),
        new("Duration", "string", "", "Time required to complete the job."),
        ObjectColumns.Age,
        new("Containers", "string", "", "Names of each container in the template.", 1),
        new("Images", "string", "", "Images referenced by each container in the template.", 1),
        new("Selector", "string", "", "A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors", 1));

    public static readonly ObjectTable CronJobs = new(
        static (obj, now) =>
        {
            var job = At(obj, "spec", "jobTemplate", "spec").AsMap;
            var pod = At(job, "template", "spec").AsMap;
            return
            [
                Name(obj), Text(obj, "spec", "schedule"), At(obj, "spec", "timeZone").AsString ?? None,
                At(obj, "spec", "suspend").AsBoolean is { } suspend ? (suspend ? "True" : "False") : Unset,
                Count(obj, "status", "active"),
                At(obj, "status", "lastScheduleTime").AsString is { } last ? Since(last, now) : None, Age(obj, now),
                ContainerNames(pod), ContainerImages(pod), Selector(At(job, "selector").AsMap),
            ];
        },
        ObjectColumns.Name,
        new("Schedule", "string", "", "The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron."),
        new("Timezone", "string", "", "The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones. If not specified, this will default to the time zone of the kube-controller-manager process. The set of valid time zone names and the time zone offset is loaded from the system-wide time zone database by the API server during CronJob validation and the controller manager during execution. If no system-wide time zone database can be found a bundled version of the database is used instead. If the time zone name becomes invalid during the lifetime of a CronJob or due to a change in host configuration, the controller will stop creating new new Jobs and will create a system event with the reason UnknownTimeZone. More information can be found in https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones"),
        new("Suspend", "boolean", "", "This flag tells the controller to suspend subsequent executions, it does not apply to already started executions.  Defaults to false."),
        new("Active", "integer", "", "A list of pointers to currently running jobs."),
        new("Last Schedule", "string", "", "Information when was the last time the job was successfully scheduled."),
        ObjectColumns.Age,
        new("Containers", "string", "", "Names of each container in the template.", 1),
        new("Images", "string", "", "Images referenced by each container in the template.", 1),
        new("Selector", "string", "", "A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors", 1));

    private static string Status(Map obj)
    {
        foreach (var type in Finished)
        {
            if (ConditionStatus(obj, type) == "True")
                return type;
        }

        if (ObjectMetaAccessor.IsBeingDeleted(obj))
            return "Terminating";
        return Array.Find(Unfinished, type => ConditionStatus(obj, type) == "True") ?? "Running";
    }

    private static string Completions(Map obj)
    {
        var succeeded = Integer(obj, "status", "succeeded");
        if (At(obj, "spec", "completions").AsInteger is { } completions)
            return Format($"{succeeded}/{completions}");
        var parallelism = Integer(obj, "spec", "parallelism");
        return parallelism > 1 ? Format($"{succeeded}/1 of {parallelism}") : Format($"{succeeded}/1");
    }

    private static string Duration(Map obj, DateTimeOffset now)
    {
        if (Time(Text(obj, "status", "startTime")) is not { } start)
            return "";
        return HumanDuration((Time(Text(obj, "status", "completionTime")) ?? now) - start);
    }
}
