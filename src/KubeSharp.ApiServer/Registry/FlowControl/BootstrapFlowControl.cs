using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.FlowControl;

/// <summary>The flow schemas and priority levels that every cluster has: mandatory ones, which nobody may change, and
/// suggested ones, which follow the server's version until somebody says otherwise
/// (apiserver/pkg/apis/flowcontrol/bootstrap/default.go, v1.36).</summary>
internal static class BootstrapFlowControl
{
    /// <summary>"true": the server keeps the spec as it is here.</summary>
    public const string AutoUpdate = "apf.kubernetes.io/autoupdate-spec";

    private const string ByUser = "ByUser";
    private const string ByNamespace = "ByNamespace";
    private const string Unauthenticated = "system:unauthenticated";
    private const string Authenticated = "system:authenticated";

    /// <summary>What any request may be, at any address.</summary>
    private static readonly Map[] Everything = [Resources(["*"], ["*"], ["*"], clusterScope: true)];
    private static readonly Map[] EveryPath = [Paths(["*"], "*")];

    public static IReadOnlyList<Map> MandatoryPriorityLevels { get; } =
    [
        PriorityLevel("exempt", new Map { { "type", "Exempt" }, { "exempt", new Map { { "nominalConcurrencyShares", 0 }, { "lendablePercent", 0 } } } }),
        PriorityLevel("catch-all", Limited(5, 0, new Map { { "type", "Reject" } })),
    ];

    public static IReadOnlyList<Map> MandatoryFlowSchemas { get; } =
    [
        FlowSchema("exempt", "exempt", 1, null, Groups("system:masters"), Everything, EveryPath),
        FlowSchema("catch-all", "catch-all", 10000, ByUser, Groups(Unauthenticated, Authenticated), Everything, EveryPath),
    ];

    public static IReadOnlyList<Map> SuggestedPriorityLevels { get; } =
    [
        PriorityLevel("system", Limited(30, 33, Queue(64, 6))),
        PriorityLevel("node-high", Limited(40, 25, Queue(64, 6))),
        PriorityLevel("leader-election", Limited(10, 0, Queue(16, 4))),
        PriorityLevel("workload-high", Limited(40, 50, Queue(128, 6))),
        PriorityLevel("workload-low", Limited(100, 90, Queue(128, 6))),
        PriorityLevel("global-default", Limited(20, 50, Queue(128, 6))),
    ];

    public static IReadOnlyList<Map> SuggestedFlowSchemas { get; } =
    [
        FlowSchema("system-nodes", "system", 500, ByUser, Groups("system:nodes"), Everything, EveryPath),
        FlowSchema("system-node-high", "node-high", 400, ByUser, Groups("system:nodes"),
            [Resources(["*"], [""], ["nodes", "nodes/status"], clusterScope: true), Resources(["*"], ["coordination.k8s.io"], ["leases"], clusterScope: false)], []),
        FlowSchema("probes", "exempt", 2, null, Groups(Unauthenticated, Authenticated), [], [Paths(["get"], "/healthz", "/readyz", "/livez")]),
        FlowSchema("system-leader-election", "leader-election", 100, ByUser,
            [.. Users("system:kube-controller-manager", "system:kube-scheduler"), SystemAccounts()],
            [Resources(["get", "create", "update"], ["coordination.k8s.io"], ["leases"], clusterScope: false)], []),
        FlowSchema("kube-controller-manager", "workload-high", 800, ByNamespace, Users("system:kube-controller-manager"), Everything, EveryPath),
        FlowSchema("kube-scheduler", "workload-high", 800, ByNamespace, Users("system:kube-scheduler"), Everything, EveryPath),
        FlowSchema("kube-system-service-accounts", "workload-high", 900, ByNamespace, [SystemAccounts()], Everything, EveryPath),
        FlowSchema("service-accounts", "workload-low", 9000, ByUser, Groups("system:serviceaccounts"), Everything, EveryPath),
        FlowSchema("global-default", "global-default", 9900, ByUser, Groups(Unauthenticated, Authenticated), Everything, EveryPath),
    ];

    private static Map PriorityLevel(string name, Map spec) => Frozen(new Map { { "metadata", Metadata(name) }, { "spec", spec } });

    private static Map Limited(int shares, int lendablePercent, Map response) => new()
    {
        { "type", "Limited" },
        { "limited", new Map { { "nominalConcurrencyShares", shares }, { "limitResponse", response }, { "lendablePercent", lendablePercent } } },
    };

    private static Map Queue(int queues, int handSize) => new()
    {
        { "type", "Queue" },
        { "queuing", new Map { { "queues", queues }, { "handSize", handSize }, { "queueLengthLimit", 50 } } },
    };

    private static Map FlowSchema(string name, string level, int precedence, string? distinguisher, Map[] subjects, Map[] resourceRules, Map[] pathRules)
    {
        var rule = new Map { { "subjects", List(subjects) } };
        if (resourceRules.Length > 0)
            rule.Set("resourceRules", List(resourceRules));
        if (pathRules.Length > 0)
            rule.Set("nonResourceRules", List(pathRules));
        var spec = new Map { { "priorityLevelConfiguration", new Map { { "name", level } } }, { "matchingPrecedence", precedence } };
        if (distinguisher is not null)
            spec.Set("distinguisherMethod", new Map { { "type", distinguisher } });
        spec.Set("rules", List(rule));
        return Frozen(new Map { { "metadata", Metadata(name) }, { "spec", spec } });
    }

    private static Map Metadata(string name) => new() { { "name", name }, { "annotations", new Map { { AutoUpdate, "true" } } } };

    private static Map[] Groups(params string[] names) => [.. names.Select(name => new Map { { "kind", "Group" }, { "group", new Map { { "name", name } } } })];

    private static Map[] Users(params string[] names) => [.. names.Select(name => new Map { { "kind", "User" }, { "user", new Map { { "name", name } } } })];

    private static Map SystemAccounts() => new() { { "kind", "ServiceAccount" }, { "serviceAccount", new Map { { "namespace", "kube-system" }, { "name", "*" } } } };

    private static Map Resources(string[] verbs, string[] groups, string[] resources, bool clusterScope)
    {
        var rule = new Map { { "verbs", Texts(verbs) }, { "apiGroups", Texts(groups) }, { "resources", Texts(resources) } };
        if (clusterScope)
            rule.Set("clusterScope", true);
        rule.Set("namespaces", Texts(["*"]));
        return rule;
    }

    private static Map Paths(string[] verbs, params string[] paths) => new() { { "verbs", Texts(verbs) }, { "nonResourceURLs", Texts(paths) } };

    private static Sequence Texts(string[] texts)
    {
        var list = new Sequence(texts.Length);
        foreach (var text in texts)
            list.Add(text);
        return list;
    }

    private static Sequence List(params Map[] items)
    {
        var list = new Sequence(items.Length);
        foreach (var item in items)
            list.Add(item);
        return list;
    }

    private static Map Frozen(Map map)
    {
        map.Freeze();
        return map;
    }
}
