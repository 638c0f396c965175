using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.Storage.Encryption;
using KubeSharp.Storage.Encryption.Kms;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.Storage.Tests.Encryption.Kms;

/// <summary>KMS v2 with a service on a unix socket: sealing and opening, rotation, and what happens while it is away.</summary>
public sealed class KmsProviderTests : IAsyncLifetime
{
    private static readonly ValueContext Place = new("/registry/secrets/default/a", "secrets");
    private static readonly GroupResource Secrets = new("", "secrets");

    private readonly string _directory = Directory.CreateTempSubdirectory("kubesharp-kms-").FullName;
    private readonly ManualTime _time = new();
    private FakeKmsServer _kms = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Socket => Path.Combine(_directory, "kms.sock");

    public async ValueTask InitializeAsync() => _kms = await FakeKmsServer.StartAsync(Socket);

    public async ValueTask DisposeAsync()
    {
        await _kms.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task OneDataKeySealsManyValuesAndIsAskedForOnce()
    {
        using var writer = Load();
        Assert.Null(await writer.CheckAsync(Stop));
        var stored = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; i < 10; i++)
            stored.Add(await SealAsync(writer, $"value {i}"));
        Assert.All(stored, s => Assert.StartsWith("k8s:enc:kms:v2:prov:", Text(s), StringComparison.Ordinal));
        Assert.All(stored, s => Assert.DoesNotContain("value", Text(s), StringComparison.Ordinal));
        for (var i = 0; i < 10; i++)
            Assert.Equal(($"value {i}", false), await OpenAsync(writer, stored[i]));
        Assert.Equal(1, _kms.CallsOf("Encrypt"));
        Assert.Equal(0, _kms.CallsOf("Decrypt"));

        // Another server has another data key, and asks for this one once.
        using var reader = Load();
        Assert.Null(await reader.CheckAsync(Stop));
        for (var i = 0; i < 10; i++)
            Assert.Equal(($"value {i}", false), await OpenAsync(reader, stored[i]));
        Assert.Equal(1, _kms.CallsOf("Decrypt"));
    }

