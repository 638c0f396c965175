using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Kinds whose every answer warns (APILifecycleDeprecated in zz_generated.prerelease-lifecycle.go, deprecation.WarningMessage, v1.36).</summary>
internal static class DeprecatedKinds
{
    public static string? Warning(ServedResource served) => (served.GroupVersion.ToString(), served.Resource.Kind) switch
    {
        ("v1", "Endpoints") => "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        ("v1", "ComponentStatus") => "v1 ComponentStatus is deprecated in v1.19+",
        _ => null,
    };
}
