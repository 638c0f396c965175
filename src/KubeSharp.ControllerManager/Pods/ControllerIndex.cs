using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.Pods;

/// <summary>The informer index of what each object controls, and of what has no controller in a namespace. Controllers share
/// informers, so all use this one function (AddPodControllerIndexer in pkg/controller/controller_utils.go, v1.36).</summary>
internal static class ControllerIndex
{
    public const string Name = "controller";

    public static IReadOnlyList<string> Of(Map obj) => [ObjectMetaAccessor.GetControllerOf(obj)?.GetString("uid") ?? Orphans(obj)];

    /// <summary>The entry of orphans in the namespace of an object.</summary>
    public static string Orphans(Map obj) => $"{ObjectMetaAccessor.GetNamespace(obj)}/";
}
