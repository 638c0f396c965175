using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Only bound claims grow, and only where their storage class lets them
/// (plugin/pkg/admission/storage/persistentvolume/resize/admission.go, v1.36).</summary>
internal sealed class PersistentVolumeClaimResize(ResourceStore classes) : IAdmissionPlugin
{
    public string Name => "PersistentVolumeClaimResize";

    public AdmissionOperation Operations => AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "persistentvolumeclaims") || attributes.OldObject is null)
            return ValueTask.CompletedTask;
        var (claim, old) = (new PersistentVolumeClaim(attributes.Object), new PersistentVolumeClaim(attributes.OldObject));
        if (SizeOf(claim) <= SizeOf(old))
            return ValueTask.CompletedTask;
        if (old.Status.Phase != "Bound")
            throw attributes.Forbidden("Only bound persistent volume claims can be expanded");
        var name = ClassOf(claim);
        if (name.Length == 0 || name != ClassOf(old) || classes.Peek("", name)?.Tree().GetBoolean("allowVolumeExpansion") != true)
            throw attributes.Forbidden("only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        return ValueTask.CompletedTask;
    }

    private static Quantity SizeOf(PersistentVolumeClaim claim) =>
        claim.Spec.Resources.Requests["storage"] is { } text && Quantity.TryParse(text, out var size, out _) ? size : default;

    private static string ClassOf(PersistentVolumeClaim claim) =>
        claim.Metadata.Annotations[DefaultStorageClass.BetaClassAnnotation] ?? claim.Spec.StorageClassName ?? "";
}
