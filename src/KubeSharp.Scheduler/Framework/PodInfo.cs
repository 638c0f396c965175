using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.Scheduler.Framework;

/// <summary>A pod and what the scheduler needs of it again and again, read once. Immutable: a pod that
/// changed gets a new one. Follows <c>PodInfo</c> of kubernetes/pkg/scheduler/framework/types.go.</summary>
internal sealed class PodInfo
{
    private PodInfo(PodInfo other, string nodeName)
    {
        Map = other.Map;
        Namespace = other.Namespace;
        Name = other.Name;
        Key = other.Key;
        Uid = other.Uid;
        Priority = other.Priority;
        Requests = other.Requests;
        NonZeroRequests = other.NonZeroRequests;
        HostPorts = other.HostPorts;
        Tolerations = other.Tolerations;
        NodeName = nodeName;
    }

    public PodInfo(Map pod)
    {
        Map = pod;
        Namespace = ObjectMetaAccessor.GetNamespace(pod);
        Name = ObjectMetaAccessor.GetName(pod);
        Key = ObjectMetaAccessor.GetKey(pod);
        Uid = ObjectMetaAccessor.GetUid(pod);
        var spec = Pod.Spec;
        NodeName = spec.NodeName;
        Priority = spec.Priority ?? 0;
        Requests = PodRequests.Compute(Pod, false);
        NonZeroRequests = PodRequests.Compute(Pod, true);
        HostPorts = FindHostPorts(spec);
        Tolerations = [.. spec.Tolerations.Select(toleration => new TolerationInfo(toleration))];
    }

    /// <summary>The frozen object.</summary>
    public Map Map { get; }

    public Pod Pod => Pod.From(Map);

    public string Namespace { get; }

    public string Name { get; }

    /// <summary>namespace/name.</summary>
    public string Key { get; }

    public string Uid { get; }

    /// <summary>Where it is, or is assumed to be; empty before.</summary>
    public string NodeName { get; }

    public int Priority { get; }

    public Resource Requests { get; }

    /// <summary>Requests with defaults for containers that ask for no CPU or no memory; for scores only.</summary>
    public Resource NonZeroRequests { get; }

    public HostPort[] HostPorts { get; }

    public TolerationInfo[] Tolerations { get; }

    /// <summary>The same pod on a node that was chosen for it.</summary>
    public PodInfo WithNodeName(string nodeName) => new(this, nodeName);

    private static HostPort[] FindHostPorts(PodSpec spec)
    {
        List<HostPort>? ports = null;
        foreach (var container in spec.Containers)
            Collect(container, ref ports);
        foreach (var container in spec.InitContainers)
        {
            // Other init containers have ended when the pod's containers begin.
            if (container.RestartPolicy == "Always")
                Collect(container, ref ports);
        }

        return ports is null ? [] : [.. ports];
    }

    private static void Collect(Container container, ref List<HostPort>? ports)
    {
        foreach (var port in container.Ports)
        {
            if (port.HostPort > 0)
                (ports ??= []).Add(HostPort.Create(port.HostIP, port.Protocol, port.HostPort));
        }
    }
}
