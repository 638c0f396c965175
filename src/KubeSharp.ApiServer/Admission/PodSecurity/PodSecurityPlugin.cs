using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;
using GroupResource = KubeSharp.ApiMachinery.Schemas.GroupResource;
using KubeSharp.ApiServer.Admission.PodSecurity.Checks;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>
/// The pod security standards by namespace labels: pods are refused, or audited and warned of; templates of workloads are
/// audited and warned of; labels of namespaces must be readable, and stricter ones are tried on the pods that exist.
/// Source: plugin/pkg/admission/security/podsecurity, pod-security-admission/admission/admission.go, v1.36.
/// </summary>
internal sealed class PodSecurityPlugin(PodSecurityConfiguration configuration, ResourceStore namespaces, ResourceStore pods, TimeProvider time) : IAdmissionPlugin
{
    private static readonly PolicyEvaluator Evaluator = new(PolicyChecks.All);

    private readonly NamespaceReview _review = new(configuration, Evaluator, pods, time);

    public string Name => "PodSecurity";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var resource = attributes.Resource.GroupResource;
        if (resource == new GroupResource("", "namespaces"))
        {
            if (attributes.Subresource.Length == 0)
                _review.Review(attributes, new(attributes.Object!.GetMap("metadata")?.GetMap("labels")), new(attributes.OldObject?.GetMap("metadata")?.GetMap("labels")));
            return;
        }

        if (resource == new GroupResource("", "pods"))
            await ValidatePodAsync(attributes, cancellationToken).ConfigureAwait(false);
        else if (attributes.Subresource.Length == 0 && PodTemplates.IsIn(resource))
            await ValidateTemplateAsync(attributes, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ValidatePodAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Subresource is "exec" or "attach" or "binding" or "eviction" or "log" or "portforward" or "proxy" or "status" || IsExempt(attributes))
            return;
        var labels = await LabelsAsync(attributes, cancellationToken).ConfigureAwait(false)
            ?? throw StatusErrors.InternalError($"failed to lookup namespace \"{attributes.Namespace}\"");
        var errors = new FieldErrorList();
        var policy = NamespacePolicy.FromLabels(labels, configuration.Defaults, errors);
        if (errors.Count == 0 && policy.IsFullyPrivileged)
        {
            Annotate(attributes, "enforce-policy", "privileged:latest");
            return;
        }

        var pod = new Pod(attributes.Object);
        if (attributes.OldObject is { } old && !IsSignificant(pod.Spec, new Pod(old).Spec))
            return;
        Evaluate(attributes, policy, errors, pod.Metadata, pod.Spec, enforce: true);
    }

    private async ValueTask ValidateTemplateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (IsExempt(attributes))
            return;
        if (await LabelsAsync(attributes, cancellationToken).ConfigureAwait(false) is not { } labels)
        {
            Annotate(attributes, "error", $"failed to lookup namespace \"{attributes.Namespace}\": namespaces \"{attributes.Namespace}\" not found");
            return;
        }

        var errors = new FieldErrorList();
        var policy = NamespacePolicy.FromLabels(labels, configuration.Defaults, errors);
        if (errors.Count == 0 && policy.Warn.Level == PolicyLevel.Privileged && policy.Audit.Level == PolicyLevel.Privileged)
            return;
        var template = PodTemplates.Of(attributes.Resource.GroupResource, attributes.Object!);
        if (template.Exists)
            Evaluate(attributes, policy, errors, template.Metadata, template.Spec, enforce: false);
    }

    private void Evaluate(AdmissionAttributes attributes, NamespacePolicy policy, FieldErrorList errors, ObjectMeta metadata, PodSpec spec, bool enforce)
    {
        if (spec.RuntimeClassName is { Length: > 0 } runtimeClass && configuration.RuntimeClasses.Contains(runtimeClass))
        {
            Annotate(attributes, "exempt", "runtimeClass");
            return;
        }

        if (errors.Count > 0)
            Annotate(attributes, "error", $"Failed to parse policy: {errors.ToAggregate()}");
        IReadOnlyList<CheckResult>? enforced = null;
        if (enforce)
        {
            Annotate(attributes, "enforce-policy", policy.Enforce.ToString());
            enforced = Evaluator.Evaluate(policy.Enforce, metadata, spec);
        }

        var audited = enforced is not null && policy.Audit == policy.Enforce ? enforced : Evaluator.Evaluate(policy.Audit, metadata, spec);
        if (audited.Count > 0)
            Annotate(attributes, "audit-violations", $"would violate PodSecurity \"{policy.Audit}\": {PolicyEvaluator.Details(audited)}");
        if (enforced is { Count: > 0 })
            throw StatusErrors.Forbidden(attributes.Resource.GroupResource, attributes.Name, $"violates PodSecurity \"{policy.Enforce}\": {PolicyEvaluator.Details(enforced)}");
        var warned = policy.Warn == policy.Audit ? audited
            : enforced is not null && policy.Warn == policy.Enforce ? enforced
            : Evaluator.Evaluate(policy.Warn, metadata, spec);
        if (warned.Count > 0)
            attributes.Context.AddWarning($"would violate PodSecurity \"{policy.Warn}\": {PolicyEvaluator.Details(warned)}");
    }

    private bool IsExempt(AdmissionAttributes attributes)
    {
        var reason = configuration.Namespaces.Contains(attributes.Namespace) ? "namespace"
            : configuration.Usernames.Contains(attributes.Context.User.Name) ? "user"
            : null;
        if (reason is not null)
            Annotate(attributes, "exempt", reason);
        return reason is not null;
    }

    private async ValueTask<StringMap?> LabelsAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var found = namespaces.Peek("", attributes.Namespace) ?? await namespaces.FindAsync("", attributes.Namespace, cancellationToken).ConfigureAwait(false);
        return found is null ? null : new StringMap(found.Tree().GetMap("metadata")?.GetMap("labels"));
    }

    private static void Annotate(AdmissionAttributes attributes, string key, string value) =>
        attributes.Context.AddAuditAnnotation(NamespacePolicy.LabelPrefix + key, value);

    /// <summary>Of a pod that exists, only images change and ephemeral containers are added.</summary>
    private static bool IsSignificant(PodSpec spec, PodSpec old)
    {
        if (DifferInImages(spec.Containers, old.Containers) || DifferInImages(spec.InitContainers, old.InitContainers))
            return true;
        foreach (var container in spec.EphemeralContainers)
        {
            var before = old.EphemeralContainers.Find(candidate => candidate.Name == container.Name);
            if (!before.Exists || before.Image != container.Image)
                return true;
        }

        return false;
    }

    private static bool DifferInImages(ViewList<Container> containers, ViewList<Container> old)
    {
        if (containers.Count != old.Count)
            return true;
        for (var i = 0; i < containers.Count; i++)
        {
            if (containers[i].Image != old[i].Image)
                return true;
        }

        return false;
    }
}
