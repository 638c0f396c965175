using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>Cluster trust bundles: PEM with authorities' certificates and nothing else
/// (pkg/apis/certificates/validation ValidateClusterTrustBundle, core/validation ValidateClusterTrustBundleName, v1.36).</summary>
internal static class ClusterTrustBundleValidation
{
    private const int MaxSize = 1024 * 1024;

    private static readonly FieldPath Bundle = MetadataValidation.Spec.Child("trustBundle");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) => Validate(obj, errors, parse: true);

    /// <summary>A bundle that stays is not read again.</summary>
    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(obj, errors, obj.Sub("spec").Text("trustBundle") != old.Sub("spec").Text("trustBundle"));
        MetadataValidation.ValidateUpdate(errors, obj, old);
        errors.ImmutableText(obj.Sub("spec"), old.Sub("spec"), "signerName", MetadataValidation.Spec);
    }

    private static void Validate(Map obj, FieldErrorList errors, bool parse)
    {
        var signer = obj.Sub("spec").Text("signerName");
        MetadataValidation.ValidateCluster(errors, obj, NameOf(signer));
        if (signer.Length > 0)
            SignerNameValidation.Validate(errors, MetadataValidation.Spec.Child("signerName"), signer);
        if (parse)
            ValidateBundle(errors, obj.Sub("spec").Text("trustBundle"));
    }

    private static ValidateName NameOf(string signer) => (name, prefix) =>
    {
        if (signer.Length == 0)
            return name.Contains(':') ? ["ClusterTrustBundle without signer name must not have \":\" in its name"] : NameRules.DnsSubdomain(name, prefix);
        var required = signer.Replace('/', ':') + ":";
        return name.StartsWith(required, StringComparison.Ordinal)
            ? NameRules.DnsSubdomain(name[required.Length..], prefix)
            : [$"ClusterTrustBundle for signerName {signer} must be named with prefix {required}"];
    };

    private static void ValidateBundle(FieldErrorList errors, string text)
    {
        if (text.Length > MaxSize)
        {
            errors.Add(FieldError.TooLong(Bundle, MaxSize));
            return;
        }

        var before = errors.Count;
        var seen = new List<(byte[] Certificate, List<int> At)>();
        var index = 0;
        foreach (var block in PemBlocks.Read(text))
        {
            if (Problem(block) is { } problem)
            {
                errors.Invalid(Bundle, "<value omitted>", $"entry {index} {problem}");
            }
            else
            {
                var known = seen.FindIndex(s => s.Certificate.AsSpan().SequenceEqual(block.Data));
                if (known < 0)
                    seen.Add((block.Data, [index]));
                else
                    seen[known].At.Add(index);
            }

            index++;
        }

        if (errors.Count > before)
            return;
        if (seen.Count == 0)
            errors.Invalid(Bundle, "<value omitted>", "at least one trust anchor must be provided");
        foreach (var (_, at) in seen)
        {
            if (at.Count > 1)
                errors.Invalid(Bundle, "<value omitted>", $"duplicate trust anchor (indices [{string.Join(' ', at)}])");
        }
    }

    private static string? Problem(PemBlock block)
    {
        if (block.Label != "CERTIFICATE")
            return $"has bad block type: {block.Label}";
        if (block.HasHeaders)
            return "has PEM block headers";
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(block.Data);
            var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
            return constraints is { CertificateAuthority: true } ? null : "does not have the CA bit set";
        }
        catch (CryptographicException)
        {
            return "does not parse as X.509";
        }
    }
}
