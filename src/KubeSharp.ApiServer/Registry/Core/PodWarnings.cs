using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Warnings about pods and templates that are valid but hardly meant so (pkg/api/pod/warnings.go, v1.36).</summary>
internal static class PodWarnings
{
    private const string SeccompPod = "seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string AppArmor = "container.apparmor.security.beta.kubernetes.io/";
    private const string NullSelector = "a null labelSelector results in matching no pod";
    private const string UseSeccompField = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    private static readonly (string Annotation, string Message)[] DeprecatedAnnotations =
    [
        ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
        ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
        ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ];

    private static readonly (string Source, string Name, string Message)[] DeprecatedVolumes =
    [
        ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
        ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    /// <summary>On creation of a pod.</summary>
    public static void ForPod(OperationContext context, Map pod)
    {
        if (NameValidation.IsDns1123Label(pod.Name()) is { Count: > 0 } problems)
        {
            context.AddWarning("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: "
                + $"[{string.Join(' ', problems)}]");
        }

        Add(context, pod, null);
    }

    /// <summary>For a template at a path; on update only where the template or its holder changed, which the caller knows.</summary>
    public static void ForTemplate(OperationContext context, Map template, FieldPath path) => Add(context, template, path);

    private static void Add(OperationContext context, Map holder, FieldPath? path)
    {
        var (spec, annotations) = (holder.Sub("spec"), holder.Sub("metadata").Sub("annotations"));
        var specPath = path?.Child("spec") ?? MetadataValidation.Spec;
        var annotationsPath = path?.Child("metadata", "annotations") ?? MetadataValidation.Path.Child("annotations");
        WarnOfNodeLabels(context, spec, specPath);
        foreach (var (annotation, message) in DeprecatedAnnotations)
        {
            if (annotations.ContainsKey(annotation))
                context.AddWarning($"{annotationsPath.Key(annotation)}: {message}");
        }

        WarnOfVolumes(context, spec.List("volumes"), specPath.Child("volumes"));
        OverlappingPathWarnings.Add(context, spec.List("volumes"));
        WarnOfDuplicates(context, spec, specPath);
        foreach (var resource in (ReadOnlySpan<string>)["memory", "ephemeral-storage"])
            WarnOfFraction(context, spec.Sub("overhead"), resource, specPath.Child("overhead"));
        if (!spec.Sub("securityContext").Has("seccompProfile") && annotations.ContainsKey(SeccompPod))
            context.AddWarning($"{annotationsPath.Key(SeccompPod)}: {UseSeccompField}");
        PodContainers.Visit(spec, specPath, (container, at) =>
        {
            WarnOfProfiles(context, container, spec, annotations, path is not null, annotationsPath);
            foreach (var resource in (ReadOnlySpan<string>)["memory", "ephemeral-storage"])
            {
                foreach (var list in (ReadOnlySpan<string>)["limits", "requests"])
                    WarnOfFraction(context, container.Sub("resources").Sub(list), resource, at.Child("resources", list));
            }

            WarnOfHiddenVariables(context, container.List("env"), at);
        });
        PodPortWarnings.Add(context, spec, specPath);
        if (spec.GetInteger("terminationGracePeriodSeconds") < 0)
            context.AddWarning($"{specPath.Child("terminationGracePeriodSeconds")}: must be >= 0; negative values are invalid and will be treated as 1");
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
            WarnOfNullSelectors(context, spec.Sub("affinity").Sub(kind), specPath.Child("affinity", kind));
        WarnOfAddresses(context, spec, specPath);
    }

    private static void WarnOfNodeLabels(OperationContext context, Map spec, FieldPath path)
    {
        foreach (var (key, _) in spec.Sub("nodeSelector"))
        {
            if (NodeSelectorValidation.DeprecatedLabel(key) is { } message)
                context.AddWarning($"{path.Child("nodeSelector").Key(key)}: {message}");
        }

        var affinity = spec.Sub("affinity").Sub("nodeAffinity");
        var terms = affinity.Sub(Required).List("nodeSelectorTerms");
        for (var i = 0; i < terms.Count; i++)
            WarnOfTerm(context, terms.At(i), false, path.Child("affinity", "nodeAffinity", Required, "nodeSelectorTerms").Index(i));
        var preferred = affinity.List(Preferred);
        for (var i = 0; i < preferred.Count; i++)
            WarnOfTerm(context, preferred.At(i).Sub("preference"), true, path.Child("affinity", "nodeAffinity", Preferred).Index(i).Child("preference"));
        var constraints = spec.List("topologySpreadConstraints");
        for (var i = 0; i < constraints.Count; i++)
        {
            var (key, at) = (constraints.At(i).Text("topologyKey"), path.Child("topologySpreadConstraints").Index(i));
            if (NodeSelectorValidation.DeprecatedLabel(key) is { } message)
                context.AddWarning($"{at.Child("topologyKey")}: {key} is {message}");
            if (!constraints.At(i).Has("labelSelector"))
                context.AddWarning($"{at.Child("labelSelector")}: {NullSelector}");
        }
    }

    private static void WarnOfTerm(OperationContext context, Map term, bool checkValues, FieldPath path)
    {
        var expressions = term.List("matchExpressions");
        for (var i = 0; i < expressions.Count; i++)
        {
            var (key, values, at) = (expressions.At(i).Text("key"), expressions.At(i).List("values"), path.Child("matchExpressions").Index(i));
            if (NodeSelectorValidation.DeprecatedLabel(key) is { } message)
                context.AddWarning($"{at.Child("key")}: {key} is {message}");
            for (var j = 0; checkValues && j < values.Count; j++)
            {
                foreach (var problem in NameValidation.IsLabelValue(values.TextAt(j)))
                    context.AddWarning($"{at.Child("values").Index(j)}: {values.TextAt(j)} is invalid, {problem}");
            }
        }
    }

    private static void WarnOfVolumes(OperationContext context, Sequence volumes, FieldPath path)
    {
        for (var i = 0; i < volumes.Count; i++)
        {
            foreach (var (source, name, message) in DeprecatedVolumes)
            {
                if (volumes.At(i).Has(source))
                    context.AddWarning($"{path.Index(i).Child(name)}: {message}");
            }

            if (volumes.At(i).Sub("ephemeral").GetMap("volumeClaimTemplate")?.GetMap("spec") is { } claim)
                PersistentVolumeClaimValidation.WarnOfSpec(context, claim, path.Index(i).Child("ephemeral", "volumeClaimTemplate", "spec"));
        }
    }

    private static void WarnOfDuplicates(OperationContext context, Map spec, FieldPath path)
    {
        var (aliases, secrets) = (spec.List("hostAliases"), spec.List("imagePullSecrets"));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < aliases.Count; i++)
        {
            if (!seen.Add(aliases.At(i).Text("ip")))
                context.AddWarning($"{path.Child("hostAliases").Index(i).Child("ip")}: duplicate ip {GoText.Quote(aliases.At(i).Text("ip"))}");
        }

        seen.Clear();
        for (var i = 0; i < secrets.Count; i++)
        {
            if (!seen.Add(secrets.At(i).Text("name")))
                context.AddWarning($"{path.Child("imagePullSecrets").Index(i).Child("name")}: duplicate name {GoText.Quote(secrets.At(i).Text("name"))}");
        }

        for (var i = 0; i < secrets.Count; i++)
        {
            if (secrets.At(i).Text("name").Length == 0)
                context.AddWarning($"{path.Child("imagePullSecrets").Index(i).Child("name")}: invalid empty name \"\"");
        }
    }

