using KubeSharp.ApiServer.Registry.Batch;
using static KubeSharp.ApiServer.Tests.Registry.ValidationAssert;

namespace KubeSharp.ApiServer.Tests.Registry.Batch;

/// <summary>Jobs and cron jobs (pkg/apis/batch/validation/validation.go).</summary>
public sealed class JobValidationTests
{
    private const string Job = """
        {"metadata":{"name":"j","namespace":"n","uid":"u","resourceVersion":"1"},"spec":{"parallelism":1,"completions":3,"completionMode":"Indexed","backoffLimit":6,
        "selector":{"matchLabels":{"batch.kubernetes.io/controller-uid":"u"}},
        "template":{"metadata":{"labels":{"batch.kubernetes.io/controller-uid":"u","batch.kubernetes.io/job-name":"j","controller-uid":"u","job-name":"j"}},
        "spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","containers":[{"name":"c","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always"}]}}}}
        """;

    private const string CronJob = """
        {"metadata":{"name":"c","namespace":"n","resourceVersion":"1"},"spec":{"schedule":"*/5 * * * *","concurrencyPolicy":"Allow","jobTemplate":{"spec":{
        "template":{"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","containers":[{"name":"c","image":"i:1","terminationMessagePolicy":"File","imagePullPolicy":"Always"}]}}}}}}
        """;

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"completionMode":"NonIndexed","backoffLimitPerIndex":1}}""", "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode")]
    [InlineData("""{"spec":{"maxFailedIndexes":4}}""", "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified|spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions")]
    [InlineData("""{"spec":{"template":{"spec":{"restartPolicy":"Always"}}}}""", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("""{"spec":{"podFailurePolicy":{"rules":[{"action":"","onExitCodes":{"operator":"In","values":[2,1,0]}}]}}}""", "spec.podFailurePolicy.rules[0].action: Required value: valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]|spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Invalid value: 0: must not be 0 for the In operator|spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1,0]: must be ordered")]
    [InlineData("""{"spec":{"podFailurePolicy":{"rules":[{"action":"Ignore"}]}}}""", "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required")]
    [InlineData("""{"spec":{"successPolicy":{"rules":[{"succeededIndexes":"0-1","succeededCount":3}]}}}""", "spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)")]
    [InlineData("""{"spec":{"successPolicy":{"rules":[{"succeededIndexes":"2-1"}]}}}""", "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"2-1\": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1")]
    [InlineData("""{"spec":{"template":{"metadata":{"labels":{"job-name":"k"}}}}}""", "spec.template.metadata.labels[job-name]: Invalid value: {\"batch.kubernetes.io/controller-uid\":\"u\",\"batch.kubernetes.io/job-name\":\"j\",\"controller-uid\":\"u\",\"job-name\":\"k\"}: must be 'j'")]
    public void Jobs(string patch, string expected) => Errors(expected, errors => JobValidation.Validate(null!, Patched(Job, patch), errors));

    [Theory]
    [InlineData("""{"spec":{"completions":2,"parallelism":2}}""", "")]
    [InlineData("""{"spec":{"completions":2}}""", "spec.completions: Invalid value: 2: can only be modified in tandem with spec.parallelism")]
    [InlineData("""{"spec":{"completionMode":"NonIndexed"}}""", "spec.completionMode: Invalid value: \"NonIndexed\": field is immutable")]
    public void Updates(string patch, string expected) => Errors(expected, errors => JobValidation.ValidateUpdate(null!, Patched(Job, patch), Parse(Job), errors));

    [Fact]
    public void A_suspended_job_may_be_rescheduled()
    {
        var old = Patched(Job, """{"spec":{"suspend":true}}""");
        Errors("", errors => JobValidation.ValidateUpdate(null!, Patched(Job, """{"spec":{"suspend":false,"template":{"spec":{"nodeSelector":{"a":"b"}}}}}"""), old, errors));
    }

    [Theory]
    [InlineData("""{"status":{"conditions":[{"type":"Complete","status":"True"}]}}""", "status.completionTime: Required value: completionTime is required for Complete jobs|status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition|status.startTime: Required value: startTime is required for finished job")]
    [InlineData("""{"status":{"completedIndexes":"0,5"}}""", "status.completedIndexes: Invalid value: \"0,5\": error parsing completedIndexes: too large index: \"5\"")]
    [InlineData("""{"status":{"active":1,"ready":2}}""", "status.ready: Invalid value: 2: cannot set more ready pods than active")]
    public void Statuses(string patch, string expected) => Errors(expected, errors => JobStatusValidation.ValidateUpdate(null!, Patched(Job, patch), Parse(Job), errors));

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"schedule":""}}""", "spec.schedule: Required value")]
    [InlineData("""{"spec":{"schedule":"TZ=UTC 0 0 * * *"}}""", "spec.schedule: Invalid value: \"TZ=UTC 0 0 * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    [InlineData("""{"spec":{"timeZone":"Mars/Olympus"}}""", "spec.timeZone: Invalid value: \"Mars/Olympus\": unknown time zone Mars/Olympus")]
    [InlineData("""{"spec":{"concurrencyPolicy":"Maybe"}}""", "spec.concurrencyPolicy: Unsupported value: \"Maybe\": supported values: \"Allow\", \"Forbid\", \"Replace\"")]
    [InlineData("""{"spec":{"jobTemplate":{"spec":{"manualSelector":true}}}}""", "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: \"nil\", \"false\"")]
    [InlineData("""{"metadata":{"name":"a123456789a123456789a123456789a123456789a123456789abc"}}""", "metadata.name: Invalid value: \"a123456789a123456789a123456789a123456789a123456789abc\": must be no more than 52 characters")]
    public void CronJobs(string patch, string expected) => Errors(expected, errors => CronJobValidation.Validate(null!, Patched(CronJob, patch), errors));

    [Theory]
    [InlineData("0 9-17/2 * jan,MAR mon-fri", null)]
    [InlineData("@every 1h30m", null)]
    [InlineData("@fortnightly", "unrecognized descriptor: @fortnightly")]
    [InlineData("* * * *", "expected exactly 5 fields, found 4: [* * * *]")]
    [InlineData("60 * * * *", "end of range (60) above maximum (59): 60")]
    [InlineData("* * 0 * *", "beginning of range (0) below minimum (1): 0")]
    [InlineData("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1")]
    [InlineData("*/0 * * * *", "step of range should be a positive number: */0")]
    [InlineData("x * * * *", "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("1-2-3 * * * *", "too many hyphens: 1-2-3")]
    [InlineData("TZ=0", "invalid schedule format: runtime error: slice bounds out of range [:-1]")]
    public void Schedules(string schedule, string? problem) => Assert.Equal(problem, CronSchedule.Problem(schedule));

    [Theory]
    [InlineData("0-2,4", "3", null)]
    [InlineData("0-2,4", "3,4", 4L)]
    [InlineData("0-9", "5-6", 5L)]
    public void Index_sets_overlap(string completed, string failed, long? expected) => Assert.Equal(expected, JobIndexes.Overlap(completed, failed, 10));
}
