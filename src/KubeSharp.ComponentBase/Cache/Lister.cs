using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>Reads the frozen objects of an informer's store (client-go/tools/cache/listers.go). Thread-safe.</summary>
public sealed class Lister(Indexer indexer)
{
    /// <summary>The object, or null; the namespace of cluster-scoped objects is empty.</summary>
    public Map? Get(string ns, string name) => indexer.Get(ns.Length == 0 ? name : $"{ns}/{name}");

    /// <summary>The object at a key as <see cref="ObjectMetaAccessor.GetKey"/> makes them, or null.</summary>
    public Map? Get(string key) => indexer.Get(key);

    public IReadOnlyList<Map> List() => indexer.List();

    /// <summary>Objects of all namespaces that the selector matches.</summary>
    public IReadOnlyList<Map> List(LabelSelector selector) => Select(indexer.List(), selector);

    public IReadOnlyList<Map> ListNamespace(string ns) => indexer.ByIndex(Indexer.NamespaceIndex, ns);

    public IReadOnlyList<Map> ListNamespace(string ns, LabelSelector selector) => Select(ListNamespace(ns), selector);

    /// <inheritdoc cref="Indexer.ByIndex"/>
    public IReadOnlyList<Map> ByIndex(string name, string value) => indexer.ByIndex(name, value);

    private static IReadOnlyList<Map> Select(IReadOnlyList<Map> objects, LabelSelector selector) =>
        selector.IsEmpty ? objects : [.. objects.Where(obj => selector.Matches(ObjectMetaAccessor.GetLabels(obj)))];
}
