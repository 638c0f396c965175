using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Views;

/// <summary>
/// A typed look at one map of a document. A view is a struct around the map and holds no data of its own: getters read
/// what Go code would see (zero values for what is absent), setters and Edit methods need a map that is not frozen.
/// A view over no map reads as absent everywhere.
/// </summary>
public interface IView<TSelf>
    where TSelf : struct, IView<TSelf>
{
    /// <summary>The map looked at, or null.</summary>
    Map? Map { get; }

    /// <summary>Whether there is a map: false is Go's nil pointer, or a struct that is not set.</summary>
    bool Exists { get; }

    static abstract TSelf From(Map? map);
}

/// <summary>A view of a whole object: one with kind, apiVersion and metadata.</summary>
public interface IObjectView<TSelf> : IView<TSelf>
    where TSelf : struct, IObjectView<TSelf>
{
    static abstract GroupVersionKind GroupVersionKind { get; }

    Meta.V1.ObjectMeta Metadata { get; }

    Meta.V1.ObjectMeta EditMetadata();
}
