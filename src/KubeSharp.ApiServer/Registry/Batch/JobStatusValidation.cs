using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Batch;

/// <summary>A job's status, whoever reports it: most rules look only at what a write changes
/// (validateJobStatus and getStatusValidationOptions in pkg/apis/batch and pkg/registry/batch/job, v1.36).</summary>
internal static class JobStatusValidation
{
    private static readonly FieldPath Status = MetadataValidation.Status;
    private static readonly FieldPath Conditions = Status.Child("conditions");

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var change = new Change(obj.Sub("spec"), obj.Sub("status"), old.Sub("status"));
        WorkloadSpecValidation.ValidateCounters(errors, change.Now, Status, "active", "succeeded", "failed", "ready", "terminating");
        ValidateUncounted(errors, change.Now);
        ValidateCompletion(errors, change);
        ValidateFinished(errors, change);
        ValidateIndexes(errors, change);
        if ((change.Changed("terminating") || change.FinishedChanged) && change.Now.Number("terminating") > 0 && change.IsFinished)
            errors.Invalid(Status.Child("terminating"), change.Now.Number("terminating"), "terminating>0 is invalid for finished job");
        if ((change.Changed("ready") || change.Changed("active")) && change.Now.Number("ready") > change.Now.Number("active"))
            errors.Invalid(Status.Child("ready"), change.Now.Number("ready"), "cannot set more ready pods than active");
        if (change.Is("SuccessCriteriaMet") && change.Is("Failed"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set SuccessCriteriaMet=True and Failed=true conditions"));
        if (change.Is("SuccessCriteriaMet") && change.Is("FailureTarget"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"));
        if (change.Spec.Has("successPolicy") && !change.Is("SuccessCriteriaMet") && change.Is("Complete"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"));
        ValidateTransition(errors, change);
    }

    private static void ValidateUncounted(FieldErrorList errors, Map status)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (ReadOnlySpan<string>)["succeeded", "failed"])
        {
            var uids = status.Sub("uncountedTerminatedPods").List(list);
            for (var i = 0; i < uids.Count; i++)
            {
                var path = Status.Child("uncountedTerminatedPods", list).Index(i);
                if (uids.TextAt(i).Length == 0)
                    errors.Invalid(path, "", "must not be empty");
                else if (!seen.Add(uids.TextAt(i)))
                    errors.Duplicate(path, uids[i]);
            }
        }
    }

    private static void ValidateCompletion(FieldErrorList errors, Change change)
    {
        var (complete, time) = (change.Is("Complete"), change.Now.GetString("completionTime"));
        var completeChanged = change.ConditionChanged("Complete");
        if ((completeChanged || change.ConditionChanged("Failed")) && complete && change.Is("Failed"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set Complete=True and Failed=true conditions"));
        if ((completeChanged || change.ConditionChanged("FailureTarget")) && complete && change.Is("FailureTarget"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set Complete=True and FailureTarget=true conditions"));
        var timeMatters = completeChanged || change.Changed("completionTime");
        if (timeMatters && time is not null && !complete)
            errors.Invalid(Status.Child("completionTime"), time, "cannot set completionTime when there is no Complete=True condition");
        if (timeMatters && time is null && complete)
            errors.Required(Status.Child("completionTime"), "completionTime is required for Complete jobs");
        if ((change.Changed("startTime") || change.Changed("completionTime")) && change.Now.GetString("startTime") is { } start
            && time is not null && string.CompareOrdinal(time, start) < 0)
            errors.Invalid(Status.Child("completionTime"), time, "must be equal to or after `startTime`");
        if ((change.ConditionChanged("Failed") || change.Changed("failedIndexes")) && change.Is("Failed") && !change.Is("FailureTarget"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set Failed=True condition without the FailureTarget=true condition"));
        if ((completeChanged || change.ConditionChanged("SuccessCriteriaMet")) && complete && !change.Is("SuccessCriteriaMet"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"));
    }

    private static void ValidateFinished(FieldErrorList errors, Change change)
    {
        if (!change.IsFinished)
            return;
        if ((change.FinishedChanged || change.Changed("active")) && change.Now.Number("active") > 0)
            errors.Invalid(Status.Child("active"), change.Now.Number("active"), "active>0 is invalid for finished job");
        var nothingToDo = change.Spec.Flag("suspend") && change.Spec.GetInteger("completions") == 0;
        if ((change.FinishedChanged || change.Changed("startTime")) && !nothingToDo && !change.Now.Has("startTime"))
            errors.Required(Status.Child("startTime"), "startTime is required for finished job");
        var uncounted = change.Now.Sub("uncountedTerminatedPods");
        if ((change.FinishedChanged || change.Changed("uncountedTerminatedPods")) && uncounted.List("failed").Count + uncounted.List("succeeded").Count > 0)
        {
            errors.Invalid(Status.Child("uncountedTerminatedPods"), InternalForm.Of(uncounted, JobValidation.Kind, "status", "uncountedTerminatedPods"),
                "must be empty for finished job");
        }
    }

    private static void ValidateIndexes(FieldErrorList errors, Change change)
    {
        var (completed, failed, completions) = (change.Now.Text("completedIndexes"), change.Now.GetString("failedIndexes"), change.Spec.GetInteger("completions"));
        var (completedChanged, failedChanged) = (change.Changed("completedIndexes"), change.Changed("failedIndexes"));
        if (completedChanged && completions is { } total && JobIndexes.Count(completed, total, out var problem) is null)
            errors.Invalid(Status.Child("completedIndexes"), completed, $"error parsing completedIndexes: {problem}");
        var perIndex = change.Spec.Has("backoffLimitPerIndex");
        if (failedChanged && completions is { } count && perIndex && failed is not null && JobIndexes.Count(failed, count, out var failedProblem) is null)
            errors.Invalid(Status.Child("failedIndexes"), failed, $"error parsing failedIndexes: {failedProblem}");
        if (completedChanged && completed.Length > 0 && change.Spec.Text("completionMode") != "Indexed")
            errors.Invalid(Status.Child("completedIndexes"), completed, "cannot set non-empty completedIndexes when non-indexed completion mode");
        if (failedChanged && !perIndex && failed is not null)
            errors.Invalid(Status.Child("failedIndexes"), failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        if ((failedChanged || completedChanged) && completions is { } bound && failed is not null && JobIndexes.Overlap(completed, failed, bound) is { } index)
            errors.Invalid(Status.Child("failedIndexes"), failed, string.Create(CultureInfo.InvariantCulture, $"failedIndexes and completedIndexes overlap at index: {index}"));
    }

    private static void ValidateTransition(FieldErrorList errors, Change change)
    {
        foreach (var type in (ReadOnlySpan<string>)["Failed", "Complete", "FailureTarget"])
        {
            if (change.Was(type) && !change.Is(type))
                errors.Add(JobValidation.Omitted(Conditions, $"cannot disable the terminal {type}=True condition"));
        }

        if (change.Now.Number("failed") < change.Before.Number("failed"))
            errors.Invalid(Status.Child("failed"), change.Now.Number("failed"), "cannot decrease the failed counter");
        var elastic = change.Spec.Text("completionMode") == "Indexed" && change.Spec.GetInteger("completions") == change.Spec.GetInteger("parallelism");
        if (!elastic && change.Now.Number("succeeded") < change.Before.Number("succeeded"))
            errors.Invalid(Status.Child("succeeded"), change.Now.Number("succeeded"), "cannot decrease the succeeded counter");
        if (change.Now.Has("completionTime") && change.Before.Has("completionTime") && change.Changed("completionTime"))
            errors.Invalid(Status.Child("completionTime"), change.Now["completionTime"], "field is immutable");
        var resuming = change.Was("Suspended") && HasCondition(change.Now, "Suspended", "False");
        if (change.Changed("startTime") && !resuming && change.Before.Has("startTime") && !change.Spec.Flag("suspend"))
            errors.Invalid(Status.Child("startTime"), change.Now.Has("startTime") ? change.Now["startTime"] : Value.Null, "field is immutable for unsuspended job once set");
        if (change.Was("SuccessCriteriaMet") && !change.Is("SuccessCriteriaMet"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot disable the SuccessCriteriaMet=True condition"));
        if (change.Was("Complete") && !change.Was("SuccessCriteriaMet") && change.Is("SuccessCriteriaMet"))
            errors.Add(JobValidation.Omitted(Conditions, "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"));
    }

    private static bool HasCondition(Map status, string type, string value)
    {
        foreach (var condition in status.List("conditions"))
        {
            if (condition.AsMap.Text("type") == type && condition.AsMap.Text("status") == value)
                return true;
        }

        return false;
    }

    /// <summary>The two states, and what differs between them.</summary>
    private readonly record struct Change(Map Spec, Map Now, Map Before)
    {
        public bool IsFinished => Is("Complete") || Is("Failed");

        public bool FinishedChanged => IsFinished != (Was("Complete") || Was("Failed"));

        public bool Is(string type) => HasCondition(Now, type, "True");

        public bool Was(string type) => HasCondition(Before, type, "True");

        public bool ConditionChanged(string type) => Is(type) != Was(type);

        public bool Changed(string field) => !Now[field].SemanticallyEquals(Before[field]);
    }
}
