using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeSharp.Storage.Etcd;

namespace KubeSharp.Storage.Tests.Etcd;

/// <summary>An etcd that wants client certificates.</summary>
public sealed class EtcdTlsTests : IDisposable
{
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly string _folder = Directory.CreateTempSubdirectory("kubesharp-tls-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("client", "ca", true)]
    [InlineData("stranger", "ca", false)] // signed by somebody else
    [InlineData("", "ca", false)]
    [InlineData("client", "other", false)] // the member's certificate is not what it should be
    public async Task Both_sides_show_who_they_are(string certificate, string authority, bool allowed)
    {
        using var ca = Authority("ca");
        using var other = Authority("other");
        Sign(ca, "server", "1.3.6.1.5.5.7.3.1");
        Sign(ca, "client", ClientUsage);
        Sign(other, "stranger", ClientUsage);
        var port = EtcdCluster.FreePort();
        await using var cluster = await EtcdCluster.StartAsync(
            1, "--listen-client-urls", $"{{client}},https://127.0.0.1:{port}", "--cert-file", File("server.crt"), "--key-file", File("server.key"),
            "--trusted-ca-file", File("ca.crt"), "--client-cert-auth");
        await using var store = EtcdStore.Open(new EtcdStoreOptions
        {
            Endpoints = [$"https://127.0.0.1:{port}"],
            CaFile = File($"{authority}.crt"),
            CertFile = certificate.Length > 0 ? File($"{certificate}.crt") : "",
            KeyFile = certificate.Length > 0 ? File($"{certificate}.key") : "",
        });
        if (!allowed)
        {
            var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.PutAsync("/registry/a", 0, "b"u8.ToArray(), 0, null, Stop));
            Assert.NotEmpty(refused.Message);
            return;
        }

        Assert.True((await store.PutAsync("/registry/a", 0, "b"u8.ToArray(), 0, null, Stop)).Succeeded);
        Assert.Equal("b", Encoding.UTF8.GetString((await store.GetAsync("/registry/a", 0, Stop)).KeyValue!.Value.Span));
        await foreach (var batch in store.WatchAsync("/registry/", 1, Stop))
        {
            if (batch.Events.Count > 0)
                break;
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_at_the_start()
    {
        var error = Assert.Throws<FormatException>(() => EtcdStore.Open(new EtcdStoreOptions { Endpoints = ["https://127.0.0.1:1"], CaFile = File("missing.crt") }));
        Assert.StartsWith("etcd client files: ", error.Message, StringComparison.Ordinal);
    }

    private string File(string name) => Path.Combine(_folder, name);

    private X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        System.IO.File.WriteAllText(File($"{name}.crt"), certificate.ExportCertificatePem());
        return certificate;
    }

    private void Sign(X509Certificate2 authority, string name, string usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        // etcd asks itself with the server's certificate too.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usage == ClientUsage ? [new Oid(usage)] : [new Oid(usage), new Oid(ClientUsage)], false));
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(23), RandomNumberGenerator.GetBytes(8));
        System.IO.File.WriteAllText(File($"{name}.crt"), certificate.ExportCertificatePem());
        System.IO.File.WriteAllText(File($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
