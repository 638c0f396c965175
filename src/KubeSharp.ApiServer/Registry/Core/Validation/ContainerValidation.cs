using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Regular, init and ephemeral containers (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ContainerValidation
{
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] MessagePolicies = ["File", "FallbackToLogsOnError"];
    private static readonly string[] RestartPolicies = ["Always", "Never", "OnFailure"];
    private static readonly string[] RuleActions = ["Restart", "RestartAllContainers"];
    private static readonly string[] RuleOperators = ["In", "NotIn"];
    private static readonly string[] ResizeResources = ["cpu", "memory"];
    private static readonly string[] ResizePolicies = ["NotRequired", "RestartContainer"];

    /// <summary>What an ephemeral container may not have, in upstream's order.</summary>
    private static readonly string[] NotEphemeral =
        ["ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

    public static void ValidateRegular(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        var containers = scope.Spec.List("containers");
        if (containers.Count == 0)
        {
            errors.Required(path);
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            var (container, at) = (containers.At(i), path.Index(i));
            ValidateCommon(errors, container, scope, at);
            if (!names.Add(container.Text("name")))
                errors.Duplicate(at.Child("name"), container.Text("name"));
            ProbeValidation.ValidateAll(errors, container, scope, at);
            ValidateRestartPolicy(errors, container, at);
        }

        var ports = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
            CheckHostPorts(errors, containers.At(i), ports, path.Index(i));
    }

    public static void ValidateInit(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        var containers = scope.Spec.List("initContainers");
        if (containers.Count == 0)
            return;
        var names = Names(scope.Spec.List("containers"));
        for (var i = 0; i < containers.Count; i++)
        {
            var (container, at) = (containers.At(i), path.Index(i));
            ValidateCommon(errors, container, scope, at);
            ValidateRestartPolicy(errors, container, at);
            var name = container.Text("name");
            if (names.Contains(name))
                errors.Duplicate(at.Child("name"), name);
            else if (name.Length > 0)
                names.Add(name);

            // Init containers run one by one, so that ports collide within one only; the index is upstream's.
            CheckHostPorts(errors, container, new HashSet<string>(StringComparer.Ordinal), path.Index(0));
            var restartable = container.Text("restartPolicy") == "Always";
            if (restartable)
            {
                ProbeValidation.ValidateAll(errors, container, scope, at);
                continue;
            }

            foreach (var field in (ReadOnlySpan<string>)["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container.Has(field))
                    errors.Forbidden(at.Child(field), "may not be set for init containers without restartPolicy=Always");
            }

            var policies = container.List("resizePolicy");
            for (var j = 0; j < policies.Count && !scope.Options.AllowRestartContainerForInitContainers; j++)
            {
                if (policies.At(j).Text("restartPolicy") == "RestartContainer")
                    errors.Invalid(at.Child("resizePolicy").Index(j).Child("restartPolicy"), "RestartContainer", "must not be set to 'RestartContainer' for non-sidecar initContainers");
            }
        }
    }

    public static void ValidateEphemeral(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        var containers = scope.Spec.List("ephemeralContainers");
        if (containers.Count == 0)
            return;
        var others = Names(scope.Spec.List("containers"));
        others.UnionWith(Names(scope.Spec.List("initContainers")));
        var all = new HashSet<string>(others, StringComparer.Ordinal);
        for (var i = 0; i < containers.Count; i++)
        {
            var (container, at) = (containers.At(i), path.Index(i));
            ValidateCommon(errors, container, scope, at);
            ValidateImageOfPod(errors, container, at);
            if (!all.Add(container.Text("name")))
                errors.Duplicate(at.Child("name"), container.Text("name"));
            if (container.Text("targetContainerName") is { Length: > 0 } target && !others.Contains(target))
                errors.Add(FieldError.NotFound(at.Child("targetContainerName"), target));
            foreach (var field in NotEphemeral)
            {
                // Resources are a struct, of which only its members can be set.
                if (field == "resources" ? container.Sub(field).Count > 0 : container.Has(field))
                    errors.Forbidden(at.Child(field), "cannot be set for an Ephemeral Container");
            }

            var mounts = container.List("volumeMounts");
            for (var j = 0; j < mounts.Count; j++)
            {
                foreach (var field in (ReadOnlySpan<string>)["subPath", "subPathExpr"])
                {
                    if (mounts.At(j).Text(field).Length > 0)
                        errors.Forbidden(at.Child("volumeMounts").Index(j).Child(field), "cannot be set for an Ephemeral Container");
                }
            }
        }
    }

    /// <summary>validateContainerOnlyForPod: templates may have blanks around an image's name.</summary>
    public static void ValidateImageOfPod(FieldErrorList errors, Map container, FieldPath path)
    {
        var image = container.Text("image");
        if (image.Length > 0 && (char.IsWhiteSpace(image[0]) || char.IsWhiteSpace(image[^1])))
            errors.Invalid(path.Child("image"), image, "must not have leading or trailing whitespace");
    }

    private static void ValidateCommon(FieldErrorList errors, Map container, PodSpecScope scope, FieldPath path)
    {
        var name = container.Text("name");
        if (name.Length == 0)
            errors.Required(path.Child("name"));
        else if (NameValidation.IsDns1123Label(name) is { Count: > 0 } messages)
            errors.AddInvalid(path.Child("name"), name, messages);
        if (container.Text("image").Length == 0)
            errors.Required(path.Child("image"));
        var policy = container.Text("terminationMessagePolicy");
        if (policy.Length == 0)
            errors.Required(path.Child("terminationMessagePolicy"));
        else
            errors.OneOf(path, "terminationMessagePolicy", policy, MessagePolicies);

        ValidatePorts(errors, container.List("ports"), path);
        EnvValidation.ValidateEnv(errors, container.List("env"), path.Child("env"));
        EnvValidation.ValidateEnvFrom(errors, container.List("envFrom"), path.Child("envFrom"));
        VolumeMountValidation.ValidateMounts(errors, container, scope, path.Child("volumeMounts"));
        VolumeMountValidation.ValidateDevices(errors, container, scope, path.Child("volumeDevices"));
        ValidatePullPolicy(errors, container.Text("imagePullPolicy"), path.Child("imagePullPolicy"));
        if (container.GetMap("resources") is { } resources)
            ResourceRequirementsValidation.ValidateContainer(errors, resources, scope.ClaimNames, scope.Options, path.Child("resources"));
        ValidateResizePolicy(errors, container.List("resizePolicy"), scope, path);
        if (container.GetMap("securityContext") is { } security)
            SecurityContextValidation.Validate(errors, security, scope, path.Child("securityContext"));
    }

    public static void ValidatePullPolicy(FieldErrorList errors, string policy, FieldPath path)
    {
        if (policy.Length == 0)
            errors.Required(path);
        else if (Array.IndexOf(PullPolicies, policy) < 0)
            errors.NotSupported(path, policy, PullPolicies);
    }

    private static void ValidatePorts(FieldErrorList errors, Sequence ports, FieldPath path)
    {
        HashSet<string>? names = null;
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports.At(i), path.Child("ports").Index(i));
            if (port.Text("name") is { Length: > 0 } name)
            {
                if (NameValidation.IsValidPortName(name) is { Count: > 0 } messages)
                    errors.AddInvalid(at.Child("name"), name, messages);
                else if (!(names ??= new(StringComparer.Ordinal)).Add(name))
                    errors.Duplicate(at.Child("name"), name);
            }

            var (number, hostPort, protocol) = (port.Number("containerPort"), port.Number("hostPort"), port.Text("protocol"));
            if (number == 0)
                errors.Required(at.Child("containerPort"));
            else
                errors.AddInvalid(at.Child("containerPort"), number, NameValidation.IsValidPortNum(number));
            if (hostPort != 0)
                errors.AddInvalid(at.Child("hostPort"), hostPort, NameValidation.IsValidPortNum(hostPort));
            if (protocol.Length == 0)
                errors.Required(at.Child("protocol"));
            else
                errors.OneOf(at, "protocol", protocol, Protocols);
        }
    }

    private static void CheckHostPorts(FieldErrorList errors, Map container, HashSet<string> taken, FieldPath path)
    {
        var ports = container.List("ports");
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports.At(i);
            if (port.Number("hostPort") is not (not 0 and var number))
                continue;
            var text = string.Create(CultureInfo.InvariantCulture, $"{port.Text("protocol")}/{port.Text("hostIP")}/{number}");
            if (!taken.Add(text))
                errors.Duplicate(path.Child("ports").Index(i).Child("hostPort"), text);
        }
    }

    private static void ValidateRestartPolicy(FieldErrorList errors, Map container, FieldPath path)
    {
        var rules = container.List("restartPolicyRules");
        if (container.GetString("restartPolicy") is not { } policy)
        {
            if (rules.Count == 0)
                return;
            errors.Required(path.Child("restartPolicy"), "must specify restartPolicy when restart rules are used");
        }
        else
        {
            errors.OneOf(path, "restartPolicy", policy, RestartPolicies);
        }

        if (rules.Count > 20)
            errors.Add(FieldError.TooMany(path.Child("restartPolicyRules"), rules.Count, 20));
        for (var i = 0; i < rules.Count; i++)
        {
            var (rule, at) = (rules.At(i), path.Child("restartPolicyRules").Index(i));
            errors.OneOf(at, "action", rule.Text("action"), RuleActions);
            if (rule.GetMap("exitCodes") is not { } codes)
            {
                errors.Required(at.Child("exitCodes"), "must be specified");
                continue;
            }

            errors.OneOf(at.Child("exitCodes"), "operator", codes.Text("operator"), RuleOperators);
            if (codes.List("values").Count > 255)
                errors.Add(FieldError.TooMany(at.Child("exitCodes", "values"), codes.List("values").Count, 255));
        }
    }

    private static void ValidateResizePolicy(FieldErrorList errors, Sequence policies, PodSpecScope scope, FieldPath path)
    {
        HashSet<string>? seen = null;
        for (var i = 0; i < policies.Count; i++)
        {
            var at = path.Child("resizePolicy");
            var (resource, policy) = (policies.At(i).Text("resourceName"), policies.At(i).Text("restartPolicy"));
            if (!(seen ??= new(StringComparer.Ordinal)).Add(resource))
                errors.Duplicate(at.Index(i), resource);
            if (resource.Length == 0)
                errors.Required(at);
            else if (Array.IndexOf(ResizeResources, resource) < 0)
                errors.NotSupported(at, resource, ResizeResources);
            if (policy.Length == 0)
                errors.Required(at);
            else if (Array.IndexOf(ResizePolicies, policy) < 0)
                errors.NotSupported(at, policy, ResizePolicies);
            if (scope.RestartPolicy == "Never" && policy != "NotRequired")
                errors.Invalid(at, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
        }
    }

    private static HashSet<string> Names(Sequence containers)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in containers)
            names.Add(container.AsMap.Text("name"));
        return names;
    }
}
