using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.Tests.Pods;

/// <summary>The cases of upstream's TestSortingActivePodsWithRanks and its neighbours: the first pod of a line goes first.</summary>
public sealed class PodDeletionOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private const string Running = "spec: {nodeName: n1}, status: {phase: Running";
    private const string ReadyAt = ", conditions: [{type: Ready, status: 'True', lastTransitionTime: ";

    [Theory]
    [InlineData("unassigned before assigned", "metadata: {uid: b}, status: {phase: Running}", "metadata: {uid: a}, spec: {nodeName: n1}, status: {phase: Pending}")]
    [InlineData("pending before unknown", "metadata: {uid: b}, spec: {nodeName: n1}, status: {phase: Pending}", "metadata: {uid: a}, spec: {nodeName: n1}, status: {phase: Unknown}")]
    [InlineData("no phase is pending", "metadata: {uid: b}, spec: {nodeName: n1}", "metadata: {uid: a}, spec: {nodeName: n1}, status: {phase: Unknown}")]
    [InlineData("unknown before running", "metadata: {uid: b}, spec: {nodeName: n1}, status: {phase: Unknown}", "metadata: {uid: a}, " + Running + "}")]
    [InlineData("not ready before ready", "metadata: {uid: b}, " + Running + "}", "metadata: {uid: a}, " + Running + ReadyAt + "'2026-01-02T11:00:00Z'}]}")]
    [InlineData("cheap before dear", "metadata: {uid: b, annotations: {controller.kubernetes.io/pod-deletion-cost: '-5'}}, " + Running + "}", "metadata: {uid: a}, " + Running + "}")]
    [InlineData("a bad cost is none", "metadata: {uid: a, annotations: {controller.kubernetes.io/pod-deletion-cost: '+9'}}, " + Running + "}", "metadata: {uid: b, annotations: {controller.kubernetes.io/pod-deletion-cost: '1'}}, " + Running + "}")]
    [InlineData("cost before crowd", "metadata: {uid: b}, spec: {nodeName: n1}, status: {phase: Running}", "metadata: {uid: a, annotations: {controller.kubernetes.io/pod-deletion-cost: '1'}}, spec: {nodeName: crowded}, status: {phase: Running}")]
    [InlineData("crowded before lonely", "metadata: {uid: b}, spec: {nodeName: crowded}, status: {phase: Running}", "metadata: {uid: a}, spec: {nodeName: n1}, status: {phase: Running}")]
    [InlineData("ready since recently first", "metadata: {uid: b}, " + Running + ReadyAt + "'2026-01-02T11:59:00Z'}]}", "metadata: {uid: a}, " + Running + ReadyAt + "'2026-01-02T08:00:00Z'}]}")]
    [InlineData("ready since about the same time", "metadata: {uid: a}, " + Running + ReadyAt + "'2026-01-02T08:00:00Z'}]}", "metadata: {uid: b}, " + Running + ReadyAt + "'2026-01-02T08:00:01Z'}]}")]
    [InlineData("ready since when nobody knows", "metadata: {uid: b}, " + Running + ", conditions: [{type: Ready, status: 'True'}]}", "metadata: {uid: a}, " + Running + ReadyAt + "'2026-01-02T11:59:00Z'}]}")]
    [InlineData("often restarted first", "metadata: {uid: b}, " + Running + ", containerStatuses: [{restartCount: 1}, {restartCount: 3}]}", "metadata: {uid: a}, " + Running + ", containerStatuses: [{restartCount: 2}, {restartCount: 2}]}")]
    [InlineData("restarts before age", "metadata: {uid: b, creationTimestamp: '2026-01-01T00:00:00Z'}, " + Running + ", containerStatuses: [{restartCount: 1}]}", "metadata: {uid: a, creationTimestamp: '2026-01-02T11:59:00Z'}, " + Running + "}")]
    [InlineData("sidecars' restarts count", "metadata: {uid: b}, spec: {nodeName: n1, initContainers: [{name: s, restartPolicy: Always}]}, status: {phase: Running, initContainerStatuses: [{name: s, restartCount: 1}]}", "metadata: {uid: a}, spec: {nodeName: n1, initContainers: [{name: s}]}, status: {phase: Running, initContainerStatuses: [{name: s, restartCount: 9}]}")]
    [InlineData("young before old", "metadata: {uid: b, creationTimestamp: '2026-01-02T11:59:00Z'}, " + Running + "}", "metadata: {uid: a, creationTimestamp: '2026-01-02T08:00:00Z'}, " + Running + "}")]
    [InlineData("about the same age", "metadata: {uid: a, creationTimestamp: '2026-01-02T08:00:00Z'}, " + Running + "}", "metadata: {uid: b, creationTimestamp: '2026-01-02T08:00:01Z'}, " + Running + "}")]
    public void The_first_goes_first(string what, string first, string second)
    {
        var (a, b) = (ControllerFixture.Yaml($"{{{first}}}"), ControllerFixture.Yaml($"{{{second}}}"));
        Map[] related =
        [
            ControllerFixture.Yaml("{metadata: {uid: x}, spec: {nodeName: crowded}, status: {phase: Running}}"),
            ControllerFixture.Yaml("{metadata: {uid: y}, spec: {nodeName: n1}, status: {phase: Succeeded}}"),
        ];
        var order = PodDeletionOrder.Of(related, Now);

        Assert.True(order.Compare(a, b) < 0, what);
        Assert.True(order.Compare(b, a) > 0, what);
        Assert.Equal(0, order.Compare(a, a));
    }
}
