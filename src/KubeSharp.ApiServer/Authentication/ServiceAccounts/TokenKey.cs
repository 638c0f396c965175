using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KubeSharp.ApiServer.Authentication.ServiceAccounts;

/// <summary>
/// One key for tokens: RS256, or ES256, ES384, ES512 by its curve. Its id is the digest of the public key
/// (pkg/serviceaccount/jwt.go keyIDFromPublicKey, v1.36). Safe for concurrent use.
/// </summary>
public sealed class TokenKey
{
    private readonly Lock _lock = new();
    private readonly AsymmetricAlgorithm _key;

    /// <exception cref="InvalidDataException">Neither RSA nor one of the three curves.</exception>
    public TokenKey(AsymmetricAlgorithm key)
    {
        _key = key;
        Algorithm = key switch
        {
            RSA => "RS256",
            ECDsa { KeySize: 256 } => "ES256",
            ECDsa { KeySize: 384 } => "ES384",
            ECDsa { KeySize: 521 } => "ES512",
            _ => throw new InvalidDataException("unknown private key curve, must be 256, 384, or 521"),
        };
        Id = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    public string Id { get; }

    /// <summary>The name in tokens and key sets.</summary>
    public string Algorithm { get; }

    private HashAlgorithmName Hash => Algorithm switch { "ES384" => HashAlgorithmName.SHA384, "ES512" => HashAlgorithmName.SHA512, _ => HashAlgorithmName.SHA256 };

    /// <summary>Reads all keys of a PEM file, private and public, and the public ones of certificates.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static IReadOnlyList<TokenKey> LoadAll(string path)
    {
        var keys = new List<TokenKey>();
        var rest = File.ReadAllText(path).AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var pem = rest[fields.Location].ToString();
            if (Load(pem, rest[fields.Label].ToString()) is { } key)
                keys.Add(new TokenKey(key));
            rest = rest[fields.Location.End..];
        }

        return keys.Count > 0 ? keys : throw new InvalidDataException($"{path} has no RSA or ECDSA key");
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_lock)
            return _key is RSA rsa ? rsa.SignData(data, Hash, RSASignaturePadding.Pkcs1) : ((ECDsa)_key).SignData(data, Hash);
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_lock)
            return _key is RSA rsa ? rsa.VerifyData(data, signature, Hash, RSASignaturePadding.Pkcs1) : ((ECDsa)_key).VerifyData(data, signature, Hash);
    }

    /// <summary>Writes the public key as a JSON Web Key, in go-jose's order of fields.</summary>
    public void WriteJwk(System.Text.Json.Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("use"u8, "sig"u8);
        writer.WriteString("kty"u8, _key is RSA ? "RSA"u8 : "EC"u8);
        writer.WriteString("kid"u8, Id);
        if (_key is ECDsa ec)
        {
            var parameters = ec.ExportParameters(false);
            writer.WriteString("crv"u8, $"P-{ec.KeySize}");
            writer.WriteString("alg"u8, Algorithm);
            writer.WriteString("x"u8, Base64Url.EncodeToString(parameters.Q.X));
            writer.WriteString("y"u8, Base64Url.EncodeToString(parameters.Q.Y));
        }
        else
        {
            var parameters = ((RSA)_key).ExportParameters(false);
            writer.WriteString("alg"u8, Algorithm);
            writer.WriteString("n"u8, Base64Url.EncodeToString(parameters.Modulus));
            writer.WriteString("e"u8, Base64Url.EncodeToString(parameters.Exponent));
        }

        writer.WriteEndObject();
    }

    private static AsymmetricAlgorithm? Load(string pem, string label)
    {
        if (label == "CERTIFICATE")
        {
            using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(pem);
            return (AsymmetricAlgorithm?)System.Security.Cryptography.X509Certificates.RSACertificateExtensions.GetRSAPublicKey(certificate)
                ?? System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPublicKey(certificate);
        }

        return Import(RSA.Create(), pem) ?? Import(ECDsa.Create(), pem);
    }

    private static AsymmetricAlgorithm? Import(AsymmetricAlgorithm algorithm, string pem)
    {
        try
        {
            algorithm.ImportFromPem(pem);
            return algorithm;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            algorithm.Dispose();
            return null;
        }
    }
}

/// <summary>The key that signs, and all that verify by their ids (<c>--service-account-signing-key-file</c>,
/// <c>--service-account-key-file</c>; without the latter the signing key verifies).</summary>
public sealed class TokenKeys
{
    public TokenKeys(TokenKey signing, IReadOnlyList<TokenKey> verifying)
    {
        Signing = signing;
        Verifying = verifying;
    }

    public TokenKey Signing { get; }

    public IReadOnlyList<TokenKey> Verifying { get; }

    /// <summary>The keys with an id; all of them for a token that names none.</summary>
    public IEnumerable<TokenKey> Find(string? id) => string.IsNullOrEmpty(id) ? Verifying : Verifying.Where(k => k.Id == id);
}
