using KubeSharp.ApiServer.Admission;

namespace KubeSharp.ApiServer.Tests.Admission;

/// <summary>The plugins that upstream compiles in, their order and their defaults (pkg/kubeapiserver/options/plugins.go, v1.36).</summary>
public sealed class AdmissionPluginTableTests(ServerFixture fixture)
{
    private static readonly string[] Ordered =
    [
        "AlwaysAdmit", "NamespaceAutoProvision", "NamespaceLifecycle", "NamespaceExists", "LimitPodHardAntiAffinityTopology", "LimitRanger", "ServiceAccount",
        "NodeRestriction", "TaintNodesByCondition", "AlwaysPullImages", "ImagePolicyWebhook", "PodSecurity", "PodNodeSelector", "Priority", "DefaultTolerationSeconds",
        "PodTolerationRestriction", "EventRateLimit", "ExtendedResourceToleration", "DefaultStorageClass", "StorageObjectInUseProtection", "PodGroupProtection",
        "OwnerReferencesPermissionEnforcement", "PersistentVolumeClaimResize", "RuntimeClass", "CertificateApproval", "CertificateSigning", "ClusterTrustBundleAttest",
        "CertificateSubjectRestriction", "DefaultIngressClass", "DenyServiceExternalIPs", "PodTopologyLabels", "PodGroupWorkloadExists", "NodeDeclaredFeatureValidator",
        "JobValidation", "PodResizeValidator", "MutatingAdmissionPolicy", "MutatingAdmissionWebhook", "ValidatingAdmissionPolicy", "ValidatingAdmissionWebhook",
        "ResourceQuota", "AlwaysDeny",
    ];

    private static readonly string[] OffByDefault =
    [
        "AlwaysAdmit", "NamespaceAutoProvision", "NamespaceExists", "LimitPodHardAntiAffinityTopology", "NodeRestriction", "AlwaysPullImages", "ImagePolicyWebhook",
        "PodNodeSelector", "PodTolerationRestriction", "EventRateLimit", "ExtendedResourceToleration", "OwnerReferencesPermissionEnforcement", "DenyServiceExternalIPs", "AlwaysDeny",
    ];

    [Fact]
    public void Every_plugin_has_its_place() => Assert.Equal(Ordered, AdmissionPluginTable.Rows.Select(row => row.Name));

    [Fact]
    public void Defaults_are_upstreams() => Assert.Equal(OffByDefault, AdmissionPluginTable.Rows.Where(row => !row.On).Select(row => row.Name));

    [Fact]
    public void What_is_implemented_can_be_made_and_the_rest_says_why_not()
    {
        var needs = new AdmissionDependencies(fixture.Server.Server.Resources, fixture.Server.Server.Authorizer, TimeProvider.System);
        foreach (var row in AdmissionPluginTable.Rows)
        {
            Assert.Equal(row.State == PluginState.Implemented, row.Make is not null);
            // These cannot do without a configuration.
            if (row.Make is { } make && row.Name is not ("EventRateLimit" or "ImagePolicyWebhook"))
                Assert.Equal(row.Name, make(needs, null).Name);
        }
    }

    [Fact]
    public void Flags_turn_plugins_on_and_off()
    {
        var names = AdmissionPlugins.Enabled(["NodeRestriction", "AlwaysPullImages"], ["PodSecurity"]).Select(row => row.Name).ToArray();
        Assert.Contains("NodeRestriction", names);
        Assert.DoesNotContain("PodSecurity", names);
        Assert.True(Array.IndexOf(names, "AlwaysPullImages") < Array.IndexOf(names, "Priority"));
    }

    [Fact]
    public void Wrong_flags_are_refused()
    {
        var errors = new List<string>();
        AdmissionPlugins.ValidateFlags(["Nothing", "Priority"], ["Nobody", "Priority"], errors);
        Assert.Equal(
            [
                "enable-admission-plugins plugin \"Nothing\" is unknown",
                "disable-admission-plugins plugin \"Nobody\" is unknown",
                "[Priority] in enable-admission-plugins and disable-admission-plugins overlapped",
            ],
            errors);
    }
}
