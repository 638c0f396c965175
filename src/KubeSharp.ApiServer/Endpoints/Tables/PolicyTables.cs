using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using static KubeSharp.ApiServer.Endpoints.Tables.CellText;

namespace KubeSharp.ApiServer.Endpoints.Tables;

/// <summary>Tables of policy, scheduling, coordination, rbac, certificates and node
/// (pkg/printers/internalversion/printers.go, v1.36).</summary>
internal static class PolicyTables
{
    public static readonly ObjectTable PodDisruptionBudgets = new(
        static (obj, now) =>
        [
            Name(obj), Amount(obj, "minAvailable"), Amount(obj, "maxUnavailable"), Integer(obj, "status", "disruptionsAllowed"),
            Age(obj, now),
        ],
        ObjectColumns.Name,
        new("Min Available", "string", "", "The minimum number of pods that must be available."),
        new("Max Unavailable", "string", "", "The maximum number of pods that may be unavailable."),
        new("Allowed Disruptions", "integer", "", "Calculated number of pods that may be disrupted at this time."),
        ObjectColumns.Age);

    public static readonly ObjectTable PriorityClasses = new(
        static (obj, now) => [Name(obj), Integer(obj, "value"), Flag(obj, "globalDefault"), Age(obj, now), Text(obj, "preemptionPolicy")],
        ObjectColumns.Name,
        new("Value", "integer", "", "value represents the integer value of this priority class. This is the actual priority that pods receive when they have the name of this class in their pod spec."),
        new("Global-Default", "boolean", "", "globalDefault specifies whether this PriorityClass should be considered as the default priority for pods that do not have any priority class. Only one PriorityClass can be marked as `globalDefault`. However, if more than one PriorityClasses exists with their `globalDefault` field set to true, the smallest value of such global default PriorityClasses will be used as the default priority."),
        ObjectColumns.Age,
        new("PreemptionPolicy", "string", "", "preemptionPolicy is the Policy for preempting pods with lower priority. One of Never, PreemptLowerPriority. Defaults to PreemptLowerPriority if unset."));

    public static readonly ObjectTable Workloads = new(
        static (obj, now) => [Name(obj), Age(obj, now)],
        ObjectColumns.Name,
        ObjectColumns.Age);

    public static readonly ObjectTable PodGroups = new(
        static (obj, now) =>
        {
            var status = ConditionStatus(obj, "PodGroupScheduled") switch
            {
                null => "Pending",
                "True" => "Scheduled",
                _ => "Unschedulable",
            };
            if (Array.FindLast(Items(obj, "status", "conditions"), c => Text(c, "type") == "DisruptionTarget") is { } disrupted)
                status = Text(disrupted, "reason");
            var gang = At(obj, "spec", "schedulingPolicy", "gang").AsMap is not null;
            var template = At(obj, "spec", "podGroupTemplateRef").AsMap;
            return
            [
                Name(obj), gang ? "Gang" : "Basic", template is null ? None : Text(template, "workload", "workloadName"), status,
                Age(obj, now),
            ];
        },
        ObjectColumns.Name,
        new("Policy", "string", "", "SchedulingPolicy defines the scheduling policy for this instance of the PodGroup. Controllers are expected to fill this field by copying it from a PodGroupTemplate. This field is immutable."),
        new("Workload", "string", "", "Name of the referenced Workload object"),
        new("Status", "string", "", "Status of the PodGroup"),
        ObjectColumns.Age);

    public static readonly ObjectTable Leases = new(
        static (obj, now) => [Name(obj), Text(obj, "spec", "holderIdentity"), Age(obj, now)],
        ObjectColumns.Name,
        new("Holder", "string", "", "holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field."),
        ObjectColumns.Age);

    public static readonly ObjectTable LeaseCandidates = new(
        static (obj, now) =>
        [
            Name(obj), Text(obj, "spec", "leaseName"), Text(obj, "spec", "binaryVersion"), Text(obj, "spec", "emulationVersion"),
            Age(obj, now),
        ],
        ObjectColumns.Name,
        new("LeaseName", "string", "", "LeaseName is the name of the lease for which this candidate is contending. This field is immutable."),
        new("BinaryVersion", "string", "", ""),
        new("EmulationVersion", "string", "", ""),
        ObjectColumns.Age);

    public static readonly ObjectTable RoleBindings = new(
        Binding,
        ObjectColumns.Name,
        new("Role", "string", "", "RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error."),
        ObjectColumns.Age,
        new("Users", "string", "", "Users in the roleBinding", 1),
        new("Groups", "string", "", "Groups in the roleBinding", 1),
        new("ServiceAccounts", "string", "", "ServiceAccounts in the roleBinding", 1));

    public static readonly ObjectTable ClusterRoleBindings = new(
        Binding,
        ObjectColumns.Name,
        new("Role", "string", "", "RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error."),
        ObjectColumns.Age,
        new("Users", "string", "", "Users in the clusterRoleBinding", 1),
        new("Groups", "string", "", "Groups in the clusterRoleBinding", 1),
        new("ServiceAccounts", "string", "", "ServiceAccounts in the clusterRoleBinding", 1));

