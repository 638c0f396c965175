using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Certificates;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace KubeSharp.ApiServer.Tests.Registry.Certificates;

/// <summary>Cases of TestValidatePodCertificateRequestCreate and ...StatusUpdate (pkg/apis/certificates/validation/validation_test.go, v1.36).</summary>
public sealed class PodCertificateRequestValidationTests
{
    private static readonly DateTimeOffset Now = new(2026, 4, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly byte[] Stub = new CertificateRequest("", Key, HashAlgorithmName.SHA256).CreateSigningRequest();

    public static TheoryData<string, string> Asked => new()
    {
        { "{}", "" },
        { """{"spec":{"podUID":""}}""", "spec.podUID: Invalid value: \"\": must not be empty" },
        { """{"spec":{"nodeName":"A"}}""", "spec.nodeName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
        { """{"spec":{"maxExpirationSeconds":null}}""", "spec.maxExpirationSeconds: Required value: must be set" },
        { """{"spec":{"maxExpirationSeconds":3599}}""", "spec.maxExpirationSeconds: Invalid value: 3599: must be in the range [3600, 7862400]" },
        { """{"spec":{"signerName":"kubernetes.io/s","maxExpirationSeconds":86401}}""", "spec.maxExpirationSeconds: Invalid value: 86401: must be in the range [3600, 86400]" },
        { """{"spec":{"unverifiedUserAnnotations":{"plain":"x"}}}""", "spec.unverifiedUserAnnotations: Invalid value: \"plain\": must be a domain-prefixed key (such as \"acme.io/foo\")" },
        { """{"spec":{"stubPKCS10Request":null}}""", "spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set" },
        { """{"spec":{"proofOfPossession":"AAAA"}}""", "spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set" },
        { """{"spec":{"stubPKCS10Request":"AAAA"}}""", "spec.stubPKCS10Request: Invalid value: must be a valid PKCS#10 CSR" },
    };

    [Theory]
    [MemberData(nameof(Asked))]
    public void OnCreate(string patch, string expected) =>
        ValidationAssert.Errors(expected.Replace("Invalid value: must", "Invalid value: must", StringComparison.Ordinal), errors => PodCertificateRequestValidation.Validate(null!, Request(patch), errors));

    [Fact]
    public void A_request_that_was_changed_after_signing_is_refused()
    {
        var broken = (byte[])Stub.Clone();
        broken[^1] ^= 1;
        ValidationAssert.Errors("spec.stubPKCS10Request: Invalid value: invalid signature", errors => PodCertificateRequestValidation.Validate(null!, Request($$$"""{"spec":{"stubPKCS10Request":"{{{Convert.ToBase64String(broken)}}}"}}"""), errors));
    }

    [Theory]
    [InlineData("uid", "")]
    [InlineData("other", "spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature")]
    public void A_key_comes_with_proof(string signed, string expected)
    {
        var proof = Convert.ToBase64String(Key.SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        var key = Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo());
        ValidationAssert.Errors(expected, errors => PodCertificateRequestValidation.Validate(
            null!, Request($$$"""{"spec":{"stubPKCS10Request":null,"pkixPublicKey":"{{{key}}}","proofOfPossession":"{{{proof}}}"}}"""), errors));
    }

    // The key and proof of upstream's test/integration/etcd/data.go.
    [Theory]
    [InlineData("pod-uid-1", "")]
    [InlineData("pod-uid-2", "spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature")]
    public void An_Ed25519_key_comes_with_proof(string uid, string expected) => ValidationAssert.Errors(expected, errors => PodCertificateRequestValidation.Validate(
        null!,
        Request($$$"""
            {"spec":{"podUID":"{{{uid}}}","stubPKCS10Request":null,"pkixPublicKey":"MCowBQYDK2VwAyEA5g+rk9q/hjojtc2nwHJ660RdX5w1f4AK0/kP391QyLY=",
            "proofOfPossession":"SuGHX7SMyPHuN5cD5wjKLXGNbhdlCYUnTH65JkTx17iWlLynQ/g9GiTYObftSHNzqRh0ofdgAGqK6a379O7RBw=="}}
            """),
        errors));

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "spec.stubPKCS10Request: Invalid value: invalid signature")]
    public void An_Ed25519_key_signs_its_request(bool broken, string expected)
    {
        var key = new Ed25519PrivateKeyParameters(new SecureRandom());
        var stub = new Pkcs10CertificationRequest("Ed25519", new X509Name(""), key.GeneratePublicKey(), new DerSet(), key).GetEncoded();
        stub[^1] ^= broken ? (byte)1 : (byte)0;
        ValidationAssert.Errors(expected, errors => PodCertificateRequestValidation.Validate(null!, Request($$$"""{"spec":{"stubPKCS10Request":"{{{Convert.ToBase64String(stub)}}}"}}"""), errors));
    }

