using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ComponentBase;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>Looks at new labels of a namespace: are they valid, and do the pods that are there obey them
/// (pod-security-admission/admission/admission.go ValidateNamespace and EvaluatePodsInNamespace, v1.36).</summary>
internal sealed class NamespaceReview(PodSecurityConfiguration configuration, PolicyEvaluator evaluator, ResourceStore pods, TimeProvider time)
{
    private const int MaxPods = 3000;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    /// <exception cref="StatusException">422 for labels that cannot be read.</exception>
    public void Review(AdmissionAttributes attributes, StringMap labels, StringMap oldLabels)
    {
        var errors = new FieldErrorList();
        var policy = NamespacePolicy.FromLabels(labels, configuration.Defaults, errors);
        if (attributes.OldObject is null)
        {
            if (errors.Count > 0)
                throw StatusErrors.Invalid(attributes.Resource.GroupKind, attributes.Name, errors);
            WarnOfExemption(attributes, policy, labels);
            return;
        }

        var oldErrors = new FieldErrorList();
        var oldPolicy = NamespacePolicy.FromLabels(oldLabels, configuration.Defaults, oldErrors);
        if (errors.Count > 0 && !errors.SequenceEqual(oldErrors))
            throw StatusErrors.Invalid(attributes.Resource.GroupKind, attributes.Name, errors);
        var isStricter = policy.Enforce != oldPolicy.Enforce
            && policy.Enforce.Level != PolicyLevel.Privileged
            && (policy.Enforce.Version != oldPolicy.Enforce.Version || policy.Enforce.Level > oldPolicy.Enforce.Level);
        if (isStricter && !WarnOfExemption(attributes, policy, labels))
            WarnOfPods(attributes, policy.Enforce);
    }

    /// <summary>True when the namespace is exempt.</summary>
    private bool WarnOfExemption(AdmissionAttributes attributes, NamespacePolicy policy, StringMap labels)
    {
        if (!configuration.Namespaces.Contains(attributes.Name))
            return false;
        if (policy.IsFullyPrivileged || policy.IsEquivalent(configuration.Defaults))
            return true;
        var modes = new List<string>(3);
        Add("enforce", policy.Enforce, NamespacePolicy.EnforceLabel, NamespacePolicy.EnforceVersionLabel);
        Add("audit", policy.Audit, NamespacePolicy.AuditLabel, NamespacePolicy.AuditVersionLabel);
        Add("warn", policy.Warn, NamespacePolicy.WarnLabel, NamespacePolicy.WarnVersionLabel);
        attributes.Context.AddWarning($"namespace \"{attributes.Name}\" is exempt from Pod Security, and the policy ({string.Join(", ", modes)}) will be ignored");
        return true;

        void Add(string mode, LevelVersion value, string levelLabel, string versionLabel)
        {
            if (value.Level != PolicyLevel.Privileged && (labels.ContainsKey(levelLabel) || labels.ContainsKey(versionLabel)))
                modes.Add($"{mode}={value}");
        }
    }

    private void WarnOfPods(AdmissionAttributes attributes, LevelVersion enforce)
    {
        var deadline = time.SteadyNow() + MaxTime;
        var candidates = Prioritized(attributes.Name);
        var (total, seen) = (candidates.Count, 0);
        var byReason = new Dictionary<string, (string FirstName, int Count)>(StringComparer.Ordinal);
        while (seen < Math.Min(total, MaxPods))
        {
            var pod = candidates[seen++];
            var forbidden = evaluator.Evaluate(enforce, pod.Metadata, pod.Spec);
            if (forbidden.Count > 0)
            {
                var reason = PolicyEvaluator.Reasons(forbidden);
                var (first, count) = byReason.GetValueOrDefault(reason, (pod.Metadata.Name, 0));
                byReason[reason] = (string.CompareOrdinal(pod.Metadata.Name, first) < 0 ? pod.Metadata.Name : first, count + 1);
            }

            if (time.SteadyNow() > deadline)
                break;
        }

        if (seen < total)
            attributes.Context.AddWarning($"new PodSecurity enforce level only checked against the first {seen} of {total} existing pods");
        if (byReason.Count > 0)
            attributes.Context.AddWarning($"existing pods in namespace \"{attributes.Name}\" violate the new PodSecurity enforce level \"{enforce}\"");
        foreach (var warning in byReason.Select(static pair => $"{Who(pair.Value.FirstName, pair.Value.Count)}: {pair.Key}").Order(StringComparer.Ordinal))
            attributes.Context.AddWarning(warning);
    }

    private static string Who(string name, int count) => count switch
    {
        1 => name,
        2 => $"{name} (and 1 other pod)",
        _ => $"{name} (and {count - 1} other pods)",
    };

    /// <summary>One pod of each controller comes before its others.</summary>
    private List<Pod> Prioritized(string @namespace)
    {
        var first = new List<Pod>();
        var others = new List<Pod>();
        var controllers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cached in AdmissionDependencies.In(pods, @namespace))
        {
            var pod = new Pod(cached.Tree());
            if (pod.Spec.RuntimeClassName is { Length: > 0 } runtimeClass && configuration.RuntimeClasses.Contains(runtimeClass))
                continue;
            var controller = pod.Metadata.OwnerReferences.Find(static owner => owner.Controller == true);
            (!controller.Exists || controllers.Add(controller.UID) ? first : others).Add(pod);
        }

        first.AddRange(others);
        return first;
    }
}
