using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiServer.Registry.Core;
using static KubeSharp.ApiServer.Tests.Registry.ValidationAssert;

namespace KubeSharp.ApiServer.Tests.Registry.Core;

/// <summary>What pods get and templates do not (pkg/apis/core/v1/defaults.go SetDefaults_Pod).</summary>
public sealed class PodDefaultsTests
{
    [Theory]
    [InlineData("limits are requests", """{"containers":[{"name":"c","resources":{"limits":{"cpu":"1"},"requests":{"memory":"1"}}}]}""", """{"limits":{"cpu":"1"},"requests":{"cpu":"1","memory":"1"}}""")]
    [InlineData("rounded up to thousandths", """{"containers":[{"name":"c","resources":{"requests":{"cpu":"100u"}}}]}""", """{"requests":{"cpu":"1m"}}""")]
    public void Containers(string label, string spec, string expected)
    {
        var pod = Parse($$"""{"spec":{{spec}}}""");
        PodDefaults.Apply(pod);
        Assert.True(expected == GoText.Json(pod.GetMap("spec")!.GetSequence("containers")![0].AsMap!["resources"]), label);
    }

    [Fact]
    public void The_pod_as_a_whole_requests_what_its_containers_do_then_what_it_is_limited_to()
    {
        var pod = Parse("""{"spec":{"resources":{"limits":{"cpu":"4","memory":"1Gi"}},"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}},{"name":"b","resources":{"requests":{"cpu":"500m"}}}]}}""");
        PodDefaults.Apply(pod);
        Assert.Equal("""{"cpu":"1500m","memory":"1Gi"}""", GoText.Json(pod.GetMap("spec")!.GetMap("resources")!["requests"]));
    }

    [Fact]
    public void Templates_are_spared()
    {
        var holder = Parse("""{"template":{"spec":{"hostNetwork":true,"terminationGracePeriodSeconds":-1,"containers":[{"name":"c","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1"}}}]}}}""");
        PodTemplateDefaults.ApplyToTemplate(holder);
        var spec = holder.GetMap("template")!.GetMap("spec")!;
        var container = spec.GetSequence("containers")![0].AsMap!;
        Assert.Equal("""{"limits":{"cpu":"1"}}""", GoText.Json(container["resources"]));
        Assert.Equal("""[{"containerPort":80,"protocol":"TCP"}]""", GoText.Json(container["ports"]));
        Assert.Equal(-1, spec.GetInteger("terminationGracePeriodSeconds"));
    }

    [Theory]
    [InlineData("""{"podIP":"10.0.0.1"}""", """{"podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}]}""")]
    [InlineData("""{"podIPs":[{"ip":"10.0.0.1"}]}""", """{"podIPs":[{"ip":"10.0.0.1"}],"podIP":"10.0.0.1"}""")]
    [InlineData("""{"podIP":"10.0.0.2","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]}""", """{"podIP":"10.0.0.2","podIPs":[{"ip":"10.0.0.2"}]}""")]
    public void Addresses_agree(string status, string expected)
    {
        var pod = Parse($$"""{"status":{{status}}}""");
        PodDefaults.Apply(pod);
        Assert.Equal(expected, GoText.Json(pod["status"]));
    }
}
