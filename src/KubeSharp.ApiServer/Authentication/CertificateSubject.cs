using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// The parts of a distinguished name that make a user. Read from the encoding itself, because Go writes several
/// organisations as one part with several values, which X500DistinguishedName does not take apart.
/// Source: crypto/x509/pkix FillFromRDNSequence; apiserver/pkg/authentication/request/x509, v1.36.
/// </summary>
internal sealed record CertificateSubject(string CommonName, IReadOnlyList<string> Organizations, IReadOnlyList<string> Uids)
{
    private const string CommonNameId = "2.5.4.3";
    private const string OrganizationId = "2.5.4.10";
    private const string UidId = "1.3.6.1.4.1.57683.2";

    /// <exception cref="AsnContentException">The name is not well formed.</exception>
    public static CertificateSubject Of(X500DistinguishedName name)
    {
        var commonName = "";
        var organizations = new List<string>();
        var uids = new List<string>();
        var parts = new AsnReader(name.RawData, AsnEncodingRules.DER).ReadSequence();
        while (parts.HasData)
        {
            var values = parts.ReadSetOf(skipSortOrderValidation: true);
            while (values.HasData)
            {
                var pair = values.ReadSequence();
                var id = pair.ReadObjectIdentifier();
                if (id is not (CommonNameId or OrganizationId or UidId))
                    continue;
                var text = pair.ReadCharacterString((UniversalTagNumber)pair.PeekTag().TagValue);
                if (id == CommonNameId)
                    commonName = text;
                else
                    (id == OrganizationId ? organizations : uids).Add(text);
            }
        }

        return new CertificateSubject(commonName, organizations, uids);
    }
}
