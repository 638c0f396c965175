using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authorization.Rbac;

namespace KubeSharp.ApiServer.Tests.Authorization.Rbac;

/// <summary>The embedded policy against upstream's own listing of it.</summary>
public sealed class BootstrapPolicyTests
{
    [Theory]
    [InlineData("cluster-roles")]
    [InlineData("cluster-role-bindings")]
    [InlineData("controller-roles")]
    [InlineData("controller-role-bindings")]
    [InlineData("namespace-roles")]
    [InlineData("namespace-role-bindings")]
    public void Is_upstreams(string file)
    {
        var yaml = File.ReadAllBytes(SharedData.Find($"upstream/v1.36/rbac/{file}.yaml"));
        var ours = BootstrapPolicy.Read().ToDictionary(KeyOf);
        var expected = YamlCodec.Decode(yaml).AsMap!.GetSequence("items")!;
        Assert.NotEmpty(expected);
        foreach (var item in expected)
        {
            var key = KeyOf(item.AsMap!);
            Assert.True(ours.TryGetValue(key, out var own), $"{key} is missing");
            Assert.True(own.DeepEquals(item.AsMap!), $"{key} differs");
        }
    }

    [Fact]
    public void Has_nothing_else()
    {
        var folder = SharedData.Find("upstream/v1.36/rbac");
        var names = Directory.GetFiles(folder, "*.yaml").Where(f => !f.Contains("featuregates", StringComparison.Ordinal))
            .SelectMany(f => YamlCodec.Decode(File.ReadAllBytes(f)).AsMap!.GetSequence("items")!.Select(i => KeyOf(i.AsMap!)));
        Assert.Equal(names.Order(StringComparer.Ordinal), BootstrapPolicy.Read().Select(KeyOf).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Reconciling_adds_what_is_missing_and_keeps_the_rest()
    {
        var expected = BootstrapPolicy.Parse("ClusterRole r\n  get,list \"\" pods\n")[0];
        Assert.Null(PolicyReconciler.Merge(expected, expected));

        var existing = BootstrapPolicy.Parse("ClusterRole r\n  get \"\" pods\n  create apps deployments\n")[0];
        var merged = PolicyReconciler.Merge(existing, expected)!;
        Assert.True(merged.DeepEquals(BootstrapPolicy.Parse("ClusterRole r\n  get \"\" pods\n  create apps deployments\n  list \"\" pods\n")[0]));
    }

    private static string KeyOf(Map obj) => $"{obj.GetString("kind")} {obj.GetMap("metadata")!.GetString("namespace")}/{obj.GetMap("metadata")!.GetString("name")}";
}
