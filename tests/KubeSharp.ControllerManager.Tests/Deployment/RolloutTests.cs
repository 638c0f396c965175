using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ControllerManager.Deployment;

namespace KubeSharp.ControllerManager.Tests.Deployment;

/// <summary>The arithmetic, by the tables of upstream's rolling_test.go, sync_test.go and deployment_util_test.go. Sets are
/// <c>name=size/available</c>, the new one is called <c>new</c>, the old ones age by their names.</summary>
public sealed class RolloutTests
{
    [Theory]
    // TestScaleDownOldReplicaSetsForRollingUpdate and TestReconcileOldReplicaSets (deployment of 10, maxUnavailable 2, maxSurge 0)
    [InlineData("nothing old", 10, "0", "2", "new=10/10", "")]
    [InlineData("as far as available", 10, "0", "2", "a=10/10 new=0/0", "a=8")]
    [InlineData("nothing to spare", 10, "0", "2", "a=8/8 new=0/0", "")]
    [InlineData("new ones count", 10, "0", "2", "a=8/8 new=2/2", "a=6")]
    [InlineData("new ones not yet available", 10, "0", "2", "a=8/8 new=2/0", "")]
    [InlineData("unhealthy first", 10, "0", "2", "a=10/8 new=0/0", "a=8")]
    [InlineData("unhealthy in part", 10, "0", "2", "a=10/9 new=0/0", "a=8")]
    [InlineData("unhealthy beyond the bound", 10, "0", "2", "a=10/5 new=0/0", "a=8")]
    [InlineData("the oldest first", 10, "3", "2", "a=3/3 b=7/7 new=3/3", "a=0 b=5")]
    [InlineData("unhealthy of all before healthy of the first", 10, "3", "2", "a=5/5 b=5/3 new=3/3", "a=2 b=3")]
    [InlineData("rollover of a broken set", 10, "3", "2", "a=8/8 b=5/0 new=0/0", "b=0")]
    [InlineData("rollback from a broken set", 10, "3", "2", "a=5/0 new=8/7", "a=1")]
    public void Old_sets_are_scaled_down(string what, long desired, string surge, string unavailable, string sets, string expected)
    {
        var rollout = Rollout(desired, surge, unavailable, sets);
        Assert.True(expected == Text(rollout.PlanScalingDown()), $"{what}: {Text(rollout.PlanScalingDown())}");
    }

    [Theory]
    [InlineData(10, "0", "2", "a=10/10 new=0/0", 0)]
    [InlineData(10, "2", "2", "a=10/10 new=0/0", 2)]
    [InlineData(10, "2", "2", "a=5/5 new=0/0", 7)]
    [InlineData(10, "2", "2", "a=10/10 new=2/2", 2)]
    [InlineData(1, "1", "0", "new=0/0", 1)]
    [InlineData(6, "0", "1", "a=5/5 new=0/0", 1)]
    [InlineData(10, "25%", "0", "a=10/10 new=0/0", 3)] // rounded up
    public void The_new_set_grows_by_the_surge(long desired, string surge, string unavailable, string sets, long expected)
    {
        var rollout = Rollout(desired, surge, unavailable, sets);
        Assert.Equal(expected, rollout.NewReplicas(KubeSharp.ControllerManager.Deployment.Rollout.SpecReplicas(rollout.New!)));
    }

    [Theory]
    [InlineData(10, "25%", "25%", 3, 2)]
    [InlineData(4, "25%", "25%", 1, 1)]
    [InlineData(1, "25%", "25%", 1, 0)]
    [InlineData(10, "0", "0", 0, 1)] // else nothing could move
    [InlineData(10, "0%", "0%", 0, 1)]
    [InlineData(10, "0", "5%", 0, 1)]
    [InlineData(0, "0", "0", 0, 0)]
    [InlineData(10, "1", "20", 1, 10)]
    [InlineData(10, "0", "120%", 0, 10)]
    public void Fenceposts_are_resolved(long desired, string surge, string unavailable, long maxSurge, long maxUnavailable)
    {
        var rollout = Rollout(desired, surge, unavailable, "");
        Assert.Equal((maxSurge, maxUnavailable), (rollout.MaxSurge, rollout.MaxUnavailable));
    }