    [Fact]
    public async Task AnotherKeyMakesOldValuesStale()
    {
        using var providers = Load();
        Assert.Null(await providers.CheckAsync(Stop));
        var old = await SealAsync(providers, "value");
        _kms.KeyId = "key-2";
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await providers.CheckAsync(Stop));
        Assert.Equal(("value", true), await OpenAsync(providers, old));
        var renewed = await SealAsync(providers, "value");
        Assert.Equal(("value", false), await OpenAsync(providers, renewed));
        Assert.Contains("key-2", Text(renewed), StringComparison.Ordinal);
        Assert.Equal(2, _kms.CallsOf("Encrypt"));
    }

    [Fact]
    public async Task TheSameKeyKeepsItsDataKey()
    {
        using var providers = Load();
        for (var i = 0; i < 5; i++)
        {
            Assert.Null(await providers.CheckAsync(Stop));
            _time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(5, _kms.CallsOf("Status"));
        Assert.Equal(1, _kms.CallsOf("Encrypt"));
    }

    [Fact]
    public async Task AHealthyServiceIsNotAskedAgainForTwentySeconds()
    {
        using var providers = Load();
        Assert.Null(await providers.CheckAsync(Stop));
        _time.Advance(TimeSpan.FromSeconds(19));
        _kms.Healthz = "broken";
        Assert.Null(await providers.CheckAsync(Stop));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("kms-provider-0: kmsv2 Provider prov is not healthy, error: got unexpected healthz status: broken", await providers.CheckAsync(Stop));
        _kms.Healthz = "ok";
        Assert.NotNull(await providers.CheckAsync(Stop));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(await providers.CheckAsync(Stop));
    }

    /// <summary>Texts of isKMSv2ProviderHealthyAndMaybeRotateDEK.</summary>
    [Theory]
    [InlineData("v1", "ok", "k", "expected KMSv2 API version v2, got v1")]
    [InlineData("v2", "ok", "", "got invalid KMSv2 KeyID hash \"\": keyID is empty")]
    [InlineData("v3", "sick", "k", "[got unexpected healthz status: sick, expected KMSv2 API version v2, got v3]")]
    public async Task WrongAnswersAreNamed(string version, string healthz, string keyId, string expected)
    {
        (_kms.Version, _kms.Healthz, _kms.KeyId) = (version, healthz, keyId);
        using var providers = Load();
        Assert.Equal($"kms-provider-0: kmsv2 Provider prov is not healthy, error: {expected}", await providers.CheckAsync(Stop));
    }

    [Fact]
    public async Task TheVersionMustNotChange()
    {
        using var providers = Load();
        Assert.Null(await providers.CheckAsync(Stop));
        _kms.Version = "v2beta1";
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("kms-provider-0: kmsv2 Provider prov is not healthy, error: KMSv2 API version should not change after the initial status response version v2, got v2beta1", await providers.CheckAsync(Stop));
    }

    [Fact]
    public async Task ADataKeyOfAnotherKeyThanStatusNamesIsNotUsed()
    {
        _kms.EncryptKeyId = "other";
        using var providers = Load();
        var error = await providers.CheckAsync(Stop);
        Assert.Contains("failed to rotate DEK uid=", error, StringComparison.Ordinal);
        Assert.Contains($"statusKeyIDHash=\"{EnvelopeState.HashOf("key-1")}\", encryptKeyIDHash=\"{EnvelopeState.HashOf("other")}\", stateKeyIDHash=\"\"", error, StringComparison.Ordinal);
        Assert.Equal("got unexpected nil transformer", (await Assert.ThrowsAsync<TransformException>(() => SealAsync(providers, "x"))).Message);
    }

    [Fact]
    public async Task WhileTheServiceIsAwayWritesGoOnForThreeMinutesAndReadsForEver()
    {
        using var providers = Load();
        Assert.Null(await providers.CheckAsync(Stop));
        var stored = await SealAsync(providers, "value");
        _kms.Failures["Status"] = "14:away";
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal("kms-provider-0: failed to perform status section of the healthz check for KMS Provider prov, error: rpc error: code = Unavailable desc = away", await providers.CheckAsync(Stop));
        // Asked again too soon, only the bare error is told.
        Assert.Equal("kms-provider-0: rpc error: code = Unavailable desc = away", await providers.CheckAsync(Stop));
        await SealAsync(providers, "still written");
        _time.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<TransformException>(() => SealAsync(providers, "no more"));
        Assert.Equal($"encryptedDEKSource with keyID hash \"{EnvelopeState.HashOf("key-1")}\" expired at 1970-01-01T00:03:00Z (current time is 1970-01-01T00:03:01Z)", error.Message);
        Assert.Equal(("value", false), await OpenAsync(providers, stored));
        _kms.Failures.Clear();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await providers.CheckAsync(Stop));
        await SealAsync(providers, "again");
    }

    [Fact]
    public async Task ADataKeyThatTheServiceRefusesToOpenIsAnError()
    {
        ReadOnlyMemory<byte> stored;
        using (var writer = Load())
        {
            Assert.Null(await writer.CheckAsync(Stop));
            stored = await SealAsync(writer, "value");
        }

        using var reader = Load();
        Assert.Null(await reader.CheckAsync(Stop));
        _kms.Failures["Decrypt"] = "7:key is disabled";
        var error = await Assert.ThrowsAsync<TransformException>(() => OpenAsync(reader, stored));
        Assert.Equal("failed to decrypt DEK, error: rpc error: code = PermissionDenied desc = key is disabled", error.Message);
        Assert.Equal("PermissionDenied", error.GrpcCode);
        _kms.Failures.Clear();
        Assert.Equal(("value", false), await OpenAsync(reader, stored));
    }

    [Fact]
    public async Task ASocketThatIsNotThereIsWaitedForNoLongerThanTheTimeout()
    {
        using var service = new GrpcKmsService($"unix://{_directory}/none.sock", "prov", TimeSpan.FromMilliseconds(100), NoEncryptionMetrics.Instance, TimeProvider.System);
        var error = await Assert.ThrowsAsync<TransformException>(() => service.StatusAsync(Stop));
        Assert.Equal("rpc error: code = DeadlineExceeded desc = context deadline exceeded", error.Message);
    }

    [Fact]
    public async Task AServiceThatStartsWithinTheTimeoutIsReached()
    {
        var socket = Path.Combine(_directory, "late.sock");
        using var service = new GrpcKmsService($"unix://{socket}", "prov", TimeSpan.FromSeconds(30), NoEncryptionMetrics.Instance, TimeProvider.System);
        var status = service.StatusAsync(Stop);
        await using var late = await FakeKmsServer.StartAsync(socket);
        Assert.Equal(new KmsStatus("v2", "ok", "key-1"), await status);
    }

    /// <summary>As Go's protobuf package marshals the same requests.</summary>
    [Fact]
    public async Task RequestsAreUpstreamsBytes()
    {
        using var service = new GrpcKmsService(_kms.Endpoint, "prov", TimeSpan.FromSeconds(30), NoEncryptionMetrics.Instance, TimeProvider.System);
        await service.StatusAsync(Stop);
        Assert.Equal("", _kms.LastRequest["Status"]);
        await service.EncryptAsync("uid-1", "dek"u8.ToArray(), Stop);
        Assert.Equal("0a0364656b12057569642d31", _kms.LastRequest["Encrypt"]);
        var request = new KmsCiphertext(new byte[] { 1, 2, 3 }, "key", new Dictionary<string, ReadOnlyMemory<byte>> { ["a.b"] = new byte[] { 9 } }).DecryptRequest("uid-2");
        Assert.Equal("0a0301020312057569642d321a036b657922080a03612e62120109", Convert.ToHexStringLower(request));
        Assert.Equal(new KmsStatus("v2", "ok", "key"), KmsStatus.Parse(Convert.FromHexString("0a02763212026f6b1a036b6579")));
        var answer = KmsCiphertext.Parse(Convert.FromHexString("0a0301020312036b65791a080a03612e62120109"));
        Assert.Equal(("key", "010203", "a.b", "09"), (answer.KeyId, Convert.ToHexStringLower(answer.Ciphertext.Span), answer.Annotations.Keys.Single(), Convert.ToHexStringLower(answer.Annotations.Values.Single().Span)));
        Assert.Equal("dek"u8.ToArray(), KmsCiphertext.ParseDecryptResponse(Convert.FromHexString("0a0364656b")));
    }

    [Theory]
    [InlineData("unix:///run/kms.sock", "/run/kms.sock")]
    [InlineData("unix:///@kms", "\0kms")]
    [InlineData("unix:///run/a%20b.sock", "/run/a b.sock")]
    [InlineData("unix:/run/kms.sock", "/run/kms.sock")]
    public void EndpointsAreUpstreams(string endpoint, string expected) => Assert.Equal(expected, GrpcKmsService.SocketPath(endpoint));

    [Fact]
    public async Task TheProbeFollowsAChangedKeyByItself()
    {
        using var providers = Load();
        Assert.Null(await providers.CheckAsync(Stop));
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = providers.RunAsync(stopping.Token);
        _kms.KeyId = "key-2";
        _time.Advance(TimeSpan.FromMinutes(1));
        while (providers.Probes[0].State().DekSource.KeyId != "key-2")
            await Task.Delay(5, Stop);
        await stopping.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    private EncryptionProviders Load()
    {
        var path = Path.Combine(_directory, "config.yaml");
        // Clocks by hand do not end calls; the timeout is only there to be long enough.
        File.WriteAllText(path, $$"""
            kind: EncryptionConfiguration
            apiVersion: apiserver.config.k8s.io/v1
            resources:
            - resources: [secrets]
              providers:
              - kms: {apiVersion: v2, name: prov, endpoint: 'unix://{{Socket}}', timeout: 24h}
            """);
        return EncryptionProviders.Load(path, false, new EncryptionEnvironment(NoEncryptionMetrics.Instance, _time, NullLogger.Instance));
    }

    private static async Task<ReadOnlyMemory<byte>> SealAsync(EncryptionProviders providers, string value) =>
        await providers.For(Secrets).ToStorageAsync(System.Text.Encoding.UTF8.GetBytes(value), Place, Stop);

    private static async Task<(string Value, bool Stale)> OpenAsync(EncryptionProviders providers, ReadOnlyMemory<byte> stored)
    {
        var value = await providers.For(Secrets).FromStorageAsync(stored, Place, Stop);
        return (System.Text.Encoding.UTF8.GetString(value.Data.Span), value.Stale);
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.Latin1.GetString(bytes.Span);
}
