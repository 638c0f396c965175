using KubeSharp.ApiServer.Authorization;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Only who may approve for the signer approves or denies a request
/// (plugin/pkg/admission/certificates/approval/admission.go, v1.36).</summary>
internal sealed class CertificateApproval(IAuthorizer authorizer) : IAdmissionPlugin
{
    public string Name => "CertificateApproval";

    public AdmissionOperation Operations => AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Subresource != "approval" || attributes.Resource.GroupResource is not { Group: "certificates.k8s.io", Resource: "certificatesigningrequests" })
            return ValueTask.CompletedTask;
        // The signer as it was: nobody gains by changing it in the same request.
        var signer = attributes.OldObject?.GetMap("spec")?.GetString("signerName") ?? "";
        if (!SignerPermission.IsGranted(authorizer, attributes, "approve", signer))
            throw attributes.Forbidden($"user not permitted to approve requests with signerName \"{signer}\"");
        return ValueTask.CompletedTask;
    }
}
