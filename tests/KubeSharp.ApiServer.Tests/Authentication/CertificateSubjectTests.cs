using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiServer.Authentication;

namespace KubeSharp.ApiServer.Tests.Authentication;

/// <summary>Users in certificates, in the form that Go writes them: all organisations in one set.</summary>
public sealed class CertificateSubjectTests
{
    [Fact]
    public void Several_organisations_in_one_part_are_all_read()
    {
        var subject = CertificateSubject.Of(Name([("2.5.4.10", "a"), ("2.5.4.10", "b")], [("2.5.4.3", "jane")], [("1.3.6.1.4.1.57683.2", "uid-1")]));
        Assert.Equal("jane", subject.CommonName);
        Assert.Equal(["a", "b"], subject.Organizations);
        Assert.Equal(["uid-1"], subject.Uids);
    }

    [Fact]
    public void The_last_common_name_counts() =>
        Assert.Equal("y", CertificateSubject.Of(Name([("2.5.4.3", "x")], [("2.5.4.6", "DE")], [("2.5.4.3", "y")])).CommonName);

    private static X500DistinguishedName Name(params (string Id, string Value)[][] parts)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var part in parts)
            {
                using (writer.PushSetOf())
                {
                    foreach (var (id, value) in part)
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(id);
                            writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
                        }
                    }
                }
            }
        }

        return new X500DistinguishedName(writer.Encode());
    }
}
