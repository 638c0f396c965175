using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Claims that name no storage class get the default one
/// (plugin/pkg/admission/storage/storageclass/setdefault/admission.go, v1.36).</summary>
internal sealed class DefaultStorageClass(ResourceStore classes) : IAdmissionPlugin
{
    internal const string BetaClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    public string Name => "DefaultStorageClass";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "persistentvolumeclaims") || attributes.Object is not { } claim)
            return ValueTask.CompletedTask;
        // An empty name asks for no class at all.
        if (claim.GetMap("metadata")?.GetMap("annotations")?.ContainsKey(BetaClassAnnotation) == true || claim.GetMap("spec")?.GetString("storageClassName") is not null)
            return ValueTask.CompletedTask;
        if (DefaultClass.Find(classes, "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class") is { } name)
            claim.EditMap("spec").Set("storageClassName", name);
        return ValueTask.CompletedTask;
    }
}
