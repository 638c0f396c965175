using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Claims, volumes and volume attributes classes get the finalizer that keeps them while they are in use
/// (plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go, v1.36).</summary>
public sealed class StorageObjectInUseProtection : IAdmissionPlugin
{
    public string Name => "StorageObjectInUseProtection";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Subresource.Length > 0 || attributes.Object is not { } obj || FinalizerFor(attributes.Resource.GroupResource) is not { } finalizer)
            return ValueTask.CompletedTask;
        var finalizers = obj.EditMap("metadata").EditSequence("finalizers");
        foreach (var existing in finalizers)
        {
            if (existing.AsString == finalizer)
                return ValueTask.CompletedTask;
        }

        finalizers.Add(finalizer);
        return ValueTask.CompletedTask;
    }

    private static string? FinalizerFor(GroupResource resource) => (resource.Group, resource.Resource) switch
    {
        ("", "persistentvolumeclaims") => "kubernetes.io/pvc-protection",
        ("", "persistentvolumes") => "kubernetes.io/pv-protection",
        ("storage.k8s.io", "volumeattributesclasses") => "kubernetes.io/vac-protection",
        _ => null,
    };
}
