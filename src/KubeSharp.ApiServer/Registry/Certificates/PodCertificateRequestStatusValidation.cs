using System.Globalization;
using System.Net.Mail;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>What signers answer: one of three ends, and with a certificate one that fits what was asked
/// (pkg/apis/certificates/validation ValidatePodCertificateRequestStatusUpdate, v1.36).</summary>
internal sealed class PodCertificateRequestStatusValidation(TimeProvider time)
{
    private const int MaxChainBytes = 100 * 1024;

    private static readonly string[] Ends = ["Issued", "Denied", "Failed"];
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestLife = TimeSpan.FromHours(1);

    private static readonly FieldPath Status = MetadataValidation.Status;
    private static readonly FieldPath Chain = Status.Child("certificateChain");
    private static readonly FieldPath NotBefore = Status.Child("notBefore");
    private static readonly FieldPath NotAfter = Status.Child("notAfter");
    private static readonly FieldPath BeginRefresh = Status.Child("beginRefreshAt");

    public void Validate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (errors.Count > 0)
            return;
        var (status, before) = (obj.Sub("status"), old.Sub("status"));
        ValidateConditions(errors, status.List("conditions"));
        if (errors.Count > 0)
            return;
        if (Ends.Any(end => Has(before, end)))
        {
            if (!obj["status"].SemanticallyEquals(old["status"]))
                Omitted(errors, Status, "immutable after PodCertificateRequest is issued, denied, or failed");
        }
        else if (Has(status, "Denied") || Has(status, "Failed"))
        {
            if (status.Any(field => field.Key != "conditions" && !field.Value.IsNullOrUndefined && field.Value.AsString is not { Length: 0 }))
                Omitted(errors, Status, "non-condition status fields must be empty when denying or failing the PodCertificateRequest");
        }
        else if (Has(status, "Issued"))
        {
            ValidateIssued(errors, obj, old.Sub("spec"));
        }
        else if (!obj["status"].SemanticallyEquals(old["status"]))
        {
            Omitted(errors, Status, "status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"");
        }
    }

    private static void ValidateConditions(FieldErrorList errors, Sequence conditions)
    {
        var known = 0;
        for (var i = 0; i < conditions.Count; i++)
        {
            // Upstream writes the index as a field's name.
            var (condition, path) = (conditions.At(i), Status.Child("conditions").Child($"[{i}]"));
            var type = condition.Text("type");
            if (!Ends.Contains(type))
            {
                errors.NotSupported(path.Child("type"), type, Ends);
                continue;
            }

            if (++known > 1)
                errors.Invalid(path.Child("type"), type, "There may be at most one condition with type \"Issued\", \"Denied\", or \"Failed\"");
            if (condition.Text("status") != "True")
                errors.NotSupported(path.Child("status"), condition.Text("status"), ["True"]);
        }

        ConditionValidation.Validate(errors, conditions, Status.Child("conditions"));
    }

    private void ValidateIssued(FieldErrorList errors, Map obj, Map asked)
    {
        var status = obj.Sub("status");
        var chain = status.Text("certificateChain");
        if (Encoding.UTF8.GetByteCount(chain) > MaxChainBytes)
        {
            errors.Add(FieldError.TooLong(Chain, MaxChainBytes));
            return;
        }

        var blocks = PemBlocks.Read(chain).ToList();
        if (blocks.Count == 0 || blocks[0].Label != "CERTIFICATE")
        {
            errors.Invalid(Chain, chain, blocks.Count == 0 ? "issued certificate chain must contain at least one certificate" : "issued certificate chain must consist entirely of CERTIFICATE PEM blocks");
            return;
        }

        using var leaf = Load(blocks[0].Data);
        if (leaf is null)
        {
            errors.Invalid(Chain, chain, "leaf certificate does not parse as valid X.509");
            return;
        }

        ValidateNames(errors, leaf);
        var wanted = PodCertificateRequestValidation.Bytes(asked, "stubPKCS10Request") is { Length: > 0 } stub
            ? CertificateKey.OfRequest(stub)
            : CertificateKey.OfPublicKey(PodCertificateRequestValidation.Bytes(asked, "pkixPublicKey"));
        if (wanted is null || !wanted.Encoded.AsSpan().SequenceEqual(leaf.PublicKey.ExportSubjectPublicKeyInfo()))
        {
            errors.Invalid(Chain, chain, "leaf certificate was not issued to the requested public key");
            return;
        }

        if (!ValidateTimes(errors, status, leaf, obj.Sub("spec").Number("maxExpirationSeconds")))
            return;
        foreach (var block in blocks.Skip(1))
        {
            if (block.Label != "CERTIFICATE")
            {
                errors.Invalid(Chain, chain, "issued certificate chain must consist entirely of CERTFICATE PEM blocks");
                return;
            }

            using var next = Load(block.Data);
            if (next is null)
            {
                errors.Invalid(Chain, chain, "intermediate certificate does not parse as valid X.509");
                return;
            }
        }
    }

