using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry.AdmissionRegistration;
using KubeSharp.ApiServer.Registry.ApiExtensions;
using KubeSharp.ApiServer.Registry.ApiRegistration;
using KubeSharp.ApiServer.Registry.ApiServerInternal;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Autoscaling;
using KubeSharp.ApiServer.Registry.Batch;
using KubeSharp.ApiServer.Registry.Certificates;
using KubeSharp.ApiServer.Registry.Coordination;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Discovery;
using KubeSharp.ApiServer.Registry.FlowControl;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Networking;
using KubeSharp.ApiServer.Registry.Policy;
using KubeSharp.ApiServer.Registry.Rbac;
using KubeSharp.ApiServer.Registry.Resource;
using KubeSharp.ApiServer.Registry.Scheduling;
using KubeSharp.ApiServer.Registry.Storage;
using KubeSharp.ApiServer.Registry.StorageMigration;

namespace KubeSharp.ApiServer.Registry;

/// <summary>The strategy of each kind; a kind that is not named here is a plain one.</summary>
internal sealed class StrategyTable(ApiServerOptions options)
{
    private static readonly KindFacts Generation = new() { TracksGeneration = true };
    private static readonly KindFacts Registration = new() { TracksGeneration = true, RequiresResourceVersion = true };
    private static readonly KindFacts Returned = new() { ReturnDeletedObject = true };
    private static readonly KindFacts ReturnedVersioned = new() { ReturnDeletedObject = true, RequiresResourceVersion = true };
    private static readonly KindFacts Webhooks = Registration with
    {
        CountsEmpties = true,
        Validate = WebhookConfigurationValidation.Validate,
        ValidateUpdate = WebhookConfigurationValidation.ValidateUpdate,
    };

