using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Nothing is created or changed in a namespace that does not exist, nothing created in one that is terminating, and the system's namespaces are not
/// deleted (apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go, v1.36).</summary>
public sealed class NamespaceLifecycle(ResourceStore namespaces) : IAdmissionPlugin
{
    private static readonly string[] Immortal = ["default", "kube-system", "kube-public"];

    public string Name => "NamespaceLifecycle";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update | AdmissionOperation.Delete;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var isNamespace = attributes.Resource.GroupResource == new GroupResource("", "namespaces");
        if (attributes.Operation == AdmissionOperation.Delete && isNamespace && Immortal.Contains(attributes.Name))
            throw StatusErrors.Forbidden(attributes.Resource.GroupResource, attributes.Name, "this namespace may not be deleted");
        if (attributes.Namespace.Length == 0 || isNamespace || attributes.Operation == AdmissionOperation.Delete)
            return;
        // An access review must not tell whether a namespace exists.
        if (attributes.Resource.GroupResource == new GroupResource("authorization.k8s.io", "localsubjectaccessreviews"))
            return;
        // The cache may be a moment behind: only a consistent read may refuse.
        var found = namespaces.Peek("", attributes.Namespace) ?? await namespaces.FindAsync("", attributes.Namespace, cancellationToken).ConfigureAwait(false);
        if (found is null)
            throw StatusErrors.NotFound(new GroupResource("", "namespaces"), attributes.Namespace);
        if (attributes.Operation != AdmissionOperation.Create || found.Tree().GetMap("status")?.GetString("phase") != "Terminating")
            return;
        var error = StatusErrors.Forbidden(attributes.Resource.GroupResource, attributes.Name, $"unable to create new content in namespace {attributes.Namespace} because it is being terminated");
        var causes = new List<StatusCause>(error.Status.Details?.Causes ?? []) { new("NamespaceTerminating", $"namespace {attributes.Namespace} is being terminated", "metadata.namespace") };
        throw new StatusException(error.Status with { Details = error.Status.Details! with { Causes = causes } });
    }
}
