using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ComponentBase.Cache;

namespace KubeSharp.ComponentBase.Tests.Cache;

public sealed class IndexerTests
{
    private static Map Pod(string ns, string name, string node = "", string app = "")
    {
        var pod = FakeApiServer.Object("Pod", ns, name);
        pod["spec"] = new Map { { "nodeName", node } };
        pod.EditMap("metadata").Set("labels", new Map { { "app", app } });
        return pod;
    }

    private static string[] Names(IEnumerable<Map> objects) => [.. objects.Select(ObjectMetaAccessor.GetKey).Order(StringComparer.Ordinal)];

    private static Indexer WithNodeIndex()
    {
        var indexer = new Indexer();
        indexer.AddIndex("node", obj => obj.GetMap("spec")!.GetString("nodeName") is { Length: > 0 } node ? [node] : []);
        return indexer;
    }

    [Fact]
    public void FindsByKeyNamespaceAndIndex()
    {
        var indexer = WithNodeIndex();
        indexer.Set(Pod("a", "1", "n1"));
        indexer.Set(Pod("a", "2", "n2"));
        indexer.Set(Pod("b", "1", "n1"));
        indexer.Set(Pod("b", "2"));

        Assert.Equal("1", ObjectMetaAccessor.GetName(indexer.Get("a/1")!));
        Assert.Null(indexer.Get("c/1"));
        Assert.Equal(["a/1", "a/2"], Names(indexer.ByIndex(Indexer.NamespaceIndex, "a")));
        Assert.Equal(["a/1", "b/1"], Names(indexer.ByIndex("node", "n1")));
        Assert.Empty(indexer.ByIndex("node", ""));
        Assert.Equal(["n1", "n2"], indexer.IndexValues("node").Order(StringComparer.Ordinal));
        Assert.Throws<KeyNotFoundException>(() => indexer.ByIndex("none", "x"));
    }

    [Fact]
    public void IndicesFollowChangesAndRemovals()
    {
        var indexer = WithNodeIndex();
        indexer.Set(Pod("a", "1"));
        var old = indexer.Set(Pod("a", "1", "n1"));
        Assert.Equal("", old!.GetMap("spec")!.GetString("nodeName"));
        indexer.Set(Pod("a", "1", "n2"));
        Assert.Empty(indexer.ByIndex("node", "n1"));
        Assert.Equal(["a/1"], Names(indexer.ByIndex("node", "n2")));

        Assert.NotNull(indexer.Remove("a/1"));
        Assert.Null(indexer.Remove("a/1"));
        Assert.Empty(indexer.IndexValues("node"));
        Assert.Equal(0, indexer.Count);
    }

    [Fact]
    public void ReplaceLeavesOnlyTheNewObjects()
    {
        var indexer = WithNodeIndex();
        indexer.Set(Pod("a", "1", "n1"));
        var old = indexer.Replace([Pod("a", "2", "n1"), Pod("b", "1", "n3")]);
        Assert.Equal(["a/1"], old.Keys);
        Assert.Equal(["a/2", "b/1"], indexer.ListKeys().Order(StringComparer.Ordinal));
        Assert.Equal(["a/2"], Names(indexer.ByIndex("node", "n1")));
    }

    [Fact]
    public void AnIndexAddedLateKnowsWhatIsThere()
    {
        var indexer = new Indexer();
        indexer.Set(Pod("a", "1", "n1"));
        indexer.EnsureIndex("node", obj => [obj.GetMap("spec")!.GetString("nodeName")!]);
        Assert.Equal(["a/1"], Names(indexer.ByIndex("node", "n1")));
        Assert.Throws<ArgumentException>(() => indexer.AddIndex("node", _ => []));
    }

    [Fact]
    public void StoredObjectsAreFrozen()
    {
        var indexer = new Indexer();
        indexer.Set(Pod("a", "1"));
        indexer.Replace([Pod("a", "2"), Pod("a", "3")]);
        Assert.All(indexer.List(), obj => Assert.True(obj.IsFrozen));
    }

    [Fact]
    public void ListerSelects()
    {
        var indexer = new Indexer();
        indexer.Replace([Pod("a", "1", app: "web"), Pod("a", "2", app: "db"), Pod("b", "1", app: "web"), FakeApiServer.Object("Node", "", "n")]);
        var lister = new Lister(indexer);
        var web = LabelSelector.Parse("app=web");
        Assert.Equal(["a/1", "b/1"], Names(lister.List(web)));
        Assert.Equal(["a/1"], Names(lister.ListNamespace("a", web)));
        Assert.Equal(["a/1", "a/2"], Names(lister.ListNamespace("a", LabelSelector.Everything)));
        Assert.Empty(lister.List(LabelSelector.Nothing));
        Assert.NotNull(lister.Get("", "n"));
        Assert.NotNull(lister.Get("a", "2"));
        Assert.Null(lister.Get("a", "n"));
    }
}
