using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Meta.V1;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Registry;
using GroupResource = KubeSharp.ApiMachinery.Schemas.GroupResource;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Only who may delete an object changes its owners, and only who may set an owner's finalizers lets a dependent
/// block its deletion (plugin/pkg/admission/gc/gc_admission.go, v1.36).</summary>
internal sealed class OwnerReferencesPermissionEnforcement(ServedResources resources, IAuthorizer authorizer) : IAdmissionPlugin
{
    public string Name => "OwnerReferencesPermissionEnforcement";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        // Old kubelets spoil owners in a pod's status, which the strategy puts back.
        if (attributes.Object is null || (attributes.Subresource == "status" && attributes.Resource.GroupResource == new GroupResource("", "pods")))
            return ValueTask.CompletedTask;
        var (owners, old) = (Owners(attributes.Object), Owners(attributes.OldObject));
        if (NodeChange.SameItems(owners.Sequence, old.Sequence))
            return ValueTask.CompletedTask;
        if (attributes.Operation != AdmissionOperation.Create)
        {
            var info = attributes.Context.Info;
            var (decision, reason) = Ask(attributes, "delete", info.ApiGroup, info.ApiVersion, info.Resource, attributes.Subresource, attributes.Name, attributes.Namespace);
            if (decision != Decision.Allow)
                throw attributes.Forbidden($"cannot set an ownerRef on a resource you can't delete: {reason}, <nil>");
        }

        CheckBlocking(attributes, owners, old);
        return ValueTask.CompletedTask;
    }

    private void CheckBlocking(AdmissionAttributes attributes, ViewList<OwnerReference> owners, ViewList<OwnerReference> old)
    {
        var mayFinalizeAnything = false;
        foreach (var owner in owners)
        {
            if (owner.BlockOwnerDeletion != true || old.Find(other => other.UID == owner.UID).BlockOwnerDeletion == true)
                continue;
            mayFinalizeAnything = mayFinalizeAnything || Ask(attributes, "update", "*", "*", "*", "finalizers", "*", "").Decision == Decision.Allow;
            if (mayFinalizeAnything)
                return;
            CheckFinalizers(attributes, owner);
        }
    }

    private void CheckFinalizers(AdmissionAttributes attributes, OwnerReference owner)
    {
        var isFound = false;
        foreach (var served in resources.All)
        {
            if (served.Resource.Kind != owner.Kind || served.GroupVersion.ToString() != owner.APIVersion)
                continue;
            isFound = true;
            var (decision, reason) = Ask(
                attributes, "update", served.GroupVersion.Group, served.GroupVersion.Version, served.Resource.Resource, "finalizers", owner.Name,
                served.Resource.Namespaced ? attributes.Namespace : "");
            if (decision != Decision.Allow)
                throw attributes.Forbidden($"cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: {reason}, <nil>");
        }

        if (!isFound)
            throw attributes.Forbidden($"cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion {owner.APIVersion} Kind {owner.Kind}: no matches for kind \"{owner.Kind}\" in version \"{owner.APIVersion}\"");
    }

    private static ViewList<OwnerReference> Owners(ApiMachinery.Documents.Map? obj) => new(obj?.GetMap("metadata")?.GetSequence("ownerReferences"));

    private (Decision Decision, string Reason) Ask(AdmissionAttributes attributes, string verb, string group, string version, string resource, string subresource, string name, string @namespace) =>
        authorizer.Authorize(attributes.Context.User, new RequestInfo
        {
            IsResourceRequest = true, Path = "", Verb = verb, ApiGroup = group, ApiVersion = version, Resource = resource, Subresource = subresource, Name = name, Namespace = @namespace,
        });
}