    [Theory]
    // TestScale: desired before and after, sets before and after; the surge is as given
    [InlineData("normal up", 10, 12, "0", "new=10/10", "new=12")]
    [InlineData("normal down", 10, 5, "0", "new=10/10", "new=5")]
    [InlineData("proportional up", 10, 12, "0", "a=5/5 new=5/5", "a=6 new=6")]
    [InlineData("proportional down", 10, 5, "0", "a=5/5 new=5/5", "a=2 new=3")]
    [InlineData("proportional up of three", 10, 12, "0", "a=5/5 b=3/3 new=2/2", "a=6 b=4 new=2")]
    [InlineData("proportional down of three", 10, 5, "0", "a=5/5 b=3/3 new=2/2", "a=2 b=2 new=1")]
    [InlineData("leftovers to the largest", 10, 20, "0", "a=1/1 b=2/2 new=7/7", "a=2 b=4 new=14")]
    [InlineData("up from an unfinished one", 20, 24, "0", "a=15/15 b=2/2 new=3/3", "a=18 b=2 new=4")]
    [InlineData("to zero", 10, 0, "3", "a=7/7 new=3/3", "a=0 new=0")]
    [InlineData("the only active one", 10, 12, "0", "a=10/10 new=0/0", "a=12")]
    [InlineData("none is active", 0, 3, "0", "a=0/0 new=0/0", "new=3")]
    [InlineData("with a surge", 10, 12, "2", "a=10/10 new=2/2", "a=12 new=2")]
    public void A_change_of_size_is_shared(string what, long before, long after, string surge, string sets, string expected)
    {
        var rollout = Rollout(after, surge, "1", sets, before);
        Assert.True(expected == Text(rollout.PlanScaling()), $"{what}: {Text(rollout.PlanScaling())}");
        Assert.Equal(before != after && sets.Split(' ').Any(s => !s.Contains("=0/", StringComparison.Ordinal)), rollout.IsScalingOnly());
    }

    [Fact]
    public void Old_sets_of_a_saturated_new_one_go()
    {
        Assert.Equal("a=0 b=0", Text(Rollout(10, "1", "1", "a=2/2 b=3/3 new=10/10", 10).PlanScaling()));
    }

    [Theory]
    [InlineData("the hash does not count", "{metadata: {labels: {a: b, pod-template-hash: x}}}", "{metadata: {labels: {a: b, pod-template-hash: y}}}", true)]
    [InlineData("on one side", "{metadata: {labels: {a: b}}}", "{metadata: {labels: {a: b, pod-template-hash: y}}}", true)]
    [InlineData("other labels", "{metadata: {labels: {a: b}}}", "{metadata: {labels: {a: c, pod-template-hash: y}}}", false)]
    [InlineData("no labels", "{spec: {}}", "{metadata: {labels: {pod-template-hash: y}}, spec: {}}", true)]
    [InlineData("specs", "{spec: {nodeName: a}}", "{spec: {nodeName: b}}", false)]
    public void Templates_are_compared(string what, string a, string b, bool same)
    {
        Assert.True(same == KubeSharp.ControllerManager.Deployment.Rollout.SameTemplate(ControllerFixture.Yaml(a), ControllerFixture.Yaml(b)), what);
    }

    private static string Text(IEnumerable<(Map Set, long Replicas)> plan) => string.Join(' ', plan.Select(p => $"{ObjectMetaAccessor.GetName(p.Set)}={p.Replicas}").Order(StringComparer.Ordinal));

    private static Rollout Rollout(long desired, string surge, string unavailable, string sets, long? before = null)
    {
        var list = sets.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=', '/')).ToList();
        var rollout = ControllerFixture.Yaml($"{{spec: {{replicas: {desired}, strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}}}}}");
        rollout.EditMap("spec").Set("template", ControllerFixture.Yaml("{metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: new}]}}"));
        var surged = new Rollout(rollout, []).MaxSurge;
        return new Rollout(rollout, list.Select(s => DeploymentFixture.NewSet(s[0], s[0], Number(s[1]), Number(s[2]), 1, before, before + surged, "", "web")));
    }

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