    private static void ValidateNames(FieldErrorList errors, X509Certificate2 leaf)
    {
        if (leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is not { } names)
            return;
        foreach (var name in names.EnumerateDnsNames())
        {
            if (name.Length == 0)
                errors.Invalid(Chain, name, "leaf certificate should not contain empty DNSName");
            if (name.Contains("..", StringComparison.Ordinal))
                errors.Invalid(Chain, name, "leaf certificate's DNSName should not contain '..'");
            if (name.StartsWith('.') || name.EndsWith('.'))
                errors.Invalid(Chain, name, "leaf certificate's DNSName should not start or end with '.'");
        }

        if (leaf.GetNameInfo(X509NameType.EmailName, false) is { Length: > 0 } mail && !MailAddress.TryCreate(mail, out _))
            errors.Invalid(Chain, mail, "leaf certificate should not contain invalid EmailAddress");
    }

    private bool ValidateTimes(FieldErrorList errors, Map status, X509Certificate2 leaf, long longest)
    {
        var before = errors.Count;
        Require("notBefore", NotBefore, "must be present and consistent with the issued certificate");
        Require("notAfter", NotAfter, "must be present and consistent with the issued certificate");
        Require("beginRefreshAt", BeginRefresh, "must be present and in the range [notbefore+10min, notafter-10min]");
        if (errors.Count > before)
            return false;
        var (start, end, refresh) = (Time("notBefore"), Time("notAfter"), Time("beginRefreshAt"));
        var (from, to) = (leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
        if (start != from)
            return Refuse(NotBefore, GoTime(start), "must be set to the NotBefore time encoded in the leaf certificate");
        if ((start - time.GetUtcNow().UtcDateTime).Duration() >= Skew)
            return Refuse(NotBefore, GoTime(start), "must be set to within 5 minutes of kube-apiserver's current time");
        if (end != to)
            return Refuse(NotAfter, GoTime(end), "must be set to the NotAfter time encoded in the leaf certificate");
        var life = to - from;
        if (life < ShortestLife)
            return Refuse(Chain, GoDuration.Format(life.Ticks * 100), "leaf certificate lifetime must be >= 1 hour");
        if (life > TimeSpan.FromSeconds(longest))
            return Refuse(Chain, GoDuration.Format(life.Ticks * 100), string.Create(CultureInfo.InvariantCulture, $"leaf certificate lifetime must be <= spec.maxExpirationSeconds ({longest})"));
        if (refresh < start + Margin)
            return Refuse(BeginRefresh, GoTime(refresh), "must be at least 10 minutes after status.notBefore");
        return refresh <= end - Margin || Refuse(BeginRefresh, GoTime(refresh), "must be at least 10 minutes before status.notAfter");

        void Require(string field, FieldPath path, string detail)
        {
            if (!status.Has(field))
                errors.Required(path, detail);
        }

        DateTime Time(string field) => DateTimeOffset.Parse(status.Text(field), CultureInfo.InvariantCulture).UtcDateTime;

        bool Refuse(FieldPath path, string value, string detail)
        {
            errors.Invalid(path, value, detail);
            return false;
        }
    }

    /// <summary>As Go prints a time.</summary>
    private static string GoTime(DateTime value) => value.ToString("yyyy-MM-dd HH:mm:ss '+0000 UTC'", CultureInfo.InvariantCulture);

    private static X509Certificate2? Load(byte[] data)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(data);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool Has(Map status, string type) =>
        status.List("conditions").Any(c => c.AsMap.Text("type") == type && c.AsMap.Text("status") == "True");

    private static void Omitted(FieldErrorList errors, FieldPath path, string detail) =>
        errors.Add(FieldError.Invalid(path, default, detail) with { OmitValue = true });
}
