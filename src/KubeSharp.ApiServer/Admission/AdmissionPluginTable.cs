using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Admission.EventRateLimit;
using KubeSharp.ApiServer.Admission.ImagePolicy;
using KubeSharp.ApiServer.Admission.PodSecurity;
using KubeSharp.ApiServer.Admission.ResourceQuota;

namespace KubeSharp.ApiServer.Admission;

/// <summary>How a plugin stands here.</summary>
internal enum PluginState
{
    /// <summary>It has a maker.</summary>
    Implemented,

    /// <summary>Its name is taken and it does nothing yet.</summary>
    NotYet,

    /// <summary>As upstream compiles it in, it acts only behind a feature gate that is off by default in v1.36.</summary>
    GateOff,
}

/// <summary>Makes a plugin of what it needs and its own part of <c>--admission-control-config-file</c> (null: none).</summary>
/// <exception cref="FormatException">A configuration that cannot be used, in upstream's words.</exception>
internal delegate IAdmissionPlugin MakePlugin(AdmissionDependencies needs, Map? configuration);

/// <summary>One plugin that upstream compiles in: its name, whether it is on by default, and how it is made.</summary>
internal sealed record AdmissionPluginRow(string Name, bool On, MakePlugin? Make, PluginState State = PluginState.Implemented);

/// <summary>Every plugin that upstream compiles in, in the order in which they run
/// (pkg/kubeapiserver/options/plugins.go AllOrderedPlugins and DefaultOffAdmissionPlugins, v1.36).</summary>
internal static class AdmissionPluginTable
{
    public static readonly AdmissionPluginRow[] Rows =
    [
        Off("AlwaysAdmit", static (_, _) => new AlwaysAdmit()),
        Off("NamespaceAutoProvision", static (needs, _) => new NamespaceAutoProvision(needs.Resources.Find(new GroupVersionResource("", "v1", "namespaces"))!)),
        On("NamespaceLifecycle", static (needs, _) => new NamespaceLifecycle(needs.Store("", "namespaces"))),
        Off("NamespaceExists", static (needs, _) => new NamespaceExists(needs.Store("", "namespaces"))),
        Off("LimitPodHardAntiAffinityTopology", static (_, _) => new LimitPodHardAntiAffinityTopology()),
        On("LimitRanger", static (needs, _) => new LimitRanger(needs.Store("", "limitranges"), needs.Store("", "pods").Strategy)),
        On("ServiceAccount", static (needs, _) => new ServiceAccount(needs.Store("", "serviceaccounts"), needs.Time)),
        Off("NodeRestriction", static (needs, _) => new NodeRestriction(needs.Resources, needs.Authorizer)),
        On("TaintNodesByCondition", static (_, _) => new TaintNodesByCondition()),
        Off("AlwaysPullImages", static (_, _) => new AlwaysPullImages()),
        Off("ImagePolicyWebhook", static (needs, configuration) => ImagePolicyWebhook.Create(configuration, needs.Time)),
        On("PodSecurity", static (needs, configuration) => new PodSecurityPlugin(PodSecurityConfiguration.Read(configuration), needs.Store("", "namespaces"), needs.Store("", "pods"), needs.Time)),
        Off("PodNodeSelector", static (needs, configuration) => new PodNodeSelector(needs.Store("", "namespaces"), configuration)),
        On("Priority", static (needs, _) => new Priority(needs.Store("scheduling.k8s.io", "priorityclasses"))),
        On("DefaultTolerationSeconds", static (needs, _) => new DefaultTolerationSeconds(needs.NotReadyTolerationSeconds, needs.UnreachableTolerationSeconds)),
        Off("PodTolerationRestriction", static (needs, configuration) => new PodTolerationRestriction(needs.Store("", "namespaces"), configuration)),
        Off("EventRateLimit", static (needs, configuration) => EventRateLimitPlugin.Create(configuration, needs.Time)),
        Off("ExtendedResourceToleration", static (_, _) => new ExtendedResourceToleration()),
        On("DefaultStorageClass", static (needs, _) => new DefaultStorageClass(needs.Store("storage.k8s.io", "storageclasses"))),
        On("StorageObjectInUseProtection", static (_, _) => new StorageObjectInUseProtection()),
        GateOff("PodGroupProtection"),
        Off("OwnerReferencesPermissionEnforcement", static (needs, _) => new OwnerReferencesPermissionEnforcement(needs.Resources, needs.Authorizer)),
        On("PersistentVolumeClaimResize", static (needs, _) => new PersistentVolumeClaimResize(needs.Store("storage.k8s.io", "storageclasses"))),
        On("RuntimeClass", static (needs, _) => new RuntimeClass(needs.Store("node.k8s.io", "runtimeclasses"))),
        On("CertificateApproval", static (needs, _) => new CertificateApproval(needs.Authorizer)),
        On("CertificateSigning", static (needs, _) => new CertificateSigning(needs.Authorizer)),
        On("ClusterTrustBundleAttest", static (needs, _) => new ClusterTrustBundleAttest(needs.Authorizer)),
        On("CertificateSubjectRestriction", static (_, _) => new CertificateSubjectRestriction()),
        On("DefaultIngressClass", static (needs, _) => new DefaultIngressClass(needs.Store("networking.k8s.io", "ingressclasses"))),
        Off("DenyServiceExternalIPs", static (_, _) => new DenyServiceExternalIPs()),
        On("PodTopologyLabels", static (needs, _) => new PodTopologyLabels(needs.Store("", "nodes"))),
        GateOff("PodGroupWorkloadExists"),
        On("NodeDeclaredFeatureValidator", static (needs, _) => new NodeDeclaredFeatureValidator(needs.Store("", "nodes"))),
        GateOff("JobValidation"),
        On("PodResizeValidator", static (needs, _) => new PodResizeValidator(needs.Store("", "nodes"))),
        NotYet("MutatingAdmissionPolicy", on: true),
        NotYet("MutatingAdmissionWebhook", on: true),
        NotYet("ValidatingAdmissionPolicy", on: true),
        NotYet("ValidatingAdmissionWebhook", on: true),
        On("ResourceQuota", static (needs, configuration) => new ResourceQuotaPlugin(LimitedResource.Read(configuration), new QuotaAccess(needs), ResourceQuotaPlugin.Registry(needs))),
        Off("AlwaysDeny", static (_, _) => new AlwaysDeny()),
    ];

    public static AdmissionPluginRow? Find(string name) => Array.Find(Rows, row => row.Name == name);

    private static AdmissionPluginRow On(string name, MakePlugin make) => new(name, true, make);

    private static AdmissionPluginRow Off(string name, MakePlugin make) => new(name, false, make);

    private static AdmissionPluginRow NotYet(string name, bool on) => new(name, on, null, PluginState.NotYet);

    private static AdmissionPluginRow GateOff(string name) => new(name, true, null, PluginState.GateOff);
}
