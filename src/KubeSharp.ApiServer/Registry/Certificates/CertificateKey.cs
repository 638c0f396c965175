using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>A public key that somebody wants a certificate for, and whether it is of a kind that is certified:
/// P-256, P-384 and P-521, RSA of 3072 and 4096 bits, Ed25519 (which .NET's library cannot verify, and BouncyCastle's can).</summary>
/// <param name="Encoded">The key as SubjectPublicKeyInfo.</param>
/// <param name="Problem">Why it is not taken, in upstream's words; null for a good one.</param>
/// <param name="Description">What upstream shows of a key of the wrong size; null: nothing.</param>
internal sealed record CertificateKey(byte[] Encoded, string? Problem, string? Description)
{
    private const string Ed25519Oid = "1.3.101.112";
    private const string Unknown = "unknown public key type; supported types are Ed25519, ECDSA, and RSA";

    /// <summary>The key of a PKCS #10 request; null when it is none.</summary>
    public static CertificateKey? OfRequest(byte[] request)
    {
        try
        {
            var options = CertificateRequestLoadOptions.SkipSignatureValidation | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions;
            var key = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, options).PublicKey;
            return Of(key, "elliptic public keys must use curve P256, P384, or P521");
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether a request that can be read is signed with its own key.</summary>
    public static bool IsSigned(byte[] request)
    {
        try
        {
            CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or NotSupportedException)
        {
            return IsSignedByEd25519(request);
        }
    }

    private static bool IsSignedByEd25519(byte[] request)
    {
        try
        {
            var read = new Pkcs10CertificationRequest(request);
            return read.GetPublicKey() is Ed25519PublicKeyParameters && read.Verify();
        }
        catch (Exception exception) when (exception is GeneralSecurityException or CryptoException or ArgumentException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    /// <summary>A key as SubjectPublicKeyInfo; null when it is none.</summary>
    public static CertificateKey? OfPublicKey(byte[] encoded)
    {
        try
        {
            return Of(PublicKey.CreateFromSubjectPublicKeyInfo(encoded, out _), "elliptic public keys must use curve P256 or P384");
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether the key's owner signed the SHA-256 of the data (ECDSA as ASN.1, RSA as PSS), or the data (Ed25519).</summary>
    public bool Verify(byte[] data, byte[] signature)
    {
        var key = PublicKey.CreateFromSubjectPublicKeyInfo(Encoded, out _);
        try
        {
            if (key.Oid.Value == Ed25519Oid)
            {
                return signature.Length == Ed25519.SignatureSize
                    && Ed25519.Verify(signature, 0, key.EncodedKeyValue.RawData, 0, data, 0, data.Length);
            }

            using var ecdsa = key.GetECDsaPublicKey();
            if (ecdsa is not null)
                return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            using var rsa = key.GetRSAPublicKey();
            return rsa is not null && rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static CertificateKey Of(PublicKey key, string badCurve)
    {
        var encoded = key.ExportSubjectPublicKeyInfo();
        using var ecdsa = key.Oid.Value == "1.2.840.10045.2.1" ? key.GetECDsaPublicKey() : null;
        if (ecdsa is not null)
            return ecdsa.KeySize is 256 or 384 or 521 ? new(encoded, null, null) : new(encoded, badCurve, $"curve P-{ecdsa.KeySize}");
        using var rsa = key.Oid.Value == "1.2.840.113549.1.1.1" ? key.GetRSAPublicKey() : null;
        if (rsa is null)
            return new(encoded, key.Oid.Value == Ed25519Oid && key.EncodedKeyValue.RawData.Length == Ed25519.PublicKeySize ? null : Unknown, null);
        return rsa.KeySize is 3072 or 4096 ? new(encoded, null, null) : new(encoded, "RSA keys must have modulus size 3072 or 4096", $"{rsa.KeySize}-bit modulus");
    }
}
