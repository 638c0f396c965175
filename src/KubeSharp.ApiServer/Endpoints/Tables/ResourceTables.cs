using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of resource.k8s.io (pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class ResourceTables
{
    public static readonly ObjectTable DeviceClasses = new(
        static (obj, now) => [Name(obj), Age(obj, now)],
        ObjectColumns.Name,
        ObjectColumns.Age);

    public static readonly ObjectTable ResourceClaims = new(
        static (obj, now) => [Name(obj), State(obj), Age(obj, now)],
        ObjectColumns.Name,
        new("State", "string", "", "A summary of the current state (allocated, pending, reserved, etc.)."),
        ObjectColumns.Age);

    public static readonly ObjectTable ResourceClaimTemplates = new(
        static (obj, now) => [Name(obj), Age(obj, now)],
        ObjectColumns.Name,
        ObjectColumns.Age);

    public static readonly ObjectTable ResourceSlices = new(
        static (obj, now) =>
            [Name(obj), Text(obj, "spec", "nodeName"), Text(obj, "spec", "driver"), Text(obj, "spec", "pool", "name"), Age(obj, now)],
        ObjectColumns.Name,
        new("Node", "string", "", "NodeName identifies the node which provides the resources in this pool. A field selector can be used to list only ResourceSlice objects belonging to a certain node.\n\nThis field can be used to limit access from nodes to ResourceSlices with the same node name. It also indicates to autoscalers that adding new nodes of the same type as some old node might also make new resources available.\n\nExactly one of NodeName, NodeSelector, AllNodes, and PerDeviceNodeSelection must be set. This field is immutable."),
        new("Driver", "string", "", "Driver identifies the DRA driver providing the capacity information. A field selector can be used to list only ResourceSlice objects with a certain driver name.\n\nMust be a DNS subdomain and should end with a DNS domain owned by the vendor of the driver. It should use only lower case characters. This field is immutable."),
        new("Pool", "string", "", "Name is used to identify the pool. For node-local devices, this is often the node name, but this is not required.\n\nIt must not be longer than 253 characters and must consist of one or more DNS sub-domains separated by slashes. This field is immutable."),
        ObjectColumns.Age);

    public static readonly ObjectTable DeviceTaintRules = new(
        static (obj, now) =>
        {
            var taint = At(obj, "spec", "taint").AsMap;
            return
            [
                Name(obj), Text(taint, "key"), Text(taint, "value"), Text(taint, "effect"),
                At(taint, "timeAdded").AsString is { } added ? Since(added, now) : "", Age(obj, now),
            ];
        },
        ObjectColumns.Name,
        new("Key", "string", "", "The taint key to be applied to a device. Must be a label name."),
        new("Value", "string", "", "The taint value corresponding to the taint key. Must be a label value."),
        new("Effect", "string", "", "The effect of the taint on claims that do not tolerate the taint and through such claims on the pods using them.\n\nValid effects are None, NoSchedule and NoExecute. PreferNoSchedule as used for nodes is not valid here. More effects may get added in the future. Consumers must treat unknown effects like None."),
        new("TimeAdded", "string", "", "TimeAdded represents the time at which the taint was added or (only in a DeviceTaintRule) the effect was modified. Added automatically during create or update if not set.\n\nIn addition, in a DeviceTaintRule a value provided during an update gets replaced with the current time if the provided value is the same as the old one and the new effect is different. Changing the key and/or value while keeping the effect unchanged is possible and does not update the time stamp because the eviction which uses it is either already started (NoExecute) or not started yet (NoEffect, NoSchedule)."),
        ObjectColumns.Age);

    public static readonly ObjectTable ResourcePoolStatusRequests = new(
        static (obj, now) =>
        {
            var ended = Array.Find(Items(obj, "status", "conditions"), c => Text(c, "status") == "True" && Text(c, "type") is "Complete" or "Failed");
            var isComplete = Text(ended, "type") == "Complete";
            var pools = Items(obj, "status", "pools");
            var matching = Integer(obj, "status", "poolCount");
            var isCounted = At(obj, "status").AsMap is not null && (ended is null || isComplete);
            return
            [
                Name(obj), Text(obj, "spec", "driver"), Sum("totalDevices"), Sum("availableDevices"), Sum("allocatedDevices"), Sum("unavailableDevices"),
                isCounted ? Format($"{pools.Count(p => p.ContainsKey("validationError"))}") : "-", matching,
                isComplete && matching > pools.Length ? Format($"Complete ({pools.Length}/{matching} pools)") : ended is null ? "Pending" : Text(ended, "type"),
                isComplete ? Since(Text(ended, "lastTransitionTime"), now) : None,
            ];

            string Sum(string field) => isCounted ? Format($"{pools.Sum(p => Integer(p, field))}") : "-";
        },
        ObjectColumns.Name,
        new("Driver", "string", "", "The driver to query pools for."),
        new("Total", "string", "", "Total number of devices across all pools."),
        new("Available", "string", "", "Number of available devices across all pools."),
        new("Allocated", "string", "", "Number of allocated devices across all pools."),
        new("Unavailable", "string", "", "Number of unavailable devices across all pools."),
        new("Errors", "string", "", "Number of pools with validation errors."),
        new("Pools", "integer", "", "Total number of matching pools."),
        new("Status", "string", "", "Processing status."),
        new("Completed", "string", "", "Time since the observation completed."));

    private static string State(Map obj)
    {
        var deleted = ObjectMetaAccessor.IsBeingDeleted(obj);
        if (At(obj, "status", "allocation").AsMap is null)
            return deleted ? "deleted" : "pending";
        return (deleted ? "deleted," : "") + "allocated" + (Count(obj, "status", "reservedFor") > 0 ? ",reserved" : "");
    }
}