    private static void WarnOfFraction(OperationContext context, Map amounts, string resource, FieldPath path)
    {
        if (amounts.Has(resource) && amounts.Amount(resource) is var amount && amount.MilliValue() % 1000 != 0)
            context.AddWarning($"{path.Key(resource)}: fractional byte value {GoText.Quote(amount.ToString())} is invalid, must be an integer");
    }

    /// <summary>Annotations for which there are fields now. A pod's for AppArmor were dealt with when it was prepared.</summary>
    private static void WarnOfProfiles(OperationContext context, Map container, Map spec, Map annotations, bool isTemplate, FieldPath path)
    {
        if (annotations.Count == 0)
            return;
        var (own, name) = (container.Sub("securityContext"), container.Text("name"));
        if (!own.Has("seccompProfile") && annotations.ContainsKey(SeccompContainer + name))
            context.AddWarning($"{path.Key(SeccompContainer + name)}: {UseSeccompField}");
        if (!isTemplate || own.Has("appArmorProfile") || annotations.GetString(AppArmor + name) is not { } annotation)
            return;
        var podProfile = spec.Sub("securityContext").GetMap("appArmorProfile");
        if (podProfile is null || !((Value)podProfile).SemanticallyEquals(PodAppArmor.FieldFor(annotation)))
            context.AddWarning($"{path.Key(AppArmor + name)}: deprecated since v1.30; use the \"appArmorProfile\" field instead");
    }

    /// <summary>A second definition is fine only where it extends the first.</summary>
    private static void WarnOfHiddenVariables(OperationContext context, Sequence variables, FieldPath path)
    {
        if (variables.Count < 2)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < variables.Count; i++)
        {
            var (name, value) = (variables.At(i).Text("name"), variables.At(i).Text("value"));
            if (seen.Add(name))
                continue;
            var reference = $"$({name})";
            if (variables.At(i).Has("valueFrom") || value == reference || !value.Contains(reference, StringComparison.Ordinal))
                context.AddWarning($"{path.Child("env").Index(i)}: hides previous definition of {GoText.Quote(name)}, which may be dropped when using apply");
        }
    }

    private static void WarnOfNullSelectors(OperationContext context, Map affinity, FieldPath path)
    {
        var (required, preferred) = (affinity.List(Required), affinity.List(Preferred));
        for (var i = 0; i < required.Count; i++)
        {
            if (!required.At(i).Has("labelSelector"))
                context.AddWarning($"{path.Child(Required).Index(i).Child("labelSelector")}: {NullSelector}");
        }

        for (var i = 0; i < preferred.Count; i++)
        {
            if (!preferred.At(i).Sub("podAffinityTerm").Has("labelSelector"))
                context.AddWarning($"{path.Child(Preferred).Index(i).Child("podAffinityTerm", "labelSelector")}: {NullSelector}");
        }
    }

    private static void WarnOfAddresses(OperationContext context, Map spec, FieldPath path)
    {
        var (servers, aliases) = (spec.Sub("dnsConfig").List("nameservers"), spec.List("hostAliases"));
        for (var i = 0; i < servers.Count; i++)
            Add(context, IpValidation.GetWarningsForIp(path.Child("dnsConfig", "nameservers").Index(i), servers.TextAt(i)));
        for (var i = 0; i < aliases.Count; i++)
            Add(context, IpValidation.GetWarningsForIp(path.Child("hostAliases").Index(i).Child("ip"), aliases.At(i).Text("ip")));
    }

    public static void Add(OperationContext context, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
            context.AddWarning(warning);
    }
}
