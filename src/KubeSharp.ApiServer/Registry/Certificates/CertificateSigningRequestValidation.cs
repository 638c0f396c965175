using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>pkg/apis/certificates/validation/validation.go, v1.36. What an old object has wrong already is tolerated.</summary>
internal static class CertificateSigningRequestValidation
{
    private const string LegacySigner = "kubernetes.io/legacy-unknown";
    private const int MinimumSeconds = 600;

    private static readonly string[] Usages =
    [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature",
        "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc",
        "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
    ];

    private static readonly FieldPath Metadata = new("metadata");
    private static readonly FieldPath Spec = new("spec");
    private static readonly FieldPath ConditionsPath = new("status", "conditions");
    private static readonly FieldPath CertificatePath = new("status", "certificate");

    /// <summary>The conditions of a type.</summary>
    public static List<Map> Conditions(Map obj, string type)
    {
        var found = new List<Map>();
        foreach (var item in obj.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (item.AsMap is { } condition && (condition.GetString("type") ?? "") == type)
                found.Add(condition);
        }

        return found;
    }

    public static void Validate(Map obj, Map? old, FieldErrorList errors)
    {
        ObjectMetaValidation.Validate(errors, obj.GetMap("metadata") ?? Map.Empty, false, static (_, _) => [], Metadata);
        var spec = obj.GetMap("spec") ?? Map.Empty;
        if (RequestError(spec.GetString("request") ?? "") is { } problem)
            errors.Add(FieldError.Invalid(Spec.Child("request"), spec["request"].IsNullOrUndefined ? Value.Null : spec["request"], problem));
        ValidateUsages(spec.GetSequence("usages") ?? Sequence.Empty, old?.GetMap("spec")?.GetSequence("usages"), errors);
        var signer = spec.GetString("signerName") ?? "";
        if (signer == LegacySigner && old?.GetMap("spec")?.GetString("signerName") != LegacySigner)
            errors.Add(FieldError.Invalid(Spec.Child("signerName"), signer, "the legacy signerName is not allowed via this API version"));
        else
            SignerNameValidation.Validate(errors, Spec.Child("signerName"), signer);
        if (spec.GetInteger("expirationSeconds") is < MinimumSeconds and var seconds)
            errors.Add(FieldError.Invalid(Spec.Child("expirationSeconds"), seconds, "may not specify a duration less than 600 seconds (10 minutes)"));
        ValidateConditions(obj, old, errors);
        var certificate = obj.GetMap("status")?.GetString("certificate") ?? "";
        var before = old?.GetMap("status")?.GetString("certificate") ?? "";
        if ((old is null || certificate != before) && (old is null || CertificateError(before) is null) && CertificateError(certificate) is { } wrong)
            errors.Add(FieldError.Invalid(CertificatePath, "<certificate data>", wrong));
    }

    public static void ValidateUpdate(Map obj, Map old, FieldErrorList errors, bool settingApproval, bool settingCertificate)
    {
        Validate(obj, old, errors);
        foreach (var type in (ReadOnlySpan<string>)["Approved", "Denied", "Failed"])
        {
            if (Conditions(obj, type).Count < Conditions(old, type).Count)
                errors.Add(FieldError.Forbidden(ConditionsPath, $"updates may not remove a condition of type \"{type}\""));
        }

        if (!settingApproval)
        {
            foreach (var type in (ReadOnlySpan<string>)["Approved", "Denied"])
            {
                var (next, before) = (Conditions(obj, type), Conditions(old, type));
                if (next.Count > before.Count)
                    errors.Add(FieldError.Forbidden(ConditionsPath, $"updates may not add a condition of type \"{type}\""));
                else if (next.Count == before.Count && !next.Zip(before).All(pair => pair.First.DeepEquals(pair.Second)))
                    errors.Add(FieldError.Forbidden(ConditionsPath, $"updates may not modify a condition of type \"{type}\""));
            }
        }

        var certificate = obj.GetMap("status")?.GetString("certificate") ?? "";
        var oldCertificate = old.GetMap("status")?.GetString("certificate") ?? "";
        if (certificate != oldCertificate)
        {
            if (!settingCertificate)
                errors.Add(FieldError.Forbidden(CertificatePath, "updates may not set certificate content"));
            else if (oldCertificate.Length > 0)
                errors.Add(FieldError.Forbidden(CertificatePath, "updates may not modify existing certificate content"));
        }

        ObjectMetaValidation.ValidateUpdate(errors, obj.GetMap("metadata") ?? Map.Empty, old.GetMap("metadata") ?? Map.Empty, Metadata);
    }

