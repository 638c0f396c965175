using KubeSharp.ApiServer.Serving;
using KubeSharp.ApiServer.Encryption;
using KubeSharp.Storage.Tests.Encryption.Kms;

namespace KubeSharp.ApiServer.Tests.Encryption;

/// <summary>An API server with a key management service, and without the one that it should have.</summary>
[Collection("encryption")]
public sealed class KmsServerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kubesharp-kms-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Config(string timeout) =>
        EncryptedServer.Config(("secrets", [$"kms: {{apiVersion: v2, name: prov, endpoint: 'unix://{_directory}/kms.sock', timeout: {timeout}}}"]));

    [Fact]
    public async Task SecretsAreSealedByTheServicesKey()
    {
        await using var kms = await FakeKmsServer.StartAsync(Path.Combine(_directory, "kms.sock"));
        await using var server = await EncryptedServer.StartAsync(Config("30s"), reload: false);
        await server.CreateSecretAsync("one");
        Assert.StartsWith("k8s:enc:kms:v2:prov:", await server.RawAsync("/registry/secrets/default/one"), StringComparison.Ordinal);
        Assert.Equal("aHVzaA==", (string)(await server.OkAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets/one"))["data"]!["key"]!);
        foreach (var endpoint in new[] { "healthz", "readyz" })
            Assert.Equal("ok", (string)(await server.SendAsync(HttpMethod.Get, $"/{endpoint}/kms-providers")).Body!);
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Get, "/livez/kms-providers")).Code);
        Assert.Equal(1, kms.CallsOf("Encrypt"));
        Assert.NotEmpty(await server.MetricAsync("apiserver_envelope_encryption_key_id_hash_total{transformation_type=\"to_storage\",provider_name=\"prov\""));
        Assert.NotEmpty(await server.MetricAsync("apiserver_envelope_encryption_kms_operations_latency_seconds_count{provider_name=\"prov\",method_name=\"/v2.KeyManagementService/Encrypt\",grpc_status_code=\"OK\"}"));
    }

    [Fact]
    public async Task WithoutTheServiceTheServerStartsAndSaysWhatIsMissing()
    {
        await using var server = await EncryptedServer.StartAsync(Config("50ms"), reload: false);
        var (code, answer) = await server.SendAsync(HttpMethod.Get, "/readyz/kms-providers");
        Assert.Equal(500, code);
        Assert.Contains("kms-provider-0: ", (string)answer!, StringComparison.Ordinal);
        Assert.EndsWith("rpc error: code = DeadlineExceeded desc = context deadline exceeded\n", (string)answer!, StringComparison.Ordinal);
        (code, answer) = await server.SendAsync(HttpMethod.Get, "/healthz");
        Assert.Equal(500, code);
        Assert.Contains("[-]kms-providers failed: reason withheld", (string)answer!, StringComparison.Ordinal);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/livez")).Code);
        (code, answer) = await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"one"}}""");
        Assert.Equal((500, "got unexpected nil transformer"), (code, (string)answer["message"]!));
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"one"}}""");
    }

    [Fact]
    public async Task WhenTheServiceComesBackWhatItSealedIsReadAgain()
    {
        const string Key = "/registry/secrets/default/one";
        string raw;
        await using (await FakeKmsServer.StartAsync(Path.Combine(_directory, "kms.sock")))
        await using (var before = await EncryptedServer.StartAsync(Config("30s"), reload: false))
        {
            await before.CreateSecretAsync("one");
            raw = (await before.RawAsync(Key))!;
        }

        await using var server = await EncryptedServer.StartAsync(Config("50ms"), reload: false);
        await server.PutRawAsync(Key, System.Text.Encoding.Latin1.GetBytes(raw));
        Assert.Equal(500, (await server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets/one")).Code);
        Assert.Equal(500, (await server.SendAsync(HttpMethod.Get, "/api/v1/secrets")).Code);
        await using var kms = await FakeKmsServer.StartAsync(Path.Combine(_directory, "kms.sock"));
        while ((await server.SendAsync(HttpMethod.Get, "/readyz/kms-providers")).Code != 200)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        var list = await server.OkAsync(HttpMethod.Get, "/api/v1/secrets");
        Assert.Equal("aHVzaA==", (string)list["items"]!.AsArray().Single()!["data"]!["key"]!);
        Assert.Equal(1, kms.CallsOf("Decrypt"));
        await server.CreateSecretAsync("two");
    }

    /// <summary>Computed with base32 and sha256 of Python's library.</summary>
    [Theory]
    [InlineData("test-host", "apiserver-zaglfayibik567dygyfh7vm4h4")]
    [InlineData("", "apiserver-4oymiquy7qobjgx36tejs35zeq")]
    public void ServersAreNamedAfterTheirHosts(string host, string expected) => Assert.Equal(expected, ApiServerIdentity.Of(host));
}
