using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>A running pod changes only in ways that its node declares to know (plugin/pkg/admission/nodedeclaredfeatures,
/// component-helpers/nodedeclaredfeatures/features, v1.36; KEP-5328).</summary>
internal sealed class NodeDeclaredFeatureValidator(ResourceStore nodes) : IAdmissionPlugin
{
    public string Name => "NodeDeclaredFeatureValidator";

    public AdmissionOperation Operations => AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Resource.Group.Length > 0 || attributes.Resource.Resource != "pods" || attributes.Subresource is not ("" or "resize"))
            return ValueTask.CompletedTask;
        var (pod, old) = (new Pod(attributes.Object), new Pod(attributes.OldObject));
        var name = pod.Spec.NodeName;
        if (name.Length == 0 || pod.Metadata.Generation == old.Metadata.Generation)
            return ValueTask.CompletedTask;
        var required = Required(pod.Spec, old.Spec);
        if (required.Count == 0)
            return ValueTask.CompletedTask;
        var declared = new Node((nodes.Peek("", name) ?? throw attributes.Forbidden($"node \"{name}\" not found")).Tree()).Status.DeclaredFeatures;
        var missing = required.Where(feature => !declared.Contains(feature)).ToArray();
        if (missing.Length > 0)
            throw attributes.Forbidden($"pod update requires features {string.Join(", ", missing)} which are not available on node \"{name}\"");
        return ValueTask.CompletedTask;
    }

    private static List<string> Required(PodSpec spec, PodSpec old)
    {
        var features = new List<string>(2);
        if (Differ(spec.Resources.Map, old.Resources.Map))
            features.Add("InPlacePodLevelResourcesVerticalScaling");
        for (var i = 0; i < old.InitContainers.Count && i < spec.InitContainers.Count; i++)
        {
            if (old.InitContainers[i].RestartPolicy == "Always" || !Differ(old.InitContainers[i].Resources.Map, spec.InitContainers[i].Resources.Map))
                continue;
            features.Add("InPlacePodVerticalScalingInitContainers");
            break;
        }

        return features;
    }

    private static bool Differ(Map? left, Map? right) => !(left ?? Map.Empty).DeepEquals(right ?? Map.Empty);
}