    public static readonly ObjectTable CertificateSigningRequests = new(
        static (obj, now) =>
        [
            Name(obj), Age(obj, now), TextOr(None, obj, "spec", "signerName"), Text(obj, "spec", "username"),
            At(obj, "spec", "expirationSeconds").AsInteger is { } seconds ? HumanDuration(TimeSpan.FromSeconds(seconds)) : None,
            Approval(obj),
        ],
        ObjectColumns.Name,
        ObjectColumns.Age,
        new("SignerName", "string", "", "Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:\n 1. If it's a kubelet client certificate, it is assigned\n    \"kubernetes.io/kube-apiserver-client-kubelet\".\n 2. If it's a kubelet serving certificate, it is assigned\n    \"kubernetes.io/kubelet-serving\".\n 3. Otherwise, it is assigned \"kubernetes.io/legacy-unknown\".\nDistribution of trust for signers happens out of band. You can select on this field using `spec.signerName`."),
        new("Requestor", "string", "", "Base64-encoded PKCS#10 CSR data"),
        new("RequestedDuration", "string", "", "expirationSeconds is the requested duration of validity of the issued certificate. The certificate signer may issue a certificate with a different validity duration so a client must check the delta between the notBefore and and notAfter fields in the issued certificate to determine the actual duration.\n\nThe v1.22+ in-tree implementations of the well-known Kubernetes signers will honor this field as long as the requested duration is not greater than the maximum duration they will honor per the --cluster-signing-duration CLI flag to the Kubernetes controller manager.\n\nCertificate signers may not honor this field for various reasons:\n\n  1. Old signer that is unaware of the field (such as the in-tree\n     implementations prior to v1.22)\n  2. Signer whose configured maximum is shorter than the requested duration\n  3. Signer whose configured minimum is longer than the requested duration\n\nThe minimum valid value for expirationSeconds is 600, i.e. 10 minutes."),
        new("Condition", "string", "", "Conditions applied to the request, such as approval or denial."));

    public static readonly ObjectTable ClusterTrustBundles = new(
        static (obj, _) => [Name(obj), TextOr(None, obj, "spec", "signerName")],
        ObjectColumns.Name,
        new("SignerName", "string", "", "signerName indicates the associated signer, if any.\n\nIn order to create or update a ClusterTrustBundle that sets signerName, you must have the following cluster-scoped permission: group=certificates.k8s.io resource=signers resourceName=<the signer name> verb=attest.\n\nIf signerName is not empty, then the ClusterTrustBundle object must be named with the signer name as a prefix (translating slashes to colons). For example, for the signer name `example.com/foo`, valid ClusterTrustBundle object names include `example.com:foo:abc` and `example.com:foo:v1`.\n\nIf signerName is empty, then the ClusterTrustBundle object's name must not have such a prefix.\n\nList/watch requests for ClusterTrustBundles can filter on this field using a `spec.signerName=NAME` field selector."));

    public static readonly ObjectTable PodCertificateRequests = new(
        static (obj, _) =>
        [
            Name(obj), Text(obj, "spec", "podName"), Text(obj, "spec", "serviceAccountName"), Text(obj, "spec", "nodeName"),
            Text(obj, "spec", "signerName"),
            Items(obj, "status", "conditions").Select(c => Text(c, "type")).LastOrDefault(type => type is "Issued" or "Denied" or "Failed")
                ?? "Pending",
            Labels(At(obj, "spec", "unverifiedUserAnnotations").AsMap),
        ],
        ObjectColumns.Name,
        new("PodName", "string", "", "podName is the name of the pod into which the certificate will be mounted."),
        new("ServiceAccountName", "string", "", "serviceAccountName is the name of the service account the pod is running as."),
        new("NodeName", "string", "", "nodeName is the name of the node the pod is assigned to."),
        new("SignerName", "string", "", "signerName indicates the requested signer.\n\nAll signer names beginning with `kubernetes.io` are reserved for use by the Kubernetes project.  There is currently one well-known signer documented by the Kubernetes project, `kubernetes.io/kube-apiserver-client-pod`, which will issue client certificates understood by kube-apiserver.  It is currently unimplemented."),
        new("State", "string", "", "Is the request Pending, Issued, Denied, or Failed?"),
        new("UnverifiedUserAnnotations", "string", "", "unverifiedUserAnnotations allow pod authors to pass additional information to the signer implementation.  Kubernetes does not restrict or validate this metadata in any way.\n\nEntries are subject to the same validation as object metadata annotations, with the addition that all keys must be domain-prefixed. No restrictions are placed on values, except an overall size limitation on the entire field.\n\nSigners should document the keys and values they support.  Signers should deny requests that contain keys they do not recognize."));

    public static readonly ObjectTable RuntimeClasses = new(
        static (obj, now) => [Name(obj), Text(obj, "handler"), Age(obj, now)],
        ObjectColumns.Name,
        new("Handler", "string", "", ""),
        ObjectColumns.Age);

    private static string Amount(Map obj, string field) =>
        At(obj, "spec", field) is { IsNullOrUndefined: false } value ? IntOrString.Text(value) : "N/A";

    private static Value[] Binding(Map obj, DateTimeOffset now)
    {
        string Subjects(string kind) => string.Join(", ", Items(obj, "subjects").Where(subject => Text(subject, "kind") == kind)
            .Select(subject => kind == "ServiceAccount" ? $"{Text(subject, "namespace")}/{Text(subject, "name")}" : Text(subject, "name")));
        return
        [
            Name(obj), $"{Text(obj, "roleRef", "kind")}/{Text(obj, "roleRef", "name")}", Age(obj, now), Subjects("User"),
            Subjects("Group"), Subjects("ServiceAccount"),
        ];
    }

    private static string Approval(Map obj)
    {
        var types = Items(obj, "status", "conditions").Select(condition => Text(condition, "type")).ToHashSet();
        var status = types.Contains("Denied") ? "Denied" : types.Contains("Approved") ? "Approved" : "Pending";
        if (types.Contains("Failed"))
            status += ",Failed";
        return Text(obj, "status", "certificate").Length > 0 ? status + ",Issued" : status;
    }
}
