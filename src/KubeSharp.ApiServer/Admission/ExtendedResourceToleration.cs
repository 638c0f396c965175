using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry.Core;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods that ask for extended resources tolerate the taints by which nodes are kept for them
/// (plugin/pkg/admission/extendedresourcetoleration/admission.go, v1.36).</summary>
internal sealed class ExtendedResourceToleration : IAdmissionPlugin
{
    public string Name => "ExtendedResourceToleration";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return ValueTask.CompletedTask;
        var resources = new SortedSet<string>(StringComparer.Ordinal);
        var spec = new Pod(pod).Spec;
        AddExtended(spec.Containers, resources);
        AddExtended(spec.InitContainers, resources);
        foreach (var resource in resources)
            Tolerate(pod, resource);
        return ValueTask.CompletedTask;
    }

    private static void AddExtended(ViewList<Container> containers, SortedSet<string> resources)
    {
        foreach (var container in containers)
        {
            foreach (var (name, _) in container.Resources.Requests)
            {
                if (ResourceNames.IsExtended(name))
                    resources.Add(name);
            }
        }
    }

    private static void Tolerate(Map pod, string resource)
    {
        var tolerations = pod.EditMap("spec").EditSequence("tolerations");
        for (var i = 0; i < tolerations.Count; i++)
        {
            var existing = new Toleration(tolerations[i].AsMap);
            if (existing.Key != resource || existing.Effect != "NoSchedule" || existing.Operator != "Exists" || existing.Value.Length > 0)
                continue;
            tolerations.EditMap(i).Remove("tolerationSeconds");
            return;
        }

        tolerations.Add(new Map(3) { { "key", resource }, { "operator", "Exists" }, { "effect", "NoSchedule" } });
    }
}
