using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Registry.Rbac;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Only who may attest for the signer writes its trust bundles
/// (plugin/pkg/admission/certificates/ctbattest/admission.go, v1.36).</summary>
internal sealed class ClusterTrustBundleAttest(IAuthorizer authorizer) : IAdmissionPlugin
{
    public string Name => "ClusterTrustBundleAttest";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Resource.GroupResource is not { Group: "certificates.k8s.io", Resource: "clustertrustbundles" } || attributes.Object is not { } bundle)
            return ValueTask.CompletedTask;
        var signer = bundle.GetMap("spec")?.GetString("signerName") ?? "";
        if (signer.Length == 0 || (attributes.OldObject is { } old && EscalationGuard.ChangesOnlyGarbageCollection(bundle, old)))
            return ValueTask.CompletedTask;
        if (!SignerPermission.IsGranted(authorizer, attributes, "attest", signer))
            throw attributes.Forbidden($"user not permitted to attest for signerName \"{signer}\"");
        return ValueTask.CompletedTask;
    }
}
