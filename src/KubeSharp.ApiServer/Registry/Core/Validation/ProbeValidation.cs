using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Probes, lifecycle hooks and their handlers (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ProbeValidation
{
    private static readonly string[] Schemes = ["HTTP", "HTTPS"];
    private static readonly string[] ProbeHandlers = ["exec", "httpGet", "tcpSocket", "grpc"];
    private static readonly string[] LifecycleHandlers = ["exec", "httpGet", "tcpSocket", "sleep"];

    public static void ValidateAll(FieldErrorList errors, Map container, PodSpecScope scope, FieldPath path)
    {
        if (container.GetMap("lifecycle") is { } lifecycle)
            ValidateLifecycle(errors, lifecycle, scope, path.Child("lifecycle"));
        if (container.GetMap("livenessProbe") is { } liveness)
            ValidateProbe(errors, liveness, scope, path.Child("livenessProbe"), onlyOneSuccess: true);
        if (container.GetMap("readinessProbe") is { } readiness)
        {
            var probePath = path.Child("readinessProbe");
            ValidateProbe(errors, readiness, scope, probePath, onlyOneSuccess: false);
            if (readiness.Has("terminationGracePeriodSeconds"))
                errors.Invalid(probePath.Child("terminationGracePeriodSeconds"), readiness["terminationGracePeriodSeconds"], "must not be set for readinessProbes");
        }

        if (container.GetMap("startupProbe") is { } startup)
            ValidateProbe(errors, startup, scope, path.Child("startupProbe"), onlyOneSuccess: true);
    }

    private static void ValidateProbe(FieldErrorList errors, Map probe, PodSpecScope scope, FieldPath path, bool onlyOneSuccess)
    {
        ValidateHandler(errors, probe, ProbeHandlers, scope, path);
        foreach (var field in (ReadOnlySpan<string>)["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
            errors.NonNegative(probe, field, path);
        if (probe.GetInteger("terminationGracePeriodSeconds") is <= 0 and var grace)
            errors.Invalid(path.Child("terminationGracePeriodSeconds"), grace, "must be greater than 0");
        if (onlyOneSuccess && probe.Number("successThreshold") != 1)
            errors.Invalid(path.Child("successThreshold"), probe.Number("successThreshold"), "must be 1");
    }

    private static void ValidateLifecycle(FieldErrorList errors, Map lifecycle, PodSpecScope scope, FieldPath path)
    {
        foreach (var hook in (ReadOnlySpan<string>)["postStart", "preStop"])
        {
            if (lifecycle.GetMap(hook) is { } handler)
                ValidateHandler(errors, handler, LifecycleHandlers, scope, path.Child(hook));
        }

        if (lifecycle.GetString("stopSignal") is not { } signal)
            return;
        if (scope.Os is null)
            errors.Forbidden(path.Child("stopSignal"), "may not be set for containers with empty `spec.os.name`");
        else if (scope.Os == "windows")
            errors.OneOf(path, "stopSignal", signal, StopSignals.Windows);
        else if (scope.Os == "linux")
            errors.OneOf(path, "stopSignal", signal, StopSignals.Linux);
    }

    private static void ValidateHandler(FieldErrorList errors, Map holder, string[] kinds, PodSpecScope scope, FieldPath path)
    {
        var count = 0;
        foreach (var kind in kinds)
        {
            if (holder.GetMap(kind) is not { } handler)
                continue;
            if (count++ > 0)
                errors.Forbidden(path.Child(kind), "may not specify more than 1 handler type");
            else
                ValidateAction(errors, kind, handler, scope, path.Child(kind));
        }

        if (count == 0)
            errors.Required(path, "must specify a handler type");
    }

    private static void ValidateAction(FieldErrorList errors, string kind, Map action, PodSpecScope scope, FieldPath path)
    {
        switch (kind)
        {
            case "exec":
                if (action.List("command").Count == 0)
                    errors.Required(path.Child("command"));
                break;
            case "httpGet":
                if (action.Text("path").Length == 0)
                    errors.Required(path.Child("path"));
                ValidatePort(errors, action["port"], path.Child("port"));
                errors.OneOf(path, "scheme", action.Text("scheme"), Schemes);
                foreach (var header in action.List("httpHeaders"))
                    errors.AddInvalid(path.Child("httpHeaders"), header.AsMap.Text("name"), NameValidation.IsHttpHeaderName(header.AsMap.Text("name")));
                break;
            case "tcpSocket" or "grpc":
                ValidatePort(errors, action["port"], path.Child("port"));
                break;
            default:
                if (scope.GracePeriod is { } grace && (action.Number("seconds") < 0 || action.Number("seconds") > grace))
                    errors.Invalid(path, action.Number("seconds"), string.Create(CultureInfo.InvariantCulture, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})"));
                break;
        }
    }

    /// <summary>ValidatePortNumOrName.</summary>
    private static void ValidatePort(FieldErrorList errors, Value port, FieldPath path)
    {
        if (port.AsString is { } name)
            errors.AddInvalid(path, name, NameValidation.IsValidPortName(name));
        else
            errors.AddInvalid(path, port.AsInteger ?? 0, NameValidation.IsValidPortNum(port.AsInteger ?? 0));
    }
}
