using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>The compiled-in plugins in upstream's order, and which of them are on by default
/// (pkg/kubeapiserver/options/plugins.go, v1.36).</summary>
internal static class AdmissionPlugins
{
    public static AdmissionChain Build(ApiServerOptions options, ServedResources resources, AuthorizerChain authorization, TimeProvider time)
    {
        ResourceStore Store(string resource) => resources.Find(new GroupVersionResource("", "v1", resource))!.Store;
        (IAdmissionPlugin Plugin, bool On)[] ordered =
        [
            (new NamespaceLifecycle(Store("namespaces")), true),
            (new ServiceAccount(Store("serviceaccounts"), time), true),
            (new NodeRestriction(resources, authorization.Authorizer), false),
            (new TaintNodesByCondition(), true),
            (new Priority(resources.Find(new GroupVersionResource("scheduling.k8s.io", "v1", "priorityclasses"))!.Store), true),
            (new DefaultTolerationSeconds(), true),
            (new StorageObjectInUseProtection(), true),
        ];
        var enabled = ordered
            .Where(p => (p.On || options.EnableAdmissionPlugins.Contains(p.Plugin.Name)) && !options.DisableAdmissionPlugins.Contains(p.Plugin.Name))
            .Select(p => p.Plugin);
        return new AdmissionChain([.. enabled, new Registry.Rbac.EscalationGuard(authorization.Authorizer, authorization.Rbac, Store("namespaces").Feed)]);
    }
}
