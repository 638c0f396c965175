using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Warns of TLS secrets whose certificate and key do not belong together, in the words of Go's crypto/tls
/// (warningsForSecret in pkg/registry/core/secret/strategy.go, v1.36). Differs: keys of other kinds than RSA and ECDSA
/// are not compared, and the words about a certificate that is no X.509 are one for all causes.</summary>
internal static class SecretWarnings
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112";

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        if (obj.Text("type") != "kubernetes.io/tls")
            return;
        if (Problem(Decoded(obj, "tls.crt"), Decoded(obj, "tls.key")) is { } problem)
            context.AddWarning(problem);
    }

    /// <summary>What is wrong with a pair in PEM; null when nothing is.</summary>
    internal static string? Problem(string certificates, string keys)
    {
        var skipped = new List<string>();
        if (FindBlock(certificates, label => label == "CERTIFICATE", skipped) is not { } certificate)
        {
            return skipped switch
            {
                [] => "tls: failed to find any PEM data in certificate input",
                [var only] when only.EndsWith("PRIVATE KEY", StringComparison.Ordinal) =>
                    "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
                _ => $"tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: [{string.Join(' ', skipped)}]",
            };
        }

        skipped.Clear();
        if (FindBlock(keys, label => label == "PRIVATE KEY" || label.EndsWith(" PRIVATE KEY", StringComparison.Ordinal), skipped) is not { } key)
        {
            return skipped switch
            {
                [] => "tls: failed to find any PEM data in key input",
                ["CERTIFICATE"] => "tls: found a certificate rather than a key in the PEM for the private key",
                _ => $"tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the following types: [{string.Join(' ', skipped)}]",
            };
        }

        try
        {
            using var parsed = X509CertificateLoader.LoadCertificate(certificate);
            return Compare(parsed, key);
        }
        catch (CryptographicException)
        {
            return "x509: malformed certificate";
        }
    }

    private static string? Compare(X509Certificate2 certificate, byte[] key)
    {
        using var rsa = Read(RSA.Create(), key, static (k, der) => k.ImportRSAPrivateKey(der, out _), static (k, der) => k.ImportPkcs8PrivateKey(der, out _));
        using var ec = rsa is null ? Read(ECDsa.Create(), key, static (k, der) => k.ImportPkcs8PrivateKey(der, out _), static (k, der) => k.ImportECPrivateKey(der, out _)) : null;
        switch (certificate.PublicKey.Oid.Value)
        {
            case Ed25519:
                return null;
            case Rsa or EllipticCurve when rsa is null && ec is null:
                return "tls: failed to parse private key";
            case Rsa:
                using (var expected = certificate.GetRSAPublicKey()!)
                    return rsa is null ? "tls: private key type does not match public key type" : Compare(expected.ExportSubjectPublicKeyInfo(), rsa.ExportSubjectPublicKeyInfo());
            case EllipticCurve:
                using (var expected = certificate.GetECDsaPublicKey()!)
                    return ec is null ? "tls: private key type does not match public key type" : Compare(expected.ExportSubjectPublicKeyInfo(), ec.ExportSubjectPublicKeyInfo());
            default:
                return "tls: unknown public key algorithm";
        }
    }

    private static string? Compare(byte[] expected, byte[] actual) => expected.AsSpan().SequenceEqual(actual) ? null : "tls: private key does not match public key";

    private static T? Read<T>(T key, byte[] der, params ReadOnlySpan<Action<T, byte[]>> forms)
        where T : AsymmetricAlgorithm
    {
        foreach (var form in forms)
        {
            try
            {
                form(key, der);
                return key;
            }
            catch (CryptographicException)
            {
                // Another form, then.
            }
        }

        key.Dispose();
        return null;
    }

    private static byte[]? FindBlock(ReadOnlySpan<char> text, Predicate<string> wanted, List<string> skipped)
    {
        while (PemEncoding.TryFind(text, out var fields))
        {
            var label = text[fields.Label].ToString();
            if (wanted(label))
                return Convert.FromBase64String(text[fields.Base64Data].ToString());
            skipped.Add(label);
            text = text[fields.Location.End..];
        }

        return null;
    }

    private static string Decoded(Map obj, string key)
    {
        try
        {
            return Encoding.Latin1.GetString(Convert.FromBase64String(obj.Sub("data").Text(key)));
        }
        catch (FormatException)
        {
            return "";
        }
    }
}
