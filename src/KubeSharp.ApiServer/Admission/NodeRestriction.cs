using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Authorization.Node;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Kubelets change their own node, its pods and what belongs to those, and nothing else
/// (plugin/pkg/admission/noderestriction/admission.go, v1.36).</summary>
public sealed class NodeRestriction(ServedResources resources, IAuthorizer authorizer) : IAdmissionPlugin
{
    public string Name => "NodeRestriction";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update | AdmissionOperation.Delete;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!NodeIdentity.TryGet(attributes.Context.User, out var node))
            return ValueTask.CompletedTask;
        if (node.Length == 0)
            throw attributes.Forbidden($"could not determine node from user \"{attributes.Context.User.Name}\"");
        switch (attributes.Resource.GroupResource.ToString())
        {
            case "pods":
                AdmitPod(node, attributes);
                break;
            case "nodes":
                NodeChange.Admit(node, attributes);
                break;
            case "persistentvolumeclaims":
                AdmitClaim(node, attributes);
                break;
            case "serviceaccounts":
                AdmitToken(node, attributes);
                break;
            case "leases.coordination.k8s.io":
                if (attributes.Namespace != "kube-node-lease")
                    throw attributes.Forbidden("can only access leases in the \"kube-node-lease\" system namespace");
                if (ObjectName(attributes) != node)
                    throw attributes.Forbidden("can only access node lease with the same name as the requesting node");
                break;
            case "csinodes.storage.k8s.io":
                if (ObjectName(attributes) != node)
                    throw attributes.Forbidden("can only access CSINode with the same name as the requesting node");
                break;
            case "resourceslices.resource.k8s.io":
                AdmitSlice(node, attributes);
                break;
            case "certificatesigningrequests.certificates.k8s.io":
                AdmitSigningRequest(node, attributes);
                break;
        }

        return ValueTask.CompletedTask;
    }

    private static string ObjectName(AdmissionAttributes attributes) =>
        attributes.Operation == AdmissionOperation.Create ? attributes.Object?.GetMap("metadata")?.GetString("name") ?? "" : attributes.Name;

    private void AdmitPod(string node, AdmissionAttributes attributes)
    {
        switch (attributes.Subresource, attributes.Operation)
        {
            case ("", AdmissionOperation.Create):
                AdmitMirrorPod(node, attributes);
                break;
            case ("", AdmissionOperation.Delete):
                if (NodeOf(attributes, attributes.Name) != node)
                    throw attributes.Forbidden($"node \"{node}\" can only delete pods with spec.nodeName set to itself");
                break;
            case ("", _):
                throw attributes.Forbidden($"unexpected operation \"UPDATE\", node \"{node}\" can only create and delete mirror pods");
            case ("status", AdmissionOperation.Update):
                AdmitPodStatus(node, attributes);
                break;
            case ("eviction", AdmissionOperation.Create):
                if (NodeOf(attributes, attributes.Name) != node)
                    throw attributes.Forbidden($"node {node} can only evict pods with spec.nodeName set to itself");
                break;
            default:
                throw attributes.Forbidden($"unexpected pod subresource \"{attributes.Subresource}\", only 'status' and 'eviction' are allowed");
        }
    }

    private string? NodeOf(AdmissionAttributes attributes, string podName) =>
        (Peek("pods", attributes.Namespace, podName) ?? throw StatusErrors.NotFound(new GroupResource("", "pod"), podName)).GetMap("spec")?.GetString("nodeName");

    private Map? Peek(string resource, string @namespace, string name) =>
        resources.Find(new GroupVersionResource("", "v1", resource))!.Store.Peek(@namespace, name)?.Tree();

    private void AdmitMirrorPod(string node, AdmissionAttributes attributes)
    {
        var pod = attributes.Object!;
        var metadata = pod.GetMap("metadata");
        if (metadata?.GetMap("annotations")?.ContainsKey(PodReferences.MirrorAnnotation) != true)
            throw attributes.Forbidden($"pod does not have \"{PodReferences.MirrorAnnotation}\" annotation, node \"{node}\" can only create mirror pods");
        var spec = pod.GetMap("spec") ?? Map.Empty;
        if (spec.GetString("nodeName") != node)
            throw attributes.Forbidden($"node \"{node}\" can only create pods with spec.nodeName set to itself");
        var owners = metadata.GetSequence("ownerReferences") ?? Sequence.Empty;
        if (owners.Count > 1)
            throw attributes.Forbidden($"node \"{node}\" can only create pods with a single owner reference set to itself");
        if (owners.Count == 0 || owners[0].AsMap is not { } owner || owner.GetString("apiVersion") != "v1" || owner.GetString("kind") != "Node" || owner.GetString("name") != node)
            throw attributes.Forbidden($"node \"{node}\" can only create pods with an owner reference set to itself");
        if (owner.GetBoolean("controller") != true)
            throw attributes.Forbidden($"node \"{node}\" can only create pods with a controller owner reference set to itself");
        if (owner.GetBoolean("blockOwnerDeletion") == true)
            throw attributes.Forbidden($"node \"{node}\" must not set blockOwnerDeletion on an owner reference");
        var uid = (Peek("nodes", "", node) ?? throw StatusErrors.NotFound(new GroupResource("", "node"), node)).GetMap("metadata")?.GetString("uid");
        if (owner.GetString("uid") != uid)
            throw attributes.Forbidden($"node {node} UID mismatch: expected {owner.GetString("uid")} got {uid}");
        if (MirrorPodReferences.Find(spec, out var problem) is { } found)
            throw attributes.Forbidden($"node \"{node}\" can not create pods that reference {found}");
        if (problem is not null)
            throw attributes.Forbidden($"error checking mirror pod for API references: {problem}");
    }

    private static void AdmitPodStatus(string node, AdmissionAttributes attributes)
    {
        var (pod, old) = (attributes.Object!, attributes.OldObject!);
        if (old.GetMap("spec")?.GetString("nodeName") != node)
            throw attributes.Forbidden($"node \"{node}\" can only update pod status for pods with spec.nodeName set to itself");
        if (!NodeChange.SameEntries(old.GetMap("metadata")?.GetMap("labels"), pod.GetMap("metadata")?.GetMap("labels")))
            throw attributes.Forbidden($"node \"{node}\" cannot update labels through pod status");
        if (!NodeChange.SameItems(old.GetMap("status")?.GetSequence("resourceClaimStatuses"), pod.GetMap("status")?.GetSequence("resourceClaimStatuses")))
            throw attributes.Forbidden($"node \"{node}\" cannot update resource claim statues");
        if (!NodeChange.SameEntries(old.GetMap("status")?.GetMap("extendedResourceClaimStatus"), pod.GetMap("status")?.GetMap("extendedResourceClaimStatus")))
            throw attributes.Forbidden($"node \"{node}\" cannot update extended resource claim status");
    }

    private static void AdmitClaim(string node, AdmissionAttributes attributes)
    {
        if (attributes.Subresource != "status")
            throw attributes.Forbidden("may only update PVC status");
        if (attributes.Object is not { } claim || attributes.OldObject is not { } old)
            return;
        if (!WithoutStatusOfNode(claim).DeepEquals(WithoutStatusOfNode(old)))
            throw attributes.Forbidden($"node \"{node}\" is not allowed to update fields other than status.quantity and status.conditions: ");
    }

    private static Map WithoutStatusOfNode(Map claim)
    {
        var copy = claim.DeepClone();
        copy.EditMap("metadata").Remove("resourceVersion");
        copy.EditMap("metadata").Remove("managedFields");
        foreach (var field in (ReadOnlySpan<string>)["capacity", "conditions", "allocatedResourceStatuses", "allocatedResources"])
            copy.EditMap("status").Remove(field);
        return copy;
    }

    private void AdmitToken(string node, AdmissionAttributes attributes)
    {
        if (attributes.Operation != AdmissionOperation.Create || attributes.Subresource != "token")
            return;
        var spec = attributes.Object?.GetMap("spec");
        var bound = spec?.GetMap("boundObjectRef");
        if (bound is null || bound.GetString("apiVersion") != "v1" || bound.GetString("kind") != "Pod" || bound.GetString("name") is not { Length: > 0 } podName)
            throw attributes.Forbidden("node requested token not bound to a pod");
        if (bound.GetString("uid") is not { Length: > 0 } uid)
            throw attributes.Forbidden("node requested token with a pod binding without a uid");
        var pod = Peek("pods", attributes.Namespace, podName) ?? throw StatusErrors.NotFound(new GroupResource("", "pod"), podName);
        if (uid != pod.GetMap("metadata")?.GetString("uid"))
            throw attributes.Forbidden($"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        if (pod.GetMap("spec")?.GetString("nodeName") != node)
            throw attributes.Forbidden("node requested token bound to a pod scheduled on a different node");
        var audiences = spec!.GetSequence("audiences");
        if (audiences is { Count: > 1 })
            throw attributes.Forbidden("node may only request 0 or 1 audiences");
        var audience = audiences is { Count: 1 } ? audiences[0].AsString ?? "" : "";
        if (new PodTokenAudiences(resources).Contains(pod, audience))
            return;
        var request = new RequestInfo { IsResourceRequest = true, Path = "", Verb = "request-serviceaccounts-token-audience", ApiVersion = "v1", Resource = audience, Name = attributes.Name, Namespace = attributes.Namespace };
        var user = attributes.Context.User;
        if (authorizer.Authorize(user, request).Decision != Decision.Allow)
            throw attributes.Forbidden($"audience \"{audience}\" not found in pod spec volume, {user.Name} is not authorized to request tokens for this audience");
    }

    private static void AdmitSlice(string node, AdmissionAttributes attributes)
    {
        var slice = attributes.Operation == AdmissionOperation.Delete ? attributes.OldObject : attributes.Object;
        if (attributes.Operation == AdmissionOperation.Update || slice?.GetMap("spec")?.GetString("nodeName") == node)
            return;
        var verb = attributes.Operation == AdmissionOperation.Delete ? "delete" : "create";
        throw attributes.Forbidden($"can only {verb} ResourceSlice with the same NodeName as the requesting node");
    }

    private static void AdmitSigningRequest(string node, AdmissionAttributes attributes)
    {
        if (attributes.Operation != AdmissionOperation.Create || attributes.Object?.GetMap("spec") is not { } spec)
            return;
        if (spec.GetString("signerName") is not ("kubernetes.io/kubelet-serving" or "kubernetes.io/kube-apiserver-client-kubelet"))
            return;
        if (CertificateRequestSubject.CommonName(spec.GetString("request"), out var problem) is not { } name)
            throw attributes.Forbidden($"unable to parse csr: {problem}");
        if (name != $"system:node:{node}")
            throw attributes.Forbidden($"can only create a node CSR with CN=system:node:{node}");
    }
}
