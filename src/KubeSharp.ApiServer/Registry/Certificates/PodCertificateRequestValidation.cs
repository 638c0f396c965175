using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>Requests of kubelets for pods' certificates: what is asked
/// (pkg/apis/certificates/validation ValidatePodCertificateRequestCreate, v1.36). What is answered:
/// <see cref="PodCertificateRequestStatusValidation"/>.</summary>
internal static class PodCertificateRequestValidation
{
    private const int MaxUid = 128;
    private const int MaxKeyBytes = 10 * 1024;
    private const int MaxAnnotationBytes = 256 * 1024;
    private const long MinSeconds = 3600;
    private const long MaxSeconds = 91 * 24 * 3600;
    private const long MaxSecondsOfKubernetes = 24 * 3600;
    private const string BadSignature = "could not verify proof-of-possession signature";

    private static readonly FieldPath Spec = MetadataValidation.Spec;
    private static readonly FieldPath KeyPath = Spec.Child("pkixPublicKey");
    private static readonly FieldPath RequestPath = Spec.Child("stubPKCS10Request");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        SignerNameValidation.Validate(errors, Spec.Child("signerName"), spec.Text("signerName"));
        ValidateAnnotations(errors, spec.Sub("unverifiedUserAnnotations"), Spec.Child("unverifiedUserAnnotations"));
        foreach (var (name, uid) in (ReadOnlySpan<(string, string)>)[("podName", "podUID"), ("serviceAccountName", "serviceAccountUID"), ("nodeName", "nodeUID")])
        {
            errors.AddInvalid(Spec.Child(name), spec.Text(name), NameRules.DnsSubdomain(spec.Text(name), false));
            if (spec.Text(uid).Length == 0)
                errors.Invalid(Spec.Child(uid), "", "must not be empty");
            if (Encoding.UTF8.GetByteCount(spec.Text(uid)) > MaxUid)
                errors.Add(FieldError.TooLong(Spec.Child(uid), MaxUid));
        }

        if (!spec.Has("maxExpirationSeconds"))
        {
            errors.Required(Spec.Child("maxExpirationSeconds"), "must be set");
            return;
        }

        var domain = spec.Text("signerName").Split('/')[0];
        var longest = domain == "kubernetes.io" || domain.EndsWith(".kubernetes.io", StringComparison.Ordinal) ? MaxSecondsOfKubernetes : MaxSeconds;
        if (spec.Number("maxExpirationSeconds") is var seconds && (seconds < MinSeconds || seconds > longest))
            errors.Invalid(Spec.Child("maxExpirationSeconds"), seconds, string.Create(CultureInfo.InvariantCulture, $"must be in the range [{MinSeconds}, {longest}]"));
        ValidateKey(errors, spec);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (!obj["spec"].SemanticallyEquals(old["spec"]))
            errors.Invalid(Spec, InternalForm.Of(obj["spec"], new("certificates.k8s.io", "v1beta1", "PodCertificateRequest"), "spec"), ValidationMessages.FieldImmutable);
    }

    /// <summary>Either a stub of a signing request, or a key with proof that its private half is there.</summary>
    private static void ValidateKey(FieldErrorList errors, Map spec)
    {
        var (stub, key, proof) = (Bytes(spec, "stubPKCS10Request"), Bytes(spec, "pkixPublicKey"), Bytes(spec, "proofOfPossession"));
        if (stub.Length > 0 && key.Length == 0 && proof.Length == 0)
            ValidateStub(errors, stub);
        else if (stub.Length == 0 && key.Length > 0 && proof.Length > 0)
            ValidateProof(errors, spec, key, proof);
        else
            Omitted(errors, Spec, "exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set");
    }

    private static void ValidateStub(FieldErrorList errors, byte[] stub)
    {
        if (stub.Length > MaxKeyBytes)
            errors.Add(FieldError.TooLong(RequestPath, MaxKeyBytes));
        else if (CertificateKey.OfRequest(stub) is not { } key)
            Omitted(errors, RequestPath, "must be a valid PKCS#10 CSR");
        else if (key.Problem is { } problem)
            ReportKey(errors, RequestPath, default, key, problem);
        else if (!CertificateKey.IsSigned(stub))
            Omitted(errors, RequestPath, "invalid signature");
    }

    private static void ValidateProof(FieldErrorList errors, Map spec, byte[] encoded, byte[] proof)
    {
        if (encoded.Length > MaxKeyBytes)
            errors.Add(FieldError.TooLong(KeyPath, MaxKeyBytes));
        else if (proof.Length > MaxKeyBytes)
            errors.Add(FieldError.TooLong(Spec.Child("proofOfPossession"), MaxKeyBytes));
        else if (CertificateKey.OfPublicKey(encoded) is not { } key)
            errors.Invalid(KeyPath, spec["pkixPublicKey"], "must be a valid PKIX-serialized public key");
        else if (key.Problem is { } problem)
            ReportKey(errors, KeyPath, spec["pkixPublicKey"], key, problem);
        else if (!key.Verify(Encoding.UTF8.GetBytes(spec.Text("podUID")), proof))
            Omitted(errors, Spec.Child("proofOfPossession"), BadSignature);
    }

    private static void ReportKey(FieldErrorList errors, FieldPath path, Value given, CertificateKey key, string problem)
    {
        if (key.Description is { } description)
            errors.Invalid(path, description, problem);
        else if (given.IsUndefined)
            Omitted(errors, path, problem);
        else
            errors.Invalid(path, given, problem);
    }

    private static void ValidateAnnotations(FieldErrorList errors, Map annotations, FieldPath path)
    {
        long size = 0;
        foreach (var (key, value) in annotations)
        {
            var lower = key.ToLowerInvariant();
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.AsString ?? "");
            if (lower.Length == 0)
                errors.Required(path);
            else if (NameValidation.IsQualifiedName(lower) is { Count: > 0 } problems)
                errors.AddInvalid(path, lower, problems);
            else if (!lower.Contains('/'))
                errors.Invalid(path, lower, "must be a domain-prefixed key (such as \"acme.io/foo\")");
        }

        if (size > MaxAnnotationBytes)
            errors.Add(FieldError.TooLong(path, MaxAnnotationBytes));
    }

    private static void Omitted(FieldErrorList errors, FieldPath path, string detail) =>
        errors.Add(FieldError.Invalid(path, default, detail) with { OmitValue = true });

    /// <summary>Bytes are base64 text in trees.</summary>
    internal static byte[] Bytes(Map map, string key) => map.Text(key) is { Length: > 0 } text ? Convert.FromBase64String(text) : [];
}
