using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ControllerManager.NodeLifecycle;

namespace KubeSharp.ControllerManager.Tests;

/// <summary>Nodes are given up when nothing was heard of them for a while, not when somebody sets the clock.</summary>
public sealed class NodeLifecycleClockTests
{
    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task AQuietNodeIsGivenUpAfterItsGrace(int clockStepInHours)
    {
        await using var fixture = new ControllerFixture(Nodes, Pods, Leases);
        await fixture.CreateAsync(Nodes, """
            kind: Node
            apiVersion: v1
            metadata: {name: n1}
            status: {conditions: [{type: Ready, status: "True", lastHeartbeatTime: "2026-01-02T03:04:05Z", lastTransitionTime: "2026-01-02T03:04:05Z"}]}
            """);
        fixture.Start(context => new NodeLifecycleController(context));
        await fixture.SyncAsync("n1");

        fixture.Time.StepWallClock(TimeSpan.FromHours(clockStepInHours));
        fixture.Time.Advance(TimeSpan.FromSeconds(49));
        await fixture.SyncAsync("n1");
        Assert.Equal("True", Ready(fixture));
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await fixture.SyncAsync("n1");
        Assert.Equal("Unknown", Ready(fixture));
    }

    private static string? Ready(ControllerFixture fixture) =>
        fixture.Api.Find(Nodes, "n1")!.GetMap("status")!.GetSequence("conditions")!.Select(c => c.AsMap!).Single(c => c.GetString("type") == "Ready").GetString("status");
}