    private static void ValidateUsages(Sequence usages, Sequence? old, FieldErrorList errors)
    {
        var path = Spec.Child("usages");
        if (usages.Count == 0)
            errors.Add(FieldError.Required(path, ""));
        if (old is null || old.All(u => Usages.Contains(u.AsString)))
        {
            for (var i = 0; i < usages.Count; i++)
            {
                if (!Usages.Contains(usages[i].AsString))
                    errors.Add(FieldError.NotSupported(path.Index(i), usages[i], Usages));
            }
        }

        if (old is not null && old.Select(u => u.AsString).Distinct().Count() != old.Count)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < usages.Count; i++)
        {
            if (!seen.Add(usages[i].AsString ?? ""))
                errors.Add(FieldError.Duplicate(path.Index(i), usages[i]));
        }
    }

    private static void ValidateConditions(Map obj, Map? old, FieldErrorList errors)
    {
        var oldTypes = (old?.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty).Select(c => c.AsMap?.GetString("type") ?? "").ToList();
        var allowBoth = oldTypes.Contains("Approved") && oldTypes.Contains("Denied");
        var allowEmpty = oldTypes.Contains("");
        var allowDuplicates = oldTypes.Distinct().Count() != oldTypes.Count;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var conditions = obj.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty;
        for (var i = 0; i < conditions.Count; i++)
        {
            var type = conditions[i].AsMap?.GetString("type") ?? "";
            if (type.Length == 0 && !allowEmpty)
                errors.Add(FieldError.Required(ConditionsPath.Index(i).Child("type"), ""));
            string[] allowed = type is "Approved" or "Denied" or "Failed" ? ["True"] : ["False", "True", "Unknown"];
            var status = conditions[i].AsMap?.GetString("status") ?? "";
            if (status.Length == 0)
                errors.Add(FieldError.Required(ConditionsPath.Index(i).Child("status"), ""));
            else if (!allowed.Contains(status))
                errors.Add(FieldError.NotSupported(ConditionsPath.Index(i).Child("status"), status, allowed));
            if (!allowBoth && ((type == "Approved" && seen.Contains("Denied")) || (type == "Denied" && seen.Contains("Approved"))))
                errors.Add(FieldError.Invalid(ConditionsPath, type, "Approved and Denied conditions are mutually exclusive"));
            if (!seen.Add(type) && !allowDuplicates)
                errors.Add(FieldError.Duplicate(ConditionsPath.Index(i).Child("type"), type));
        }
    }

    /// <summary>Whether base64 text holds a PEM request with a good signature.</summary>
    private static string? RequestError(string base64)
    {
        const string NotPem = "PEM block type must be CERTIFICATE REQUEST";
        var text = Decode(base64);
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] is not "CERTIFICATE REQUEST")
            return NotPem;
        try
        {
            CertificateRequest.LoadSigningRequestPem(text, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
            return null;
        }
        catch (NotSupportedException)
        {
            // Which .NET cannot verify.
            return CertificateKey.IsSigned(Convert.FromBase64String(text[fields.Base64Data])) ? null : "x509: Ed25519 verification failure";
        }
        catch (CryptographicException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Whether base64 text, unless empty, holds nothing but PEM certificates.</summary>
    private static string? CertificateError(string base64)
    {
        if (base64.Length == 0)
            return null;
        var text = Decode(base64).AsSpan();
        var blocks = 0;
        while (PemEncoding.TryFind(text, out var fields))
        {
            var label = text[fields.Label].ToString();
            if (label != "CERTIFICATE")
                return $"only CERTIFICATE PEM blocks are allowed, found \"{label}\"";
            blocks++;
            try
            {
                using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text[fields.Base64Data].ToString()));
            }
            catch (CryptographicException exception)
            {
                return exception.Message;
            }

            text = text[fields.Location.End..];
        }

        return blocks == 0 ? "must contain at least one CERTIFICATE PEM block" : null;
    }

    private static string Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var written) ? System.Text.Encoding.ASCII.GetString(bytes, 0, written) : "";
    }
}
