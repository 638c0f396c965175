using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods carry the zone and the region of their node, from the moment that they are bound to it
/// (plugin/pkg/admission/podtopologylabels/admission.go, v1.36; KEP-4742).</summary>
internal sealed class PodTopologyLabels(ResourceStore nodes) : IAdmissionPlugin
{
    private static readonly string[] Copied = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

    public string Name => "PodTopologyLabels";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Resource.Group.Length > 0 || attributes.Resource.Resource != "pods" || attributes.Object is not { } obj)
            return ValueTask.CompletedTask;
        switch (attributes.Subresource)
        {
            case "":
                Copy(obj, obj.GetMap("spec")?.GetString("nodeName"));
                break;
            case "binding" when obj.GetMap("target")?.GetString("kind") == "Node":
                Copy(obj, obj.GetMap("target")!.GetString("name"));
                break;
        }

        return ValueTask.CompletedTask;
    }

    private void Copy(Map obj, string? node)
    {
        if (string.IsNullOrEmpty(node) || nodes.Peek("", node)?.Labels is not { } labels)
            return;
        foreach (var key in Copied)
        {
            if (labels.GetString(key) is { } value)
                obj.EditMap("metadata").EditMap("labels").Set(key, value);
        }
    }
}
