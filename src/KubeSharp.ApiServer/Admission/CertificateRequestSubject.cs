using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeSharp.ApiServer.Authentication;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Reads the subject of a PEM certificate request (pkg/apis/certificates/helpers.go ParseCSR, v1.36).</summary>
internal static class CertificateRequestSubject
{
    /// <returns>The common name (empty when there is none), or null with what is wrong.</returns>
    public static string? CommonName(string? base64, out string? problem) => Read(base64, out problem)?.CommonName;

    /// <returns>The subject, or null with what is wrong.</returns>
    public static CertificateSubject? Read(string? base64, out string? problem)
    {
        problem = null;
        try
        {
            var pem = Encoding.UTF8.GetString(Convert.FromBase64String(base64 ?? ""));
            if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] is not ("CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST"))
            {
                problem = "PEM block type must be CERTIFICATE REQUEST";
                return null;
            }

            var request = CertificateRequest.LoadSigningRequest(Convert.FromBase64String(pem[fields.Base64Data]), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation);
            return CertificateSubject.Of(request.SubjectName);
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException or System.Formats.Asn1.AsnContentException)
        {
            problem = exception.Message;
            return null;
        }
    }
}
