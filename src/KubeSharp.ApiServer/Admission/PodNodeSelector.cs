using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods run on the nodes that their namespace's annotation, or the configuration, gives to the namespace
/// (plugin/pkg/admission/podnodeselector/admission.go, v1.36).</summary>
internal sealed class PodNodeSelector(ResourceStore namespaces, Map? configuration) : IAdmissionPlugin
{
    private const string Annotation = "scheduler.alpha.kubernetes.io/node-selector";
    private const string DefaultKey = "clusterDefaultNodeSelector";

    /// <summary>What each namespace's pods may select, and the default for namespaces without annotation.</summary>
    private readonly Map _selectors = configuration?.GetMap("podNodeSelectorPluginConfig") ?? Map.Empty;

    public string Name => "PodNodeSelector";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return;
        var selector = await SelectorAsync(attributes.Namespace, cancellationToken).ConfigureAwait(false);
        Check(attributes, pod, selector);
        foreach (var (key, value) in selector)
            pod.EditMap("spec").EditMap("nodeSelector").Set(key, value);
        CheckAllowed(attributes, pod);
    }

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return;
        Check(attributes, pod, await SelectorAsync(attributes.Namespace, cancellationToken).ConfigureAwait(false));
        CheckAllowed(attributes, pod);
    }

    private static void Check(AdmissionAttributes attributes, Map pod, Dictionary<string, string> selector)
    {
        foreach (var (key, value) in pod.GetMap("spec")?.GetMap("nodeSelector") ?? Map.Empty)
        {
            if (selector.TryGetValue(key, out var other) && other != value.AsString)
                throw Refuse(attributes, pod, "pod node label selector conflicts with its namespace node label selector");
        }
    }

    private void CheckAllowed(AdmissionAttributes attributes, Map pod)
    {
        var allowed = Parse(_selectors.GetString(attributes.Namespace));
        if (allowed.Count == 0)
            return;
        foreach (var (key, value) in pod.GetMap("spec")?.GetMap("nodeSelector") ?? Map.Empty)
        {
            if (!allowed.TryGetValue(key, out var other) || other != value.AsString)
                throw Refuse(attributes, pod, "pod node label selector labels conflict with its namespace whitelist");
        }
    }

    private static StatusException Refuse(AdmissionAttributes attributes, Map pod, string message) =>
        StatusErrors.Forbidden(attributes.Resource.GroupResource, pod.GetMap("metadata")?.GetString("name") ?? "", message);

    private async ValueTask<Dictionary<string, string>> SelectorAsync(string @namespace, CancellationToken cancellationToken)
    {
        var found = namespaces.Peek("", @namespace) ?? await namespaces.FindAsync("", @namespace, cancellationToken).ConfigureAwait(false)
            ?? throw StatusErrors.InternalError($"namespace {@namespace} does not exist");
        return Parse(found.Tree().GetMap("metadata")?.GetMap("annotations")?.GetString(Annotation) ?? _selectors.GetString(DefaultKey));
    }

    /// <exception cref="StatusException">500 for a selector that is not a list of key=value (labels.ConvertSelectorToLabelsMap).</exception>
    private static Dictionary<string, string> Parse(string? selector)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(selector))
            return labels;
        foreach (var label in selector.Split(','))
        {
            var parts = label.Split('=');
            if (parts.Length != 2)
                throw StatusErrors.Unknown($"invalid selector: [{string.Join(' ', parts)}]");
            var (key, value) = (parts[0].Trim(), parts[1].Trim());
            if (NameValidation.IsQualifiedName(key) is { Count: > 0 } keyProblems)
                throw StatusErrors.Unknown(FieldError.Invalid(null, key, string.Join("; ", keyProblems)).Error());
            if (NameValidation.IsLabelValue(value) is { Count: > 0 } valueProblems)
                throw StatusErrors.Unknown($"[{key}]: {FieldError.Invalid(null, value, string.Join("; ", valueProblems)).ErrorBody()}");
            labels[key] = value;
        }

        return labels;
    }
}
