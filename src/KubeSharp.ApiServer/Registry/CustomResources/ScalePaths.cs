using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>Where replicas and selector are in a custom resource that scales; paths begin with a dot and are fields alone.</summary>
/// <param name="SpecReplicas">The number asked for.</param>
/// <param name="StatusReplicas">The number observed.</param>
/// <param name="LabelSelector">The selector as text; empty when there is none.</param>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string LabelSelector)
{
    /// <summary>Reads <c>subresources.scale</c>; null when there is none.</summary>
    public static ScalePaths? Read(Map? scale) =>
        scale is null ? null : new ScalePaths(scale.Text("specReplicasPath"), scale.Text("statusReplicasPath"), scale.Text("labelSelectorPath"));

    public static string[] Split(string path) => (path.StartsWith('.') ? path[1..] : path).Split('.');

    /// <exception cref="StatusException">500: what is there is no number.</exception>
    public static long? Number(Map obj, string path) =>
        ScaleValidation.Find(obj, path, "int64", out var value) is { } error ? throw StatusErrors.InternalError(error) : value.AsInteger;

    /// <summary>The label selector, or empty.</summary>
    /// <exception cref="StatusException">500: what is there is no text.</exception>
    public string SelectorOf(Map obj)
    {
        if (LabelSelector.Length == 0)
            return "";
        return ScaleValidation.Find(obj, LabelSelector, "string", out var value) is { } error ? throw StatusErrors.InternalError(error) : value.AsString ?? "";
    }

    /// <summary>Writes the number asked for into a mutable object.</summary>
    public void SetReplicas(Map obj, long replicas)
    {
        var steps = Split(SpecReplicas);
        for (var i = 0; i < steps.Length - 1; i++)
            obj = obj.EditMap(steps[i]);
        obj.Set(steps[^1], replicas);
    }
}
