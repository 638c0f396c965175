using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.Core;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods get their namespace's tolerations and may have no others than it allows
/// (plugin/pkg/admission/podtolerationrestriction/admission.go, v1.36).</summary>
internal sealed class PodTolerationRestriction : IAdmissionPlugin
{
    private const string DefaultAnnotation = "scheduler.alpha.kubernetes.io/defaultTolerations";
    private const string AllowedAnnotation = "scheduler.alpha.kubernetes.io/tolerationsWhitelist";
    private const string ConfigurationVersion = "podtolerationrestriction.admission.k8s.io/v1alpha1";

    private readonly ResourceStore _namespaces;
    private readonly ViewList<Toleration> _default;
    private readonly ViewList<Toleration> _allowed;

    /// <exception cref="FormatException">The configuration is of another kind.</exception>
    public PodTolerationRestriction(ResourceStore namespaces, Map? configuration)
    {
        if (configuration is not null && (configuration.GetString("apiVersion") != ConfigurationVersion || configuration.GetString("kind") != "Configuration"))
            throw new FormatException($"no kind \"{configuration.GetString("kind")}\" is registered for version \"{configuration.GetString("apiVersion")}\"");
        _namespaces = namespaces;
        _default = new(configuration?.GetSequence("default"));
        _allowed = new(configuration?.GetSequence("whitelist"));
    }

    public string Name => "PodTolerationRestriction";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return;
        var extra = new Sequence();
        if (attributes.Operation == AdmissionOperation.Create)
        {
            var given = await ReadAsync(attributes.Namespace, DefaultAnnotation, cancellationToken).ConfigureAwait(false) ?? _default;
            foreach (var toleration in given)
                extra.Add(toleration.Map!.DeepClone());
        }

        if (QosClass.Of(pod) != "BestEffort")
            extra.Add(new Map(3) { { "key", "node.kubernetes.io/memory-pressure" }, { "operator", "Exists" }, { "effect", "NoSchedule" } });
        if (extra.Count > 0)
            pod.EditMap("spec").Set("tolerations", Tolerations.Merge(new Pod(pod).Spec.Tolerations, new(extra)).DeepClone());
        await ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod || new Pod(pod).Spec.Tolerations is not { Count: > 0 } tolerations)
            return;
        var own = await ReadAsync(attributes.Namespace, AllowedAnnotation, cancellationToken).ConfigureAwait(false);
        if (!Tolerations.AreAllowed(tolerations, own ?? _allowed))
            throw StatusErrors.Unknown($"pod tolerations (possibly merged with namespace default tolerations) conflict with its {(own is null ? "cluster" : "namespace")} whitelist");
    }

    /// <summary>The tolerations in a namespace's annotation; null when it has none.</summary>
    private async ValueTask<ViewList<Toleration>?> ReadAsync(string @namespace, string annotation, CancellationToken cancellationToken)
    {
        var found = _namespaces.Peek("", @namespace) ?? await _namespaces.FindAsync("", @namespace, cancellationToken).ConfigureAwait(false)
            ?? throw StatusErrors.NotFound(new ApiMachinery.Schemas.GroupResource("", "namespaces"), @namespace);
        if (found.Tree().GetMap("metadata")?.GetMap("annotations")?.GetString(annotation) is not { } json)
            return null;
        if (json.Length == 0)
            return new ViewList<Toleration>(Sequence.Empty);
        // Within an object, for which the decoder has Go's error texts.
        var decoded = JsonDecoder.Decode(Encoding.UTF8.GetBytes($"{{\"list\":{json}}}"), null, default);
        if (decoded.Root is not { } root)
            throw StatusErrors.Unknown(decoded.Error ?? "");
        return new ViewList<Toleration>(root.GetSequence("list") ?? throw StatusErrors.Unknown($"json: cannot unmarshal {GoPrint.TypeName(root["list"])} into Go value of type []v1.Toleration"));
    }
}
