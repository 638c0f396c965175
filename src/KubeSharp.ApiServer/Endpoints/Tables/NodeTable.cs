using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>The table of nodes (printNode in pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class NodeTable
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static readonly ObjectTable Nodes = new(
        static (node, now) =>
        {
            var info = At(node, "status", "nodeInfo").AsMap;
            var kernel = TextOr(Unknown, info, "kernelVersion");
            if (Text(info, "architecture") is { Length: > 0 } architecture)
                kernel += $" ({architecture})";
            return
            [
                Name(node), Status(node), Roles(node), Age(node, now), Text(info, "kubeletVersion"), Address(node, "InternalIP"),
                Address(node, "ExternalIP"), TextOr(Unknown, info, "osImage"), kernel, TextOr(Unknown, info, "containerRuntimeVersion"),
            ];
        },
        ObjectColumns.Name,
        new("Status", "string", "", "The status of the node"),
        new("Roles", "string", "", "The roles of the node"),
        ObjectColumns.Age,
        new("Version", "string", "", "Kubelet Version reported by the node."),
        new("Internal-IP", "string", "", "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).", 1),
        new("External-IP", "string", "", "List of addresses reachable to the node. Queried from cloud provider, if available. More info: https://kubernetes.io/docs/reference/node/node-status/#addresses Note: This field is declared as mergeable, but the merge key is not sufficiently unique, which can cause data corruption when it is merged. Callers should instead use a full-replacement patch. See https://pr.k8s.io/79391 for an example. Consumers should assume that addresses can change during the lifetime of a Node. However, there are some exceptions where this may not be possible, such as Pods that inherit a Node's address in its own status or consumers of the downward API (status.hostIP).", 1),
        new("OS-Image", "string", "", "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).", 1),
        new("Kernel-Version", "string", "", "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).", 1),
        new("Container-Runtime", "string", "", "ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).", 1))
    {
        Reads =
        [
            "metadata.name", "metadata.creationTimestamp", "metadata.labels", "spec.unschedulable",
            "status.nodeInfo", "status.addresses", "status.conditions.type", "status.conditions.status",
        ],
    };

    private static string Status(Map node)
    {
        // The last condition of the type counts, unlike elsewhere.
        var ready = Array.FindLast(Items(node, "status", "conditions"), condition => Text(condition, "type") == "Ready");
        var status = ready is null ? "Unknown" : Text(ready, "status") == "True" ? "Ready" : "NotReady";
        return Flag(node, "spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(Map node)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in ObjectMetaAccessor.GetLabels(node) ?? Map.Empty)
        {
            var role = key.StartsWith(RolePrefix, StringComparison.Ordinal) ? key[RolePrefix.Length..]
                : key == "kubernetes.io/role" ? value.AsString : null;
            if (!string.IsNullOrEmpty(role))
                roles.Add(role);
        }

        return roles.Count == 0 ? None : string.Join(',', roles);
    }

    private static string Address(Map node, string type) =>
        Array.Find(Items(node, "status", "addresses"), address => Text(address, "type") == type) is { } found ? Text(found, "address") : None;
}
