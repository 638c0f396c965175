using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>Hears of changes to a resource, one at a time and in order (client-go/tools/cache/controller.go). Objects are
/// frozen. Implementations return quickly: they look and enqueue.</summary>
public interface IResourceEventHandler
{
    /// <param name="obj">The new object.</param>
    /// <param name="isInInitialList">The object was there before the handler began to listen.</param>
    void Added(Map obj, bool isInInitialList);

    /// <summary>Both are the same object at a resync.</summary>
    void Updated(Map oldObject, Map newObject);

    /// <param name="obj">The last state that is known.</param>
    /// <param name="finalStateUnknown">The deletion was noticed by listing anew: states in between were missed.</param>
    void Deleted(Map obj, bool finalStateUnknown);
}
