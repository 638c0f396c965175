using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Admission.EventRateLimit;

/// <summary>Refuses events that come too fast: in all, by namespace, by user, or about the same thing
/// (plugin/pkg/admission/eventratelimit/admission.go, v1.36).</summary>
internal sealed class EventRateLimitPlugin(IReadOnlyList<EventLimit> limits) : IAdmissionPlugin
{
    private static readonly string[] Types = ["Namespace", "Server", "SourceAndObject", "User"];

    public string Name => "EventRateLimit";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        // What is not stored costs nothing.
        if (attributes.Context.Served.Kind is not { Group: "", Kind: "Event" } || attributes.Context.DryRun)
            return ValueTask.CompletedTask;
        var problems = new List<string>();
        foreach (var limit in limits)
        {
            if (limit.Accept(attributes) is { } problem)
                problems.Add(problem);
        }

        if (problems.Count == 0)
            return ValueTask.CompletedTask;
        throw new StatusException(new Status
        {
            Code = 429,
            Reason = StatusReason.TooManyRequests,
            Message = $"Too many requests: {(problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems)}]")}",
        });
    }

    /// <exception cref="FormatException">The configuration is not valid.</exception>
    public static EventRateLimitPlugin Create(Map? root, TimeProvider time)
    {
        if (root is not null && (root.GetString("apiVersion") != "eventratelimit.admission.k8s.io/v1alpha1" || root.GetString("kind") != "Configuration"))
            throw new FormatException($"no kind \"{root.GetString("kind")}\" is registered for version \"{root.GetString("apiVersion")}\"");
        var errors = new FieldErrorList();
        var items = root?.GetSequence("limits") ?? Sequence.Empty;
        var path = new FieldPath("limits");
        if (items.Count == 0)
            errors.Add(FieldError.Invalid(path, default, "must not be empty"));
        var limits = new List<EventLimit>();
        foreach (var item in items)
        {
            var limit = item.AsMap ?? Map.Empty;
            var at = path.Index(limits.Count);
            var (type, rate, burst, size) = (limit.GetString("type") ?? "", limit.GetInteger("qps") ?? 0, limit.GetInteger("burst") ?? 0, limit.GetInteger("cacheSize") ?? 0);
            if (!Types.Contains(type))
                errors.Add(FieldError.NotSupported(at.Child("type"), type, Types));
            if (burst <= 0)
                errors.Add(FieldError.Invalid(at.Child("burst"), burst, "must be positive"));
            if (rate <= 0)
                errors.Add(FieldError.Invalid(at.Child("qps"), rate, "must be positive"));
            if (type != "Server" && size < 0)
                errors.Add(FieldError.Invalid(at.Child("cacheSize"), size, "must not be negative"));
            limits.Add(new EventLimit(type, (int)rate, (int)burst, (int)size, time));
        }

        return errors.ToAggregate() is { } problem ? throw new FormatException(problem) : new EventRateLimitPlugin(limits);
    }
}