    [Fact]
    public void Small_keys_are_refused()
    {
        using var small = RSA.Create(2048);
        var stub = Convert.ToBase64String(new CertificateRequest("", small, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest());
        ValidationAssert.Errors(
            "spec.stubPKCS10Request: Invalid value: \"2048-bit modulus\": RSA keys must have modulus size 3072 or 4096",
            errors => PodCertificateRequestValidation.Validate(null!, Request($$$"""{"spec":{"stubPKCS10Request":"{{{stub}}}"}}"""), errors));
    }

    public static TheoryData<string, int, int, int, bool, string> Answers => new()
    {
        { "Issued", 0, 240, 20, true, "" },
        { "Issued", 0, 240, 20, false, "status.certificateChain: Invalid value: \"<chain>\": leaf certificate was not issued to the requested public key" },
        { "Issued", -10, 240, 20, true, "status.notBefore: Invalid value: \"2026-04-01 11:50:00 +0000 UTC\": must be set to within 5 minutes of kube-apiserver's current time" },
        { "Issued", 0, 30, 15, true, "status.certificateChain: Invalid value: \"30m0s\": leaf certificate lifetime must be >= 1 hour" },
        { "Issued", 0, 3000, 20, true, "status.certificateChain: Invalid value: \"50h0m0s\": leaf certificate lifetime must be <= spec.maxExpirationSeconds (86400)" },
        { "Issued", 0, 240, 5, true, "status.beginRefreshAt: Invalid value: \"2026-04-01 12:05:00 +0000 UTC\": must be at least 10 minutes after status.notBefore" },
        { "Issued", 0, 240, 235, true, "status.beginRefreshAt: Invalid value: \"2026-04-01 15:55:00 +0000 UTC\": must be at least 10 minutes before status.notAfter" },
        { "Denied", 0, 240, 20, true, "status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest" },
        { "Odd", 0, 240, 20, true, "status.conditions.[0].type: Unsupported value: \"Odd\": supported values: \"Issued\", \"Denied\", \"Failed\"" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void OnStatus(string condition, int start, int life, int refresh, bool sameKey, string expected)
    {
        var from = Now.AddMinutes(start);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var chain = Certificate(sameKey ? Key : other, from, from.AddMinutes(life));
        var old = Request("{}");
        var obj = Request("{}");
        obj.Set("status", new Map
        {
            { "conditions", new Sequence { Condition(condition) } },
            { "certificateChain", chain },
            { "notBefore", Text(from) },
            { "notAfter", Text(from.AddMinutes(life)) },
            { "beginRefreshAt", Text(from.AddMinutes(refresh)) },
        });

        var validation = new PodCertificateRequestStatusValidation(new FixedTime(Now));
        ValidationAssert.Errors(expected.Replace("<chain>", chain.Replace("\n", "\\n", StringComparison.Ordinal), StringComparison.Ordinal), errors => validation.Validate(null!, obj, old, errors));
    }

    [Fact]
    public void What_has_ended_stays()
    {
        var old = Request("{}");
        old.Set("status", new Map { { "conditions", new Sequence { Condition("Denied") } } });
        var validation = new PodCertificateRequestStatusValidation(new FixedTime(Now));
        ValidationAssert.Errors("", errors => validation.Validate(null!, old.DeepClone(), old, errors));
        var changed = old.DeepClone();
        changed.EditMap("status").Set("conditions", new Sequence { Condition("Failed") });
        ValidationAssert.Errors("status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed", errors => validation.Validate(null!, changed, old, errors));
        ValidationAssert.Errors(
            "status: Invalid value: status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"",
            errors => validation.Validate(null!, ValidationAssert.Patched(Json(), """{"status":{"certificateChain":"x"}}"""), Request("{}"), errors));
    }

    private static Map Condition(string type) => new()
    {
        { "type", type }, { "status", "True" }, { "reason", "R" }, { "message", "m" }, { "lastTransitionTime", "2026-04-01T12:00:00Z" },
    };

    private static string Json() =>
        $$$"""{"metadata":{"name":"r","namespace":"n","resourceVersion":"1"},"spec":{"signerName":"example.com/s","podName":"p","podUID":"uid","serviceAccountName":"sa","serviceAccountUID":"u2","nodeName":"node","nodeUID":"u3","maxExpirationSeconds":86400,"stubPKCS10Request":"{{{Convert.ToBase64String(Stub)}}}"}}""";

    private static Map Request(string patch) => ValidationAssert.Patched(Json(), patch);

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Certificate(ECDsa key, DateTimeOffset from, DateTimeOffset to)
    {
        using var certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, to);
        return certificate.ExportCertificatePem();
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
