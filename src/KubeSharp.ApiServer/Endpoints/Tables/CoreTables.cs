using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of core/v1, but for pods, nodes, services and volumes
/// (pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class CoreTables
{
    public static readonly ObjectTable PodTemplates = new(
        static (obj, _) =>
        {
            var pod = At(obj, "template", "spec").AsMap;
            return [Name(obj), ContainerNames(pod), ContainerImages(pod), Labels(At(obj, "template", "metadata", "labels").AsMap)];
        },
        ObjectColumns.Name,
        new("Containers", "string", "", "Names of each container in the template."),
        new("Images", "string", "", "Images referenced by each container in the template."),
        new("Pod Labels", "string", "", "The labels for the pod template."));

    public static readonly ObjectTable ReplicationControllers = new(
        static (obj, now) =>
        {
            var pod = At(obj, "spec", "template", "spec").AsMap;
            return
            [
                Name(obj), Integer(obj, "spec", "replicas"), Integer(obj, "status", "replicas"), Integer(obj, "status", "readyReplicas"),
                Age(obj, now), ContainerNames(pod), ContainerImages(pod), Labels(At(obj, "spec", "selector").AsMap),
            ];
        },
        ObjectColumns.Name,
        new("Desired", "integer", "", "Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller"),
        new("Current", "integer", "", "Replicas is the most recently observed number of replicas. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller"),
        new("Ready", "integer", "", "The number of ready replicas for this replication controller."),
        ObjectColumns.Age,
        new("Containers", "string", "", "Names of each container in the template.", 1),
        new("Images", "string", "", "Images referenced by each container in the template.", 1),
        new("Selector", "string", "", "Selector is a label query over pods that should match the Replicas count. If Selector is empty, it is defaulted to the labels present on the Pod template. Label keys and values that must match in order to be controlled by this replication controller, if empty defaulted to labels on Pod template. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors", 1));

    public static readonly ObjectTable Namespaces = new(
        static (obj, now) => [Name(obj), Text(obj, "status", "phase"), Age(obj, now)],
        ObjectColumns.Name,
        new("Status", "string", "", "The status of the namespace"),
        ObjectColumns.Age);

    public static readonly ObjectTable Secrets = new(
        static (obj, now) => [Name(obj), Text(obj, "type"), Count(obj, "data"), Age(obj, now)],
        ObjectColumns.Name,
        new("Type", "string", "", "Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types"),
        new("Data", "string", "", "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4"),
        ObjectColumns.Age);

    public static readonly ObjectTable ConfigMaps = new(
        static (obj, now) => [Name(obj), Count(obj, "data") + Count(obj, "binaryData"), Age(obj, now)],
        ObjectColumns.Name,
        new("Data", "string", "", "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process."),
        ObjectColumns.Age);

    public static readonly ObjectTable ServiceAccounts = new(
        static (obj, now) => [Name(obj), Age(obj, now)],
        ObjectColumns.Name,
        ObjectColumns.Age);

    public static readonly ObjectTable ResourceQuotas = new(
        static (obj, now) => [Name(obj), Usage(obj, limits: false), Usage(obj, limits: true), Age(obj, now)],
        ObjectColumns.Name,
        new("Request", "string", "", "Request represents a minimum amount of cpu/memory that a container may consume."),
        new("Limit", "string", "", "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node."),
        ObjectColumns.Age);

    public static readonly ObjectTable ComponentStatuses = new(
        static (obj, _) => Array.Find(Items(obj, "conditions"), condition => Text(condition, "type") == "Healthy") is { } healthy
            ? [Name(obj), Text(healthy, "status") == "True" ? "Healthy" : "Unhealthy", Text(healthy, "message"), Text(healthy, "error")]
            : [Name(obj), "Unknown", "", ""],
        ObjectColumns.Name,
        new("Status", "string", "", "Status of the component conditions"),
        new("Message", "string", "", "Message of the component conditions"),
        new("Error", "string", "", "Error of the component conditions"));

    /// <summary>The API's own description of ObjectReference.fieldPath, which the column carries.</summary>
    private const string SubobjectDescription = "If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: \"spec.containers{name}\" (where \"name\" refers to the name of the container that triggered the event) or if no container name is specified \"spec.containers[2]\" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.";

    public static readonly ObjectTable Events = new(
        Event,
        new("Last Seen", "string", "", "The time at which the most recent occurrence of this event was recorded."),
        new("Type", "string", "", "Type of this event (Normal, Warning), new types could be added in the future"),
        new("Reason", "string", "", "This should be a short, machine understandable string that gives the reason for the transition into the object's current status."),
        new("Object", "string", "", "The object that this event is about."),
        new("Subobject", "string", "", SubobjectDescription, 1),
        new("Source", "string", "", "The component reporting this event. Should be a short machine understandable string.", 1),
        new("Message", "string", "", "A human-readable description of the status of this operation."),
        new("First Seen", "string", "", "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)", 1),
        new("Count", "string", "", "The number of times this event has occurred.", 1),
        new("Name", "string", "name", ObjectColumns.NameText, 1));

    private static Value[] Event(Map obj, DateTimeOffset now)
    {
        var first = Since(TextOr(Text(obj, "eventTime"), obj, "firstTimestamp"), now);
        var last = Text(obj, "lastTimestamp") is { Length: > 0 } seen ? Since(seen, now) : first;
        var count = Integer(obj, "count");
        if (At(obj, "series").AsMap is { } series)
        {
            last = Since(Text(series, "lastObservedTime"), now);
            count = Integer(series, "count");
        }
        else if (count == 0)
        {
            count = 1;
        }

        var target = Text(obj, "involvedObject", "kind").ToLowerInvariant();
        if (Text(obj, "involvedObject", "name") is { Length: > 0 } name)
            target = $"{target}/{name}";
        var source = TextOr(Text(obj, "reportingComponent"), obj, "source", "component");
        if (TextOr(Text(obj, "reportingInstance"), obj, "source", "host") is { Length: > 0 } instance)
            source = $"{source}, {instance}";
        return
        [
            last, Text(obj, "type"), Text(obj, "reason"), target, Text(obj, "involvedObject", "fieldPath"), source,
            Text(obj, "message").Trim(), first, count, Name(obj),
        ];
    }

    private static string Usage(Map obj, bool limits)
    {
        if (At(obj, "status", "hard").AsMap is not { } hard)
            return "";
        var used = At(obj, "status", "used").AsMap;
        return string.Join(", ", hard
            .Where(entry => entry.Key.StartsWith("limits.", StringComparison.Ordinal) == limits)
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => $"{entry.Key}: {TextOr("0", used, entry.Key)}/{entry.Value.AsString}"));
    }
}
