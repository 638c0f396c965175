using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authorization;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Only who may sign for the signer issues the certificate or writes conditions
/// (plugin/pkg/admission/certificates/signing/admission.go, v1.36).</summary>
internal sealed class CertificateSigning(IAuthorizer authorizer) : IAdmissionPlugin
{
    public string Name => "CertificateSigning";

    public AdmissionOperation Operations => AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Subresource != "status" || attributes.Resource.GroupResource is not { Group: "certificates.k8s.io", Resource: "certificatesigningrequests" })
            return ValueTask.CompletedTask;
        var (status, old) = (attributes.Object?.GetMap("status") ?? Map.Empty, attributes.OldObject?.GetMap("status") ?? Map.Empty);
        if (status["certificate"] == old["certificate"] && NodeChange.SameItems(status.GetSequence("conditions"), old.GetSequence("conditions")))
            return ValueTask.CompletedTask;
        var signer = attributes.OldObject?.GetMap("spec")?.GetString("signerName") ?? "";
        if (!SignerPermission.IsGranted(authorizer, attributes, "sign", signer))
            throw attributes.Forbidden($"user not permitted to sign requests with signerName \"{signer}\"");
        return ValueTask.CompletedTask;
    }
}
