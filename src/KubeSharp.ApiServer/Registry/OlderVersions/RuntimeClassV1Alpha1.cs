using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>Runtime classes that had a spec (pkg/apis/node/v1alpha1/conversion.go, v1.36).</summary>
internal static class RuntimeClassV1Alpha1
{
    public static Map ToStorage(Map runtimeClass)
    {
        var spec = runtimeClass.Sub("spec");
        runtimeClass.Remove("spec");
        runtimeClass.Set("handler", spec.Text("runtimeHandler"));
        foreach (var field in (ReadOnlySpan<string>)["overhead", "scheduling"])
        {
            if (spec.GetMap(field) is { } value)
                runtimeClass.Set(field, value);
        }

        return runtimeClass;
    }
}
