using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Claims and volumes get the finalizer that keeps them while they are in use
/// (plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go, v1.36).</summary>
public sealed class StorageObjectInUseProtection : IAdmissionPlugin
{
    public string Name => "StorageObjectInUseProtection";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var finalizer = attributes.IsMain("", "persistentvolumeclaims") ? "kubernetes.io/pvc-protection"
            : attributes.IsMain("", "persistentvolumes") ? "kubernetes.io/pv-protection"
            : null;
        if (finalizer is null || attributes.Object is not { } obj)
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
}
