using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of apps (pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class AppsTables
{
    public static readonly ObjectTable Deployments = new(
        static (obj, now) =>
        [
            Name(obj), Format($"{Integer(obj, "status", "readyReplicas")}/{Integer(obj, "spec", "replicas")}"),
            Integer(obj, "status", "updatedReplicas"), Integer(obj, "status", "availableReplicas"), Age(obj, now),
            ContainerNames(Template(obj)), ContainerImages(Template(obj)), PlainSelector(At(obj, "spec", "selector").AsMap),
        ],
        ObjectColumns.Name,
        new("Ready", "string", "", "Number of the pod with ready state"),
        new("Up-to-date", "string", "", "Total number of non-terminating pods targeted by this deployment that have the desired template spec."),
        new("Available", "string", "", "Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment."),
        ObjectColumns.Age,
        new("Containers", "string", "", "Names of each container in the template.", 1),
        new("Images", "string", "", "Images referenced by each container in the template.", 1),
        new("Selector", "string", "", "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.", 1));

    public static readonly ObjectTable ReplicaSets = new(
        static (obj, now) =>
        [
            Name(obj), Integer(obj, "spec", "replicas"), Integer(obj, "status", "replicas"), Integer(obj, "status", "readyReplicas"),
            Age(obj, now), ContainerNames(Template(obj)), ContainerImages(Template(obj)), Selector(At(obj, "spec", "selector").AsMap),
        ],
        ObjectColumns.Name,
        new("Desired", "integer", "", "Replicas is the number of desired pods. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset"),
        new("Current", "integer", "", "Replicas is the most recently observed number of non-terminating pods. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset"),
        new("Ready", "integer", "", "The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition."),
        ObjectColumns.Age,
        new("Containers", "string", "", "Names of each container in the template.", 1),
        new("Images", "string", "", "Images referenced by each container in the template.", 1),
        new("Selector", "string", "", "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors", 1));

    public static readonly ObjectTable StatefulSets = new(
        static (obj, now) =>
        [
            Name(obj), Format($"{Integer(obj, "status", "readyReplicas")}/{Integer(obj, "spec", "replicas")}"), Age(obj, now),
            ContainerNames(Template(obj)), ContainerImages(Template(obj)),
        ],
        ObjectColumns.Name,
        new("Ready", "string", "", "Number of the pod with ready state"),
        ObjectColumns.Age,
        new("Containers", "string", "", "Names of each container in the template.", 1),
        new("Images", "string", "", "Images referenced by each container in the template.", 1));

    public static readonly ObjectTable DaemonSets = new(
        static (obj, now) =>
        [
            Name(obj), Integer(obj, "status", "desiredNumberScheduled"), Integer(obj, "status", "currentNumberScheduled"),
            Integer(obj, "status", "numberReady"), Integer(obj, "status", "updatedNumberScheduled"),
            Integer(obj, "status", "numberAvailable"), Labels(At(Template(obj), "nodeSelector").AsMap), Age(obj, now),
            ContainerNames(Template(obj)), ContainerImages(Template(obj)), Selector(At(obj, "spec", "selector").AsMap),
        ],
        ObjectColumns.Name,
        new("Desired", "integer", "", "The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"),
        new("Current", "integer", "", "The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"),
        new("Ready", "integer", "", "numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition."),
        new("Up-to-date", "integer", "", "The total number of nodes that are running updated daemon pod"),
        new("Available", "integer", "", "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)"),
        new("Node Selector", "string", "", "NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/"),
        ObjectColumns.Age,
        new("Containers", "string", "", "Names of each container in the template.", 1),
        new("Images", "string", "", "Images referenced by each container in the template.", 1),
        new("Selector", "string", "", "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors", 1));

    public static readonly ObjectTable ControllerRevisions = new(
        static (obj, now) => [Name(obj), ControllerName(obj), Integer(obj, "revision"), Age(obj, now)],
        ObjectColumns.Name,
        new("Controller", "string", "", "Controller of the object"),
        new("Revision", "string", "", "Revision indicates the revision of the state represented by Data."),
        ObjectColumns.Age);

    private static Map? Template(Map obj) => At(obj, "spec", "template", "spec").AsMap;

    private static string PlainSelector(Map? selector)
    {
        if (selector is null)
            return "";
        return LabelSelector.TryFromMeta(selector, out var parsed, out _) ? parsed.ToString() : "<invalid>";
    }

    private static string ControllerName(Map obj)
    {
        if (ObjectMetaAccessor.GetControllerOf(obj) is not { } owner)
            return None;
        var apiVersion = Text(owner, "apiVersion");
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var kind = Text(owner, "kind") + (slash > 0 ? "." + apiVersion[..slash] : "");
        return $"{kind.ToLowerInvariant()}/{Text(owner, "name")}";
    }
}
