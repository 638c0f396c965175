using System.Collections.Frozen;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>All resources that this server serves, by group, version and plural. Fixed at start.</summary>
public sealed class ServedResources
{
    private readonly FrozenDictionary<GroupVersionResource, ServedResource> _byResource;

    public ServedResources(IReadOnlyList<ServedResource> all)
    {
        All = all;
        _byResource = all.ToFrozenDictionary(r => r.GroupVersionResource);
    }

    /// <summary>Every resource at every served version, groups in discovery order.</summary>
    public IReadOnlyList<ServedResource> All { get; }

    public ServedResource? Find(GroupVersionResource resource) => _byResource.GetValueOrDefault(resource);
}
