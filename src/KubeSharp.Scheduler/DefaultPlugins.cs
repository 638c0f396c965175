using KubeSharp.ComponentBase.Client;
using KubeSharp.Scheduler.Framework;
using KubeSharp.Scheduler.Plugins;

namespace KubeSharp.Scheduler;

/// <summary>The plugins in upstream's order, with the weights of their scores
/// (kubernetes/pkg/scheduler/apis/config/v1/default_plugins.go).</summary>
internal static class DefaultPlugins
{
    public static IReadOnlyList<(IPlugin Plugin, long Weight)> Create(IApiClient client) =>
    [
        (new SchedulingGates(), 0),
        (new PrioritySort(), 0),
        (new NodeUnschedulable(), 0),
        (new NodeName(), 0),
        (new TaintToleration(), 3),
        (new NodeAffinity(), 2),
        (new NodePorts(), 0),
        (new NodeResourcesFit(), 1),
        (new NodeResourcesBalancedAllocation(), 1),
        (new ImageLocality(), 1),
        (new DefaultBinder(client), 0),
    ];
}
