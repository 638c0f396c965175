namespace KubeSharp.ApiServer.Admission;

/// <summary>Nobody becomes a member of system:masters by a client certificate
/// (plugin/pkg/admission/certificates/subjectrestriction/admission.go, v1.36).</summary>
internal sealed class CertificateSubjectRestriction : IAdmissionPlugin
{
    private const string ClientSigner = "kubernetes.io/kube-apiserver-client";

    public string Name => "CertificateSubjectRestriction";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("certificates.k8s.io", "certificatesigningrequests") || attributes.Object?.GetMap("spec") is not { } spec || spec.GetString("signerName") != ClientSigner)
            return ValueTask.CompletedTask;
        var subject = CertificateRequestSubject.Read(spec.GetString("request"), out var problem)
            ?? throw attributes.Forbidden($"failed to parse CSR: {problem}");
        if (subject.Organizations.Contains("system:masters"))
            throw attributes.Forbidden($"use of {ClientSigner} signer with system:masters group is not allowed");
        return ValueTask.CompletedTask;
    }
}
