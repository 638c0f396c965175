using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>A handler made of functions; what is null is not heard.</summary>
public sealed class ResourceEventHandler : IResourceEventHandler
{
    public Action<Map>? OnAdded { get; init; }

    public Action<Map, Map>? OnUpdated { get; init; }

    public Action<Map>? OnDeleted { get; init; }

    public void Added(Map obj, bool isInInitialList) => OnAdded?.Invoke(obj);

    public void Updated(Map oldObject, Map newObject) => OnUpdated?.Invoke(oldObject, newObject);

    public void Deleted(Map obj, bool finalStateUnknown) => OnDeleted?.Invoke(obj);
}
