using System.Collections.Frozen;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>All resources that this server serves, by group, version and plural: the built-in ones, fixed at the start, and
/// those of custom resource definitions, which come and go. Readers never wait.</summary>
public sealed class ServedResources
{
    private readonly FrozenDictionary<GroupVersionResource, ServedResource> _builtIn;
    private readonly Lock _gate = new();
    private readonly IReadOnlyList<ServedResource> _fixed;
    private volatile CustomState _custom;

    public ServedResources(IReadOnlyList<ServedResource> all)
    {
        _fixed = all;
        _builtIn = all.ToFrozenDictionary(r => r.GroupVersionResource);
        _custom = new CustomState(all, [], []);
    }

    /// <summary>Every resource at every served version, groups in discovery order, custom ones last. The list itself never
    /// changes: another list is another state.</summary>
    public IReadOnlyList<ServedResource> All => _custom.All;

    /// <summary>Those that are fixed at the start.</summary>
    public IReadOnlyList<ServedResource> BuiltIn => _fixed;

    public ServedResource? Find(GroupVersionResource resource) =>
        _builtIn.TryGetValue(resource, out var served) ? served : _custom.ByResource.GetValueOrDefault(resource);

    /// <summary>Serves a definition's versions from now on, instead of those before.</summary>
    /// <param name="definition">The definition's name.</param>
    /// <param name="versions">Its versions; none stops serving it.</param>
    public void SetCustom(string definition, IReadOnlyList<ServedResource> versions)
    {
        lock (_gate)
        {
            var byDefinition = new SortedDictionary<string, IReadOnlyList<ServedResource>>(_custom.ByDefinition, StringComparer.Ordinal);
            if (versions.Count == 0)
                byDefinition.Remove(definition);
            else
                byDefinition[definition] = versions;
            var custom = byDefinition.Values.SelectMany(v => v).ToList();
            _custom = new CustomState([.. _fixed, .. custom.OrderBy(r => r.Resource.Group, StringComparer.Ordinal)], byDefinition, custom.ToDictionary(r => r.GroupVersionResource));
        }
    }

    private sealed record CustomState(
        IReadOnlyList<ServedResource> All, SortedDictionary<string, IReadOnlyList<ServedResource>> ByDefinition, Dictionary<GroupVersionResource, ServedResource> ByResource);
}
