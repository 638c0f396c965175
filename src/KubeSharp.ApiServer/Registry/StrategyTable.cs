using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Batch;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Networking;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry;

/// <summary>The strategy of each kind; a kind that is not named here is a plain one.</summary>
internal sealed class StrategyTable(ApiServerOptions options)
{
    private static readonly KindFacts Generation = new() { TracksGeneration = true };
    private static readonly KindFacts Registration = new() { TracksGeneration = true, RequiresResourceVersion = true };
    private static readonly KindFacts Returned = new() { ReturnDeletedObject = true };

    public RestStrategy For(ApiResource resource)
    {
        var strategy = Create(resource);
        strategy.Namespaced = resource.Namespaced;
        strategy.HasStatus = resource.Subresources.Contains(Subresource.Status);
        return strategy;
    }

    private RestStrategy Create(ApiResource resource) => resource.GroupResource.ToString() switch
    {
        // core
        "pods" => new PodStrategy(),
        "services" => new ServiceStrategy(),
        "namespaces" => new NamespaceStrategy(),
        "nodes" => new NodeStrategy(),
        "events" or "events.events.k8s.io" => new EventStrategy(options.EventTtl),
        "secrets" => new SecretStrategy(),
        "configmaps" => new FactsStrategy(new KindFacts()),
        "endpoints" => new FactsStrategy(new KindFacts { AllowCreateOnUpdate = true, Defaults = EndpointsDefaults.Apply }),
        "limitranges" => new FactsStrategy(new KindFacts { AllowCreateOnUpdate = true, Defaults = LimitRangeDefaults.Apply }),
        "resourcequotas" => new FactsStrategy(Returned),
        "serviceaccounts" => new FactsStrategy(Returned),
        "persistentvolumes" => new PersistentVolumeStrategy(),
        "persistentvolumeclaims" => new PersistentVolumeClaimStrategy(),
        "podtemplates" => new FactsStrategy(new KindFacts { TracksGeneration = true, ReturnDeletedObject = true, Defaults = PodTemplateDefaults.ApplyToPodTemplate }),
        "replicationcontrollers" => new FactsStrategy(new KindFacts
        {
            TracksGeneration = true,
            GarbageCollection = GarbageCollectionPolicy.OrphanDependents,
            Fields = [new SelectableField("status.replicas", "0")],
            Defaults = ReplicationControllerDefaults.Apply,
        }),

        // apps
        "controllerrevisions.apps" => new FactsStrategy(new KindFacts()),
        "daemonsets.apps" => new FactsStrategy(new KindFacts { TracksGeneration = true, Defaults = DaemonSetDefaults.Apply }),
        "deployments.apps" => new FactsStrategy(new KindFacts { TracksGeneration = true, Defaults = DeploymentDefaults.Apply }),
        "replicasets.apps" => new FactsStrategy(new KindFacts
        {
            TracksGeneration = true,
            Fields = [new SelectableField("status.replicas", "0")],
            Defaults = ReplicaSetDefaults.Apply,
        }),
        "statefulsets.apps" => new FactsStrategy(new KindFacts { TracksGeneration = true, Defaults = StatefulSetDefaults.Apply }),

        // batch
        "jobs.batch" => new JobStrategy(),
        "cronjobs.batch" => new FactsStrategy(new KindFacts { TracksGeneration = true, GarbageCollection = GarbageCollectionPolicy.DeleteDependents, Defaults = CronJobDefaults.Apply }),

        // networking, policy, discovery
        "ingresses.networking.k8s.io" => new FactsStrategy(Generation),
        "ingressclasses.networking.k8s.io" => new FactsStrategy(new KindFacts { TracksGeneration = true }),
        "networkpolicies.networking.k8s.io" => new FactsStrategy(new KindFacts { TracksGeneration = true, Defaults = NetworkPolicyDefaults.Apply }),
        "ipaddresses.networking.k8s.io" => new FactsStrategy(new KindFacts { Fields = [new SelectableField("spec.parentRef")] }),
        "poddisruptionbudgets.policy" => new FactsStrategy(Registration),
        "endpointslices.discovery.k8s.io" => new FactsStrategy(new KindFacts { TracksGeneration = true, Defaults = EndpointSliceDefaults.Apply }),

        // rbac
        "roles.rbac.authorization.k8s.io" => Rbac.RbacStrategy.Role(),
        "clusterroles.rbac.authorization.k8s.io" => Rbac.RbacStrategy.ClusterRole(),
        "rolebindings.rbac.authorization.k8s.io" => Rbac.RbacStrategy.RoleBinding(),
        "clusterrolebindings.rbac.authorization.k8s.io" => Rbac.RbacStrategy.ClusterRoleBinding(),

        // coordination, scheduling, node, flow control
        "leases.coordination.k8s.io" or "leasecandidates.coordination.k8s.io" =>
            new FactsStrategy(new KindFacts { AllowCreateOnUpdate = true, RequiresResourceVersion = true }),
        "priorityclasses.scheduling.k8s.io" => new FactsStrategy(new KindFacts { TracksGeneration = true, Defaults = PriorityClassDefaults.Apply }),
        "runtimeclasses.node.k8s.io" => new FactsStrategy(new KindFacts { AllowCreateOnUpdate = true, RequiresResourceVersion = true }),
        "flowschemas.flowcontrol.apiserver.k8s.io" or "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io" => new FactsStrategy(Generation),

        // storage
        "storageclasses.storage.k8s.io" => new FactsStrategy(new KindFacts { ReturnDeletedObject = true, Defaults = StorageClassDefaults.Apply }),
        "csidrivers.storage.k8s.io" => new FactsStrategy(new KindFacts { ReturnDeletedObject = true, RequiresResourceVersion = true, Defaults = CsiDriverDefaults.Apply }),
        "csinodes.storage.k8s.io" or "volumeattachments.storage.k8s.io" => new FactsStrategy(new KindFacts { ReturnDeletedObject = true, RequiresResourceVersion = true }),
        "volumeattributesclasses.storage.k8s.io" => new FactsStrategy(Returned),
        "csistoragecapacities.storage.k8s.io" => new FactsStrategy(new KindFacts { RequiresResourceVersion = true }),

        // certificates
        "certificatesigningrequests.certificates.k8s.io" => new FactsStrategy(new KindFacts { Fields = [new SelectableField("spec.signerName")] }),
        "clustertrustbundles.certificates.k8s.io" => new FactsStrategy(new KindFacts { RequiresResourceVersion = true, Fields = [new SelectableField("spec.signerName")] }),
        "podcertificaterequests.certificates.k8s.io" => new FactsStrategy(new KindFacts
        {
            RequiresResourceVersion = true,
            Fields = [new SelectableField("spec.signerName"), new SelectableField("spec.podName"), new SelectableField("spec.nodeName")],
        }),

        // registrations
        "mutatingwebhookconfigurations.admissionregistration.k8s.io" or "validatingwebhookconfigurations.admissionregistration.k8s.io"
            or "validatingadmissionpolicies.admissionregistration.k8s.io" or "validatingadmissionpolicybindings.admissionregistration.k8s.io"
            or "mutatingadmissionpolicies.admissionregistration.k8s.io" or "mutatingadmissionpolicybindings.admissionregistration.k8s.io" =>
            new FactsStrategy(Registration),
        "customresourcedefinitions.apiextensions.k8s.io" => new FactsStrategy(Generation),

        // resource
        "deviceclasses.resource.k8s.io" or "devicetaintrules.resource.k8s.io" => new FactsStrategy(new KindFacts { TracksGeneration = true, ReturnDeletedObject = true }),
        "resourceslices.resource.k8s.io" => new FactsStrategy(new KindFacts
        {
            TracksGeneration = true,
            ReturnDeletedObject = true,
            Fields = [new SelectableField("spec.nodeName"), new SelectableField("spec.driver")],
        }),
        "resourceclaims.resource.k8s.io" or "resourceclaimtemplates.resource.k8s.io" => new FactsStrategy(Returned),
        "resourcepoolstatusrequests.resource.k8s.io" => new FactsStrategy(new KindFacts { ReturnDeletedObject = true, RequiresResourceVersion = true }),
        "storageversions.internal.apiserver.k8s.io" or "storageversionmigrations.storagemigration.k8s.io" =>
            new FactsStrategy(new KindFacts { RequiresResourceVersion = true }),
        _ => new RestStrategy(),
    };
}
