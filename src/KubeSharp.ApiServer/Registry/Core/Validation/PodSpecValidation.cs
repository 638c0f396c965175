using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>A pod spec, of a pod or of a template (ValidatePodSpec in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PodSpecValidation
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] PreemptionPolicies = ["PreemptLowerPriority", "Never"];
    private static readonly string[] Systems = ["linux", "windows"];

    /// <param name="errors">Receives what is wrong, in upstream's order.</param>
    /// <param name="spec">The spec, defaults set.</param>
    /// <param name="podMetadata">The metadata of a pod; null for a template.</param>
    /// <param name="options">What is let pass.</param>
    /// <param name="path">Where the spec stands.</param>
    public static void Validate(FieldErrorList errors, Map spec, Map? podMetadata, PodValidationOptions options, FieldPath path)
    {
        var scope = new PodSpecScope(spec, podMetadata, options);
        if (scope.GracePeriod is null)
            errors.Required(path.Child("terminationGracePeriodSeconds"));
        VolumeValidation.Validate(errors, scope, path.Child("volumes"));
        PodResourcesValidation.ValidateClaims(errors, scope, path.Child("resourceClaims"));
        ContainerValidation.ValidateRegular(errors, scope, path.Child("containers"));
        ContainerValidation.ValidateInit(errors, scope, path.Child("initContainers"));
        ContainerValidation.ValidateEphemeral(errors, scope, path.Child("ephemeralContainers"));
        PodResourcesValidation.Validate(errors, scope, path);
        ValidateHostPorts(errors, scope, path);
        if (scope.RestartPolicy.Length == 0)
            errors.Required(path.Child("restartPolicy"));
        else
            errors.OneOf(path, "restartPolicy", scope.RestartPolicy, RestartPolicies);
        PodDnsValidation.ValidatePolicy(errors, spec.Text("dnsPolicy"), path.Child("dnsPolicy"));
        LabelValidation.ValidateLabels(errors, spec.GetMap("nodeSelector"), path.Child("nodeSelector"));
        PodSecurityContextValidation.Validate(errors, scope, path.Child("securityContext"));
        if (spec.GetMap("affinity") is { } affinity)
            AffinityValidation.Validate(errors, affinity, options, path.Child("affinity"));
        PodDnsValidation.ValidateConfig(errors, spec.GetMap("dnsConfig"), spec.Text("dnsPolicy"), path.Child("dnsConfig"));
        ValidateGates(errors, spec, path);
        TopologySpreadValidation.Validate(errors, spec.List("topologySpreadConstraints"), options, path.Child("topologySpreadConstraints"));
        WindowsOptionsValidation.ValidateHostProcess(errors, spec, path);
        ValidateHostUsers(errors, scope, path);
        PodDnsValidation.ValidateHostnameOverride(errors, spec, path);
        ValidateNames(errors, scope, path);
        ValidateSystem(errors, scope, path);
        ValidateFileKeyVolumes(errors, spec, path);
    }

    private static void ValidateNames(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        var spec = scope.Spec;
        OptionalName(errors, spec, "serviceAccountName", NameRules.DnsSubdomain, path);
        OptionalName(errors, spec, "nodeName", NameRules.DnsSubdomain, path);
        if (spec.GetInteger("activeDeadlineSeconds") is (< 1 or > int.MaxValue) and var deadline)
            errors.Invalid(path.Child("activeDeadlineSeconds"), deadline, ValidationMessages.Between(1, int.MaxValue));
        OptionalName(errors, spec, "hostname", NameRules.DnsLabel, path);
        OptionalName(errors, spec, "subdomain", NameRules.DnsLabel, path);
        TolerationValidation.Validate(errors, spec.List("tolerations"), scope.Options, path.Child("tolerations"));
        PodDnsValidation.ValidateHostAliases(errors, spec.List("hostAliases"), path.Child("hostAliases"));
        OptionalName(errors, spec, "priorityClassName", NameRules.DnsSubdomain, path);
        if (spec.GetString("runtimeClassName") is { } runtimeClass)
            MetadataValidation.Name(errors, runtimeClass, NameRules.DnsSubdomain, path.Child("runtimeClassName"));
        if (spec.GetString("preemptionPolicy") is { Length: 0 })
            errors.Required(path.Child("preemptionPolicy"));
        else if (spec.GetString("preemptionPolicy") is { } preemption)
            errors.OneOf(path, "preemptionPolicy", preemption, PreemptionPolicies);
        if (spec.GetMap("overhead") is { } overhead)
            ResourceRequirementsValidation.ValidateOverhead(errors, overhead, scope.Options, path.Child("overhead"));
    }

    private static void OptionalName(FieldErrorList errors, Map spec, string key, ValidateName rule, FieldPath path)
    {
        if (spec.Text(key) is { Length: > 0 } name)
            MetadataValidation.Name(errors, name, rule, path.Child(key));
    }

    /// <summary>With the host's network a port is the host's port; a template may leave it out.</summary>
    private static void ValidateHostPorts(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        if (!scope.Spec.Flag("hostNetwork"))
            return;
        var containers = scope.Spec.List("containers");
        for (var i = 0; i < containers.Count; i++)
        {
            var ports = containers.At(i).List("ports");
            for (var j = 0; j < ports.Count; j++)
            {
                var host = ports.At(j).Number("hostPort");
                if ((scope.Options.ResourceIsPod || host != 0) && host != ports.At(j).Number("containerPort"))
                    errors.Invalid(path.Child("containers").Index(i).Child("ports").Index(j).Child("hostPort"), host, "must match `containerPort` when `hostNetwork` is true");
            }
        }
    }

    private static void ValidateGates(FieldErrorList errors, Map spec, FieldPath path)
    {
        var readiness = spec.List("readinessGates");
        for (var i = 0; i < readiness.Count; i++)
        {
            var type = readiness.At(i).Text("conditionType");
            errors.AddInvalid(path.Child("readinessGates").Index(i).Child("conditionType"), type, NameValidation.IsQualifiedName(type));
        }

        var scheduling = spec.List("schedulingGates");
        HashSet<string>? seen = null;
        for (var i = 0; i < scheduling.Count; i++)
        {
            var name = scheduling.At(i).Text("name");
            errors.AddInvalid(path.Child("schedulingGates").Index(i), name, NameValidation.IsQualifiedName(name));
            if (!(seen ??= new(StringComparer.Ordinal)).Add(name))
                errors.Duplicate(path.Child("schedulingGates").Index(i), name);
        }
    }

    /// <summary>A pod with users of its own does not share the host's other namespaces.</summary>
    private static void ValidateHostUsers(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        const string Detail = "when `hostUsers` is false";
        if (scope.HostUsers)
            return;
        if (!scope.Options.AllowUserNamespacesHostNetworkSupport && scope.Spec.Flag("hostNetwork"))
            errors.Forbidden(path.Child("hostNetwork"), Detail);
        if (scope.Spec.Flag("hostPID"))
            errors.Forbidden(path.Child("HostPID"), Detail);
        if (scope.Spec.Flag("hostIPC"))
            errors.Forbidden(path.Child("HostIPC"), Detail);
        if (scope.Options.AllowUserNamespacesWithVolumeDevices)
            return;
        PodContainers.Visit(scope.Spec, path, (container, at) =>
        {
            if (container.List("volumeDevices").Count > 0)
                errors.Forbidden(at.Child("volumeDevices"), Detail);
        });
    }

    private static void ValidateSystem(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        if (scope.Os is not { } os)
            return;
        if (os.Length == 0)
            errors.Required(path.Child("os", "name"));
        else if (Array.IndexOf(Systems, os) < 0)
            errors.NotSupported(path.Child("os"), os, Systems);
        else
            WindowsOptionsValidation.ValidateSystem(errors, scope.Spec, os, path);
    }

    /// <summary>A file with variables lies in an empty directory of the pod.</summary>
    private static void ValidateFileKeyVolumes(FieldErrorList errors, Map spec, FieldPath path)
    {
        if (!PodContainers.Any(spec, static container => HasFileKey(container.List("env"))))
            return;
        PodContainers.Visit(spec, path, (container, at) =>
        {
            var variables = container.List("env");
            for (var i = 0; i < variables.Count; i++)
            {
                if (variables.At(i).Sub("valueFrom").GetMap("fileKeyRef") is not { } file)
                    continue;
                var (name, fieldPath) = (file.Text("volumeName"), at.Child("env").Index(i).Child("valueFrom", "fileKeyRef", "volumeName"));
                if (Find(spec.List("volumes"), name) is not { } volume)
                    errors.Add(FieldError.NotFound(fieldPath, name));
                else if (!volume.Has("emptyDir"))
                    errors.Invalid(fieldPath, name, "referenced volume must be of type emptyDir");
            }
        });
    }

    private static bool HasFileKey(Sequence variables)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            if (variables.At(i).GetMap("valueFrom")?.Has("fileKeyRef") == true)
                return true;
        }

        return false;
    }

    private static Map? Find(Sequence volumes, string name)
    {
        for (var i = volumes.Count - 1; i >= 0; i--)
        {
            if (volumes.At(i).Text("name") == name)
                return volumes.At(i);
        }

        return null;
    }
}