    public RestStrategy For(ApiResource resource)
    {
        var strategy = Create(resource);
        strategy.Namespaced = resource.Namespaced;
        strategy.StatusResetFields = StatusResetFields.Of(resource.GroupResource.ToString());
        strategy.HasStatus = resource.Subresources.Contains(Subresource.Status);
        if (strategy.HasStatus && BuiltInSchema.Find(resource.StorageKind)?.FindField("status") is { } status)
            strategy.EmptyStatus = ZeroValues.WhenAbsent(status);
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
        "configmaps" => new FactsStrategy(new KindFacts { Validate = ConfigMapValidation.Validate, ValidateUpdate = ConfigMapValidation.ValidateUpdate }),
        "endpoints" => new FactsStrategy(new KindFacts
        {
            AllowCreateOnUpdate = true,
            Defaults = EndpointsDefaults.Apply,
            Validate = EndpointsValidation.Validate,
            ValidateUpdate = EndpointsValidation.ValidateUpdate,
            Warn = EndpointsValidation.Warn,
        }),
        "limitranges" => new LimitRangeStrategy(),
        "resourcequotas" => new FactsStrategy(Returned with
        {
            Validate = ResourceQuotaValidation.Validate,
            ValidateUpdate = ResourceQuotaValidation.ValidateUpdate,
            ValidateStatusUpdate = ResourceQuotaValidation.ValidateStatusUpdate,
            Warn = ResourceQuotaValidation.Warn,
        }),
        "serviceaccounts" => new ServiceAccountStrategy(),
        "persistentvolumes" => new PersistentVolumeStrategy(),
        "persistentvolumeclaims" => new PersistentVolumeClaimStrategy(),
        "podtemplates" => new PodTemplateStrategy(),
        "replicationcontrollers" => new ReplicationControllerStrategy(),
        // apps
        "controllerrevisions.apps" => new FactsStrategy(new KindFacts { Validate = ControllerRevisionValidation.Validate, ValidateUpdate = ControllerRevisionValidation.ValidateUpdate }),
        "daemonsets.apps" => new DaemonSetStrategy(),
        "deployments.apps" => new DeploymentStrategy(),
        "replicasets.apps" => new ReplicaSetStrategy(),
        "statefulsets.apps" => new StatefulSetStrategy(),

        // batch
        "jobs.batch" => new JobStrategy(),
        "cronjobs.batch" => new CronJobStrategy(),

        // networking, policy, discovery
        "ingresses.networking.k8s.io" => new FactsStrategy(Generation with
        {
            Validate = IngressValidation.Validate,
            ValidateUpdate = IngressValidation.ValidateUpdate,
            ValidateStatusUpdate = IngressValidation.ValidateStatusUpdate,
            Warn = IngressValidation.Warn,
        }),
        "ingressclasses.networking.k8s.io" => new FactsStrategy(Generation with
        {
            Defaults = IngressClassDefaults.Apply,
            Validate = IngressClassValidation.Validate,
            ValidateUpdate = IngressClassValidation.ValidateUpdate,
        }),
        "networkpolicies.networking.k8s.io" => new FactsStrategy(Generation with
        {
            CountsEmpties = true,
            Defaults = NetworkPolicyDefaults.Apply,
            Validate = NetworkPolicyValidation.Validate,
            ValidateUpdate = NetworkPolicyValidation.ValidateUpdate,
            Warn = NetworkPolicyValidation.Warn,
        }),
        "ipaddresses.networking.k8s.io" => new FactsStrategy(new KindFacts
        {
            Validate = IpAddressValidation.Validate,
            ValidateUpdate = IpAddressValidation.ValidateUpdate,
        }),
        "servicecidrs.networking.k8s.io" => new FactsStrategy(new KindFacts
        {
            Validate = ServiceCidrValidation.Validate,
            ValidateUpdate = ServiceCidrValidation.ValidateUpdate,
            ValidateStatusUpdate = MetadataValidation.ValidateStatusUpdate,
        }),
        "poddisruptionbudgets.policy" => new FactsStrategy(Registration with
        {
            Validate = PodDisruptionBudgetValidation.Validate,
            ValidateUpdate = PodDisruptionBudgetValidation.ValidateUpdate,
            ValidateStatusUpdate = PodDisruptionBudgetValidation.ValidateStatusUpdate,
        }),
        "endpointslices.discovery.k8s.io" => new EndpointSliceStrategy(),

        // rbac
        "roles.rbac.authorization.k8s.io" => new RbacStrategy(new KindFacts
        {
            AllowCreateOnUpdate = true,
            Validate = RoleValidation.Validate,
            ValidateUpdate = RoleValidation.ValidateUpdate,
        }),
        "clusterroles.rbac.authorization.k8s.io" => new RbacStrategy(new KindFacts
        {
            AllowCreateOnUpdate = true,
            Validate = RoleValidation.ValidateClusterRole,
            ValidateUpdate = RoleValidation.ValidateClusterRoleUpdate,
        }),
        "rolebindings.rbac.authorization.k8s.io" => new RbacStrategy(new KindFacts
        {
            AllowCreateOnUpdate = true,
            Defaults = RoleBindingDefaults.Apply,
            Validate = RoleBindingValidation.Validate,
            ValidateUpdate = RoleBindingValidation.ValidateUpdate,
        }),
        "clusterrolebindings.rbac.authorization.k8s.io" => new RbacStrategy(new KindFacts
        {
            AllowCreateOnUpdate = true,
            Defaults = RoleBindingDefaults.Apply,
            Validate = RoleBindingValidation.ValidateCluster,
            ValidateUpdate = RoleBindingValidation.ValidateClusterUpdate,
        }),

        // coordination, scheduling, node, flow control
        "leases.coordination.k8s.io" => new LeaseStrategy(),
        "leasecandidates.coordination.k8s.io" => new FactsStrategy(new KindFacts
        {
            AllowCreateOnUpdate = true,
            RequiresResourceVersion = true,
            Fields = [new SelectableField("spec.leaseName")],
            Validate = LeaseValidation.ValidateCandidate,
            ValidateUpdate = LeaseValidation.ValidateCandidateUpdate,
        }),
        "priorityclasses.scheduling.k8s.io" => new PriorityClassStrategy(),
        "runtimeclasses.node.k8s.io" => new FactsStrategy(new KindFacts
        {
            AllowCreateOnUpdate = true,
            RequiresResourceVersion = true,
            Validate = Node.RuntimeClassValidation.Validate,
            ValidateUpdate = Node.RuntimeClassValidation.ValidateUpdate,
        }),
        "flowschemas.flowcontrol.apiserver.k8s.io" => new FactsStrategy(new KindFacts
        {
            TracksGeneration = true,
            Defaults = FlowControlDefaults.ApplyToFlowSchema,
            Validate = FlowSchemaValidation.Validate,
            ValidateUpdate = FlowSchemaValidation.ValidateUpdate,
            ValidateStatusUpdate = FlowSchemaValidation.ValidateStatusUpdate,
        }),
        "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io" => new FactsStrategy(new KindFacts
        {
            TracksGeneration = true,
            Defaults = FlowControlDefaults.ApplyToPriorityLevel,
            Validate = PriorityLevelConfigurationValidation.Validate,
            ValidateUpdate = PriorityLevelConfigurationValidation.ValidateUpdate,
            ValidateStatusUpdate = PriorityLevelConfigurationValidation.ValidateStatusUpdate,
        }),

        // autoscaling
        "horizontalpodautoscalers.autoscaling" => new FactsStrategy(new KindFacts
        {
            Defaults = HorizontalPodAutoscalerDefaults.Apply,
            Validate = HorizontalPodAutoscalerValidation.Validate,
            ValidateUpdate = HorizontalPodAutoscalerValidation.ValidateUpdate,
            ValidateStatusUpdate = HorizontalPodAutoscalerValidation.ValidateStatusUpdate,
        }),

        // storage
        "storageclasses.storage.k8s.io" => new FactsStrategy(Returned with
        {
            Defaults = StorageClassDefaults.Apply,
            Validate = StorageClassValidation.Validate,
            ValidateUpdate = StorageClassValidation.ValidateUpdate,
            Warn = StorageWarnings.WarnOfClass,
        }),
        "csidrivers.storage.k8s.io" => new CsiDriverStrategy(),
        "csinodes.storage.k8s.io" => new FactsStrategy(ReturnedVersioned with { Validate = CsiValidation.ValidateNode, ValidateUpdate = CsiValidation.ValidateNodeUpdate }),
        "volumeattachments.storage.k8s.io" => new FactsStrategy(ReturnedVersioned with
        {
            Validate = VolumeAttachmentValidation.Validate,
            ValidateUpdate = VolumeAttachmentValidation.ValidateUpdate,
            ValidateStatusUpdate = VolumeAttachmentValidation.ValidateUpdate,
        }),
        "volumeattributesclasses.storage.k8s.io" => new FactsStrategy(Returned with
        {
            Validate = StorageClassValidation.ValidateAttributes,
            ValidateUpdate = StorageClassValidation.ValidateAttributesUpdate,
        }),
        "csistoragecapacities.storage.k8s.io" => new FactsStrategy(new KindFacts
        {
            RequiresResourceVersion = true,
            Validate = CsiValidation.ValidateCapacity,
            ValidateUpdate = CsiValidation.ValidateCapacityUpdate,
            Warn = StorageWarnings.WarnOfCapacity,
        }),

        // certificates
        "certificatesigningrequests.certificates.k8s.io" => new CertificateSigningRequestStrategy(TimeProvider.System),
        "clustertrustbundles.certificates.k8s.io" => new FactsStrategy(new KindFacts
        {
            RequiresResourceVersion = true,
            Fields = [new SelectableField("spec.signerName")],
            Validate = ClusterTrustBundleValidation.Validate,
            ValidateUpdate = ClusterTrustBundleValidation.ValidateUpdate,
        }),
        "podcertificaterequests.certificates.k8s.io" => new FactsStrategy(new KindFacts
        {
            RequiresResourceVersion = true,
            Fields = [new SelectableField("spec.signerName"), new SelectableField("spec.podName"), new SelectableField("spec.nodeName")],
            Validate = PodCertificateRequestValidation.Validate,
            ValidateUpdate = PodCertificateRequestValidation.ValidateUpdate,
            ValidateStatusUpdate = new PodCertificateRequestStatusValidation(TimeProvider.System).Validate,
        }),

        // registrations
        "mutatingwebhookconfigurations.admissionregistration.k8s.io" => new FactsStrategy(Webhooks with { Defaults = AdmissionRegistrationDefaults.ApplyToMutatingWebhooks }),
        "validatingwebhookconfigurations.admissionregistration.k8s.io" => new FactsStrategy(Webhooks with { Defaults = AdmissionRegistrationDefaults.ApplyToValidatingWebhooks }),
        "validatingadmissionpolicies.admissionregistration.k8s.io" => new FactsStrategy(Registration with
        {
            Defaults = AdmissionRegistrationDefaults.ApplyToPolicy,
            Validate = ValidatingAdmissionPolicyValidation.Validate,
            ValidateUpdate = ValidatingAdmissionPolicyValidation.ValidateUpdate,
            ValidateStatusUpdate = ValidatingAdmissionPolicyValidation.ValidateStatusUpdate,
        }),
        "validatingadmissionpolicybindings.admissionregistration.k8s.io" => new FactsStrategy(Registration with
        {
            Defaults = AdmissionRegistrationDefaults.ApplyToBinding,
            Validate = ValidatingAdmissionPolicyBindingValidation.Validate,
            ValidateUpdate = ValidatingAdmissionPolicyBindingValidation.ValidateUpdate,
        }),
        "mutatingadmissionpolicies.admissionregistration.k8s.io" => new FactsStrategy(Registration with
        {
            Defaults = AdmissionRegistrationDefaults.ApplyToPolicy,
            Validate = MutatingAdmissionPolicyValidation.Validate,
            ValidateUpdate = MutatingAdmissionPolicyValidation.ValidateUpdate,
        }),
        "mutatingadmissionpolicybindings.admissionregistration.k8s.io" => new FactsStrategy(Registration with
        {
            Defaults = AdmissionRegistrationDefaults.ApplyToBinding,
            Validate = MutatingAdmissionPolicyBindingValidation.Validate,
            ValidateUpdate = MutatingAdmissionPolicyBindingValidation.ValidateUpdate,
        }),
        "apiservices.apiregistration.k8s.io" => new FactsStrategy(new KindFacts
        {
            RequiresResourceVersion = true,
            Defaults = ApiServiceValidation.ApplyDefaults,
            Validate = ApiServiceValidation.Validate,
            ValidateUpdate = ApiServiceValidation.ValidateUpdate,
            ValidateStatusUpdate = ApiServiceValidation.ValidateStatusUpdate,
        }),
        "customresourcedefinitions.apiextensions.k8s.io" => new CustomResourceDefinitionStrategy(),

        // resource
        "deviceclasses.resource.k8s.io" => new FactsStrategy(Returned with
        {
            TracksGeneration = true,
            Validate = ResourceClaimValidation.ValidateClass,
            ValidateUpdate = ResourceClaimValidation.ValidateClassUpdate,
        }),
        "devicetaintrules.resource.k8s.io" => new DeviceTaintRuleStrategy(TimeProvider.System),
        "resourceslices.resource.k8s.io" => new ResourceSliceStrategy(TimeProvider.System),
        "resourceclaims.resource.k8s.io" => new ResourceClaimStrategy(),
        "resourceclaimtemplates.resource.k8s.io" => new FactsStrategy(Returned with
        {
            Defaults = ResourceDefaults.ApplyToTemplate,
            Validate = ResourceClaimValidation.ValidateTemplate,
            ValidateUpdate = ResourceClaimValidation.ValidateTemplateUpdate,
        }),
        "resourcepoolstatusrequests.resource.k8s.io" => new FactsStrategy(ReturnedVersioned with
        {
            Validate = ResourcePoolStatusRequestValidation.Validate,
            ValidateUpdate = ResourcePoolStatusRequestValidation.ValidateUpdate,
            ValidateStatusUpdate = ResourcePoolStatusRequestValidation.ValidateStatusUpdate,
        }),

        // scheduling, the servers' own
        "workloads.scheduling.k8s.io" => new Scheduling.WorkloadStrategy(),
        "podgroups.scheduling.k8s.io" => new PodGroupStrategy(),
        "storageversions.internal.apiserver.k8s.io" => new FactsStrategy(new KindFacts
        {
            RequiresResourceVersion = true,
            Validate = StorageVersionValidation.Validate,
            ValidateUpdate = StorageVersionValidation.ValidateUpdate,
            ValidateStatusUpdate = StorageVersionValidation.ValidateStatusUpdate,
        }),
        "storageversionmigrations.storagemigration.k8s.io" => new FactsStrategy(new KindFacts
        {
            RequiresResourceVersion = true,
            Validate = StorageVersionMigrationValidation.Validate,
            ValidateUpdate = StorageVersionMigrationValidation.ValidateUpdate,
            ValidateStatusUpdate = StorageVersionMigrationValidation.ValidateStatusUpdate,
        }),
        _ => new RestStrategy(),
    };
}
