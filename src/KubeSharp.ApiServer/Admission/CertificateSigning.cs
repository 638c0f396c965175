using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
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
        if (attributes.Subresource == "status" && attributes.Resource.GroupResource is { Group: "certificates.k8s.io", Resource: "podcertificaterequests" })
            CheckPodCertificate(attributes);
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

    /// <summary>Upstream asks in the strategy, after validation, and answers as validation does
    /// (pkg/registry/certificates/podcertificaterequest/strategy.go).</summary>
    private void CheckPodCertificate(AdmissionAttributes attributes)
    {
        if (attributes.Object?["status"] == attributes.OldObject?["status"])
            return;
        var signer = attributes.OldObject?.GetMap("spec")?.GetString("signerName") ?? "";
        if (SignerPermission.IsGranted(authorizer, attributes, "sign", signer))
            return;
        var errors = new FieldErrorList();
        errors.Add(FieldError.Forbidden(new FieldPath("spec").Child("signerName"), $"User \"{attributes.Context.User.Name}\" is not permitted to \"sign\" for signer \"{signer}\""));
        throw StatusErrors.Invalid(new GroupKind(attributes.Resource.Group, attributes.Resource.Kind), attributes.Name, errors);
    }
}
