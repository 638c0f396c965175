using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Tests.Framework;

/// <summary>k8s.io/component-helpers/resource/helpers.go.</summary>
public sealed class PodRequestsTests
{
    [Theory]
    [InlineData("sum", "containers: [{name: a, resources: {requests: {cpu: 1}}}, {name: b, resources: {requests: {cpu: 500m}}}]", 1500, 1500)]
    [InlineData("init container", "initContainers: [{name: i, resources: {requests: {cpu: 2}}}], containers: [{name: a, resources: {requests: {cpu: 1}}}]", 2000, 2000)]
    [InlineData("sidecar", "initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 1}}}], containers: [{name: a, resources: {requests: {cpu: 1}}}]", 2000, 2000)]
    [InlineData("init after sidecar", "initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 1}}}, {name: i, resources: {requests: {cpu: 5}}}], containers: [{name: a, resources: {requests: {cpu: 1}}}]", 6000, 6000)]
    [InlineData("init before sidecar", "initContainers: [{name: i, resources: {requests: {cpu: 5}}}, {name: s, restartPolicy: Always, resources: {requests: {cpu: 1}}}], containers: [{name: a, resources: {requests: {cpu: 1}}}]", 5000, 5000)]
    [InlineData("overhead", "overhead: {cpu: 250m}, containers: [{name: a, resources: {requests: {cpu: 1}}}]", 1250, 1250)]
    [InlineData("whole pod", "resources: {requests: {cpu: 3}}, containers: [{name: a, resources: {requests: {cpu: 1}}}]", 3000, 3000)]
    [InlineData("nothing", "containers: [{name: a}, {name: b}]", 0, 200)]
    [InlineData("zero is a request", "containers: [{name: a, resources: {requests: {cpu: 0}}}]", 0, 0)]
    public void Cpu(string label, string spec, long expected, long nonZero)
    {
        var pod = Objects.PodInfo(spec);
        Assert.True(pod.Requests.MilliCpu == expected, $"{label}: {pod.Requests.MilliCpu}");
        Assert.True(pod.NonZeroRequests.MilliCpu == nonZero, $"{label}: {pod.NonZeroRequests.MilliCpu}");
    }
}
