using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Nothing is written in a namespace that does not exist
/// (plugin/pkg/admission/namespace/exists/admission.go, v1.36).</summary>
internal sealed class NamespaceExists(ResourceStore namespaces) : IAdmissionPlugin
{
    public string Name => "NamespaceExists";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update | AdmissionOperation.Delete;

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var name = attributes.Namespace;
        if (name.Length == 0 || attributes.Resource.GroupKind == new GroupKind("", "Namespace") || namespaces.Peek("", name) is not null)
            return;
        if (await namespaces.FindAsync("", name, cancellationToken).ConfigureAwait(false) is null)
            throw StatusErrors.NotFound(new GroupResource("", "namespaces"), name);
    }
}
