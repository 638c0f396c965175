using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of admissionregistration, flow control, API server internals, storage migration
/// (pkg/printers/internalversion/printers.go, v1.36) and API services (kube-aggregator/pkg/registry/apiservice/etcd/etcd.go).</summary>
internal static class AdmissionTables
{
    public static readonly ObjectTable MutatingWebhooks = new(
        static (obj, now) => [Name(obj), Count(obj, "webhooks"), Age(obj, now)],
        ObjectColumns.Name,
        new("Webhooks", "integer", "", "Webhooks indicates the number of webhooks registered in this configuration"),
        ObjectColumns.Age);

    public static readonly ObjectTable ValidatingWebhooks = new(
        static (obj, now) => [Name(obj), Count(obj, "webhooks"), Age(obj, now)],
        ObjectColumns.Name,
        new("Webhooks", "integer", "", "Webhooks indicates the number of webhooks registered in this configuration"),
        ObjectColumns.Age);

    public static readonly ObjectTable ValidatingPolicies = new(
        static (obj, now) => [Name(obj), Count(obj, "spec", "validations"), ParameterKind(obj), Age(obj, now)],
        ObjectColumns.Name,
        new("Validations", "integer", "", "Validations indicates the number of validation rules defined in this configuration"),
        new("ParamKind", "string", "", "ParamKind specifies the kind of resources used to parameterize this policy"),
        ObjectColumns.Age);

    public static readonly ObjectTable ValidatingPolicyBindings = new(
        static (obj, now) => [Name(obj), Text(obj, "spec", "policyName"), Parameter(obj), Age(obj, now)],
        ObjectColumns.Name,
        new("PolicyName", "string", "", "PolicyName indicates the policy definition which the policy binding binded to"),
        new("ParamRef", "string", "", "ParamRef indicates the param resource which sets the configuration param"),
        ObjectColumns.Age);

    public static readonly ObjectTable MutatingPolicies = new(
        static (obj, now) => [Name(obj), Count(obj, "spec", "mutations"), ParameterKind(obj), Age(obj, now)],
        ObjectColumns.Name,
        new("Mutations", "integer", "", "Mutation indicates the number of mutations rules defined in this configuration"),
        new("ParamKind", "string", "", "ParamKind specifies the kind of resources used to parameterize this policy"),
        ObjectColumns.Age);

    public static readonly ObjectTable MutatingPolicyBindings = new(
        static (obj, now) => [Name(obj), Text(obj, "spec", "policyName"), Parameter(obj), Age(obj, now)],
        ObjectColumns.Name,
        new("PolicyName", "string", "", "PolicyName indicates the policy definition which the policy binding binded to"),
        new("ParamRef", "string", "", "ParamRef indicates the param resource which sets the configuration param"),
        ObjectColumns.Age);

    public static readonly ObjectTable ApiServices = new(
        static (obj, now) =>
        {
            var available = Array.Find(Items(obj, "status", "conditions"), c => Text(c, "type") == "Available");
            var (status, reason) = (Text(available, "status"), Text(available, "reason"));
            return
            [
                Name(obj), At(obj, "spec", "service").AsMap is { } service ? $"{Text(service, "namespace")}/{Text(service, "name")}" : "Local",
                available is null ? "Unknown" : status == "True" || reason.Length == 0 ? status : $"{status} ({reason})", Age(obj, now),
            ];
        },
        ObjectColumns.Name,
        new("Service", "string", "", "The reference to the service that hosts this API endpoint."),
        new("Available", "string", "", "Whether this service is available."),
        ObjectColumns.Age);

    public static readonly ObjectTable FlowSchemas = new(
        static (obj, now) =>
        [
            Name(obj), Text(obj, "spec", "priorityLevelConfiguration", "name"), Integer(obj, "spec", "matchingPrecedence"),
            At(obj, "spec", "distinguisherMethod").AsMap is { } method ? Text(method, "type") : None, Age(obj, now),
            ConditionStatus(obj, "Dangling") ?? "?",
        ],
        ObjectColumns.Name,
        new("PriorityLevel", "string", "", "`name` is the name of the priority level configuration being referenced Required."),
        new("MatchingPrecedence", "string", "", "`matchingPrecedence` is used to choose among the FlowSchemas that match a given request. The chosen FlowSchema is among those with the numerically lowest (which we take to be logically highest) MatchingPrecedence.  Each MatchingPrecedence value must be ranged in [1,10000]. Note that if the precedence is not specified, it will be set to 1000 as default."),
        new("DistinguisherMethod", "string", "", "`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled and thus will always be the empty string."),
        ObjectColumns.Age,
        new("MissingPL", "string", "", "references a broken or non-existent PriorityLevelConfiguration"));

