using KubeSharp.ApiMachinery.Documents;
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
        NotYet("AlwaysAdmit", on: false),
        NotYet("NamespaceAutoProvision", on: false),
        On("NamespaceLifecycle", static (needs, _) => new NamespaceLifecycle(needs.Store("", "namespaces"))),
        NotYet("NamespaceExists", on: false),
        NotYet("LimitPodHardAntiAffinityTopology", on: false),
        On("LimitRanger", static (needs, _) => new LimitRanger(needs.Store("", "limitranges"))),
        On("ServiceAccount", static (needs, _) => new ServiceAccount(needs.Store("", "serviceaccounts"), needs.Time)),
        Off("NodeRestriction", static (needs, _) => new NodeRestriction(needs.Resources, needs.Authorizer)),
        On("TaintNodesByCondition", static (_, _) => new TaintNodesByCondition()),
        NotYet("AlwaysPullImages", on: false),
        NotYet("ImagePolicyWebhook", on: false),
        On("PodSecurity", static (needs, configuration) => new PodSecurityPlugin(PodSecurityConfiguration.Read(configuration), needs.Store("", "namespaces"), needs.Store("", "pods"), needs.Time)),
        NotYet("PodNodeSelector", on: false),
        On("Priority", static (needs, _) => new Priority(needs.Store("scheduling.k8s.io", "priorityclasses"))),
        On("DefaultTolerationSeconds", static (_, _) => new DefaultTolerationSeconds()),
        NotYet("PodTolerationRestriction", on: false),
        NotYet("EventRateLimit", on: false),
        NotYet("ExtendedResourceToleration", on: false),
        NotYet("DefaultStorageClass", on: true),
        On("StorageObjectInUseProtection", static (_, _) => new StorageObjectInUseProtection()),
        GateOff("PodGroupProtection"),
        NotYet("OwnerReferencesPermissionEnforcement", on: false),
        NotYet("PersistentVolumeClaimResize", on: true),
        NotYet("RuntimeClass", on: true),
        NotYet("CertificateApproval", on: true),
        NotYet("CertificateSigning", on: true),
        NotYet("ClusterTrustBundleAttest", on: true),
        NotYet("CertificateSubjectRestriction", on: true),
        NotYet("DefaultIngressClass", on: true),
        NotYet("DenyServiceExternalIPs", on: false),
        NotYet("PodTopologyLabels", on: true),
        GateOff("PodGroupWorkloadExists"),
        GateOff("NodeDeclaredFeatureValidator"),
        GateOff("JobValidation"),
        NotYet("PodResizeValidator", on: true),
        NotYet("MutatingAdmissionPolicy", on: true),
        NotYet("MutatingAdmissionWebhook", on: true),
        NotYet("ValidatingAdmissionPolicy", on: true),
        NotYet("ValidatingAdmissionWebhook", on: true),
        On("ResourceQuota", static (needs, configuration) => new ResourceQuotaPlugin(LimitedResource.Read(configuration), new QuotaAccess(needs), ResourceQuotaPlugin.Registry(needs))),
        NotYet("AlwaysDeny", on: false),
    ];

    public static AdmissionPluginRow? Find(string name) => Array.Find(Rows, row => row.Name == name);

    private static AdmissionPluginRow On(string name, MakePlugin make) => new(name, true, make);

    private static AdmissionPluginRow Off(string name, MakePlugin make) => new(name, false, make);

    private static AdmissionPluginRow NotYet(string name, bool on) => new(name, on, null, PluginState.NotYet);

    private static AdmissionPluginRow GateOff(string name) => new(name, true, null, PluginState.GateOff);
}