    public static readonly ObjectTable PriorityLevels = new(
        static (obj, now) =>
        {
            var limited = At(obj, "spec", "limited").AsMap;
            var queuing = At(limited, "limitResponse", "queuing").AsMap;
            return
            [
                Name(obj), Text(obj, "spec", "type"), limited is null ? None : Integer(limited, "nominalConcurrencyShares"),
                queuing is null ? None : Integer(queuing, "queues"), queuing is null ? None : Integer(queuing, "handSize"),
                queuing is null ? None : Integer(queuing, "queueLengthLimit"), Age(obj, now),
            ];
        },
        ObjectColumns.Name,
        new("Type", "string", "", "`type` indicates whether this priority level is subject to limitation on request execution.  A value of `\"Exempt\"` means that requests of this priority level are not subject to a limit (and thus are never queued) and do not detract from the capacity made available to other priority levels.  A value of `\"Limited\"` means that (a) requests of this priority level _are_ subject to limits and (b) some of the server's limited capacity is made available exclusively to this priority level. Required."),
        new("NominalConcurrencyShares", "string", "", "`nominalConcurrencyShares` (NCS) contributes to the computation of the NominalConcurrencyLimit (NominalCL) of this level. This is the number of execution seats available at this priority level. This is used both for requests dispatched from this priority level as well as requests dispatched from other priority levels borrowing seats from this level. The server's concurrency limit (ServerCL) is divided among the Limited priority levels in proportion to their NCS values:\n\nNominalCL(i)  = ceil( ServerCL * NCS(i) / sum_ncs ) sum_ncs = sum[priority level k] NCS(k)\n\nBigger numbers mean a larger nominal concurrency limit, at the expense of every other priority level.\n\nIf not specified, this field defaults to a value of 30.\n\nSetting this field to zero supports the construction of a \"jail\" for this priority level that is used to hold some request(s)"),
        new("Queues", "string", "", "`queues` is the number of queues for this priority level. The queues exist independently at each apiserver. The value must be positive.  Setting it to 1 effectively precludes shufflesharding and thus makes the distinguisher method of associated flow schemas irrelevant.  This field has a default value of 64."),
        new("HandSize", "string", "", "`handSize` is a small positive number that configures the shuffle sharding of requests into queues.  When enqueuing a request at this priority level the request's flow identifier (a string pair) is hashed and the hash value is used to shuffle the list of queues and deal a hand of the size specified here.  The request is put into one of the shortest queues in that hand. `handSize` must be no larger than `queues`, and should be significantly smaller (so that a few heavy flows do not saturate most of the queues).  See the user-facing documentation for more extensive guidance on setting this field.  This field has a default value of 8."),
        new("QueueLengthLimit", "string", "", "`queueLengthLimit` is the maximum number of requests allowed to be waiting in a given queue of this priority level at a time; excess requests are rejected.  This value must be positive.  If not specified, it will be defaulted to 50."),
        ObjectColumns.Age);

    public static readonly ObjectTable StorageVersions = new(
        static (obj, now) =>
        [
            Name(obj), At(obj, "status", "commonEncodingVersion").AsString ?? Unset,
            Shortened(
                [.. Items(obj, "status", "storageVersions").Select(v => $"{Text(v, "apiServerID")}={Text(v, "encodingVersion")}")], Unset),
            Age(obj, now),
        ],
        ObjectColumns.Name,
        new("CommonEncodingVersion", "string", "", "commonEncodingVersion is set to an encoding storage version if all API server instances share that same version. If they don't share one storage version, this field is left empty. API servers should finish updating its storageVersionStatus entry before serving write operations, so that this field will be in sync with the reality."),
        new("StorageVersions", "string", "", "storageVersions lists the reported versions per API server instance."),
        ObjectColumns.Age);

    public static readonly ObjectTable StorageVersionMigrations = new(
        static (obj, _) =>
        [
            Name(obj),
            Text(obj, "spec", "resource", "resource") + (Text(obj, "spec", "resource", "group") is { Length: > 0 } group ? "." + group : ""),
            Items(obj, "status", "conditions").Where(c => Text(c, "status") == "True").Select(c => Text(c, "type"))
                .LastOrDefault(type => type is "Running" or "Failed" or "Succeeded") ?? "Unknown",
        ],
        new("Name", "string", "", ObjectColumns.NameText),
        new("Resource", "string", "", "GroupResource to migrate"),
        new("Status", "string", "", "Status of the migration"));

    private static string ParameterKind(Map obj) => At(obj, "spec", "paramKind").AsMap is { } kind
        ? $"{Text(kind, "apiVersion")}/{Text(kind, "kind")}"
        : Unset;

    private static string Parameter(Map obj)
    {
        if (At(obj, "spec", "paramRef").AsMap is not { } reference)
            return Unset;
        if (Text(reference, "name") is { Length: > 0 } name)
            return $"{TextOr("*", reference, "namespace")}/{name}";
        return At(reference, "selector").AsMap is { } selector ? GoSelector(selector) : Unset;
    }

    /// <summary>A LabelSelector as its generated Go String method prints it.</summary>
    private static string GoSelector(Map selector)
    {
        var labels = (selector.GetMap("matchLabels") ?? Map.Empty).OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => $"{label.Key}: {label.Value.AsString},");
        var expressions = Items(selector, "matchExpressions").Select(e =>
            $"LabelSelectorRequirement{{Key:{Text(e, "key")},Operator:{Text(e, "operator")},Values:[{string.Join(' ', Texts(e, "values"))}],}},");
        return $"&LabelSelector{{MatchLabels:map[string]string{{{string.Concat(labels)}}},"
            + $"MatchExpressions:[]LabelSelectorRequirement{{{string.Concat(expressions)}}},}}";
    }
}
