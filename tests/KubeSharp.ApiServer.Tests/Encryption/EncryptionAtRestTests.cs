using System.Text.Json.Nodes;
using KubeSharp.Storage.Encryption;

namespace KubeSharp.ApiServer.Tests.Encryption;

/// <summary>Encryption at rest as a client and the store see it. Metrics are the process's: one test at a time reads them.</summary>
[Collection("encryption")]
public sealed class EncryptionAtRestTests
{
    private static readonly string AesA = EncryptedServer.Keys("aescbc", ("a", EncryptedServer.KeyA));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("aescbc")]
    [InlineData("aesgcm")]
    [InlineData("secretbox")]
    public async Task SecretsAreSealedAndConfigMapsAreNot(string provider)
    {
        await using var server = await EncryptedServer.StartAsync(EncryptedServer.Config(("secrets", [EncryptedServer.Keys(provider, ("a", EncryptedServer.KeyA))])), reload: false);
        await server.CreateSecretAsync("one");
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"one"},"data":{"key":"visible"}}""");
        var raw = await server.RawAsync("/registry/secrets/default/one");
        Assert.StartsWith($"k8s:enc:{provider}:v1:a:", raw, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", raw, StringComparison.Ordinal);
        var config = await server.RawAsync("/registry/configmaps/default/one");
        Assert.StartsWith("k8s\0", config, StringComparison.Ordinal);
        Assert.Contains("visible", config, StringComparison.Ordinal);

        // Every way of reading shows it as it was.
        Assert.Equal("aHVzaA==", (string)(await server.OkAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets/one"))["data"]!["key"]!);
        Assert.Equal("aHVzaA==", (string)(await server.OkAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets"))["items"]![0]!["data"]!["key"]!);
        var (code, patched) = await server.SendAsync(HttpMethod.Patch, "/api/v1/namespaces/default/secrets/one", """{"data":{"more":"aHVzaA=="}}""", "application/merge-patch+json");
        Assert.Equal((200, 2), (code, patched["data"]!.AsObject().Count));
        Assert.StartsWith($"k8s:enc:{provider}:v1:a:", await server.RawAsync("/registry/secrets/default/one"), StringComparison.Ordinal);
        // An old revision is read from the store's history.
        var revision = (string)(await server.OkAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets"))["metadata"]!["resourceVersion"]!;
        await server.OkAsync(HttpMethod.Delete, "/api/v1/namespaces/default/secrets/one");
        var old = await server.OkAsync(HttpMethod.Get, $"/api/v1/namespaces/default/secrets?resourceVersion={revision}&resourceVersionMatch=Exact");
        Assert.Equal("one", (string)old["items"]!.AsArray().Single()!["metadata"]!["name"]!);
        // The key in the store is what GCM is bound to, so that upstream opens it in the same place.
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Get, "/healthz/kms-providers")).Code);
    }

    [Fact]
    public async Task WildcardsSealCustomResourcesAndAllocationsToo()
    {
        await using var server = await EncryptedServer.StartAsync(EncryptedServer.Config(("events", ["identity: {}"]), ("*.*", [AesA])), reload: false);
        await server.OkAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"pandas.bears.example"},"spec":{"group":"bears.example","scope":"Cluster","names":{"plural":"pandas","kind":"Panda"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}
            """);
        while ((await server.SendAsync(HttpMethod.Get, "/apis/bears.example/v1/pandas")).Code != 200)
            await Task.Delay(20, Stop);
        await server.OkAsync(HttpMethod.Post, "/apis/bears.example/v1/pandas", """{"apiVersion":"bears.example/v1","kind":"Panda","metadata":{"name":"ping"},"spec":{"food":"bamboo"}}""");
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """{"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":80}]}}""");
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces/default/events", """{"metadata":{"name":"e"},"involvedObject":{"namespace":"default"}}""");
        foreach (var key in new[] { "bears.example/pandas/ping", "apiextensions.k8s.io/customresourcedefinitions/pandas.bears.example", "services/specs/default/s", "ranges/servicenodeports", "namespaces/default" })
            Assert.StartsWith("k8s:enc:aescbc:v1:a:", await server.RawAsync($"/registry/{key}"), StringComparison.Ordinal);
        Assert.StartsWith("k8s\0", await server.RawAsync("/registry/events/default/e"), StringComparison.Ordinal);
        Assert.Equal("bamboo", (string)(await server.OkAsync(HttpMethod.Get, "/apis/bears.example/v1/pandas/ping"))["spec"]!["food"]!);
    }

    [Fact]
    public async Task ReplacingWhatIsStaleMigratesItAndWhatIsNotStaysAsItIs()
    {
        await using var server = await EncryptedServer.StartAsync(EncryptedServer.Config(("secrets", ["identity: {}", AesA])));
        var plain = await server.CreateSecretAsync("one");
        Assert.StartsWith("k8s\0", await server.RawAsync("/registry/secrets/default/one"), StringComparison.Ordinal);
        var unchanged = await server.OkAsync(HttpMethod.Put, "/api/v1/namespaces/default/secrets/one", plain.ToJsonString());
        Assert.Equal((string)plain["metadata"]!["resourceVersion"]!, (string)unchanged["metadata"]!["resourceVersion"]!);

        // Encryption is turned on: the old value is read, and written sealed by a replace that changes nothing.
        await server.ReconfigureAsync(EncryptedServer.Config(("secrets", [AesA, "identity: {}"])));
        var read = await server.OkAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets/one");
        var replaced = await server.OkAsync(HttpMethod.Put, "/api/v1/namespaces/default/secrets/one", read.ToJsonString());
        Assert.NotEqual((string)read["metadata"]!["resourceVersion"]!, (string)replaced["metadata"]!["resourceVersion"]!);
        Assert.StartsWith("k8s:enc:aescbc:v1:a:", await server.RawAsync("/registry/secrets/default/one"), StringComparison.Ordinal);
        var again = await server.OkAsync(HttpMethod.Put, "/api/v1/namespaces/default/secrets/one", replaced.ToJsonString());
        Assert.Equal((string)replaced["metadata"]!["resourceVersion"]!, (string)again["metadata"]!["resourceVersion"]!);

        // The key is rotated.
        await server.ReconfigureAsync(EncryptedServer.Config(("secrets", [EncryptedServer.Keys("aescbc", ("b", EncryptedServer.KeyB), ("a", EncryptedServer.KeyA))])));
        var rotated = await server.OkAsync(HttpMethod.Put, "/api/v1/namespaces/default/secrets/one", again.ToJsonString());
        Assert.NotEqual((string)again["metadata"]!["resourceVersion"]!, (string)rotated["metadata"]!["resourceVersion"]!);
        Assert.StartsWith("k8s:enc:aescbc:v1:b:", await server.RawAsync("/registry/secrets/default/one"), StringComparison.Ordinal);
        Assert.Equal("aHVzaA==", (string)rotated["data"]!["key"]!);

        // And encryption is turned off.
        await server.ReconfigureAsync(EncryptedServer.Config(("secrets", ["identity: {}", EncryptedServer.Keys("aescbc", ("b", EncryptedServer.KeyB))])));
        await server.OkAsync(HttpMethod.Put, "/api/v1/namespaces/default/secrets/one", rotated.ToJsonString());
        Assert.StartsWith("k8s\0", await server.RawAsync("/registry/secrets/default/one"), StringComparison.Ordinal);
    }

    /// <summary>The texts are those of storage/etcd3/store.go around the transformer's.</summary>
    [Fact]
    public async Task WhatCannotBeOpenedFailsWhoAsksForItUntilItsKeyIsThere()
    {
        await using var server = await EncryptedServer.StartAsync(EncryptedServer.Config(("secrets", [AesA, "identity: {}"])));
        await server.CreateSecretAsync("good");
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"other"}}""");
        await server.OkAsync(HttpMethod.Post, "/api/v1/namespaces/other/secrets", """{"metadata":{"name":"fine"}}""");

        const string Key = "/registry/secrets/default/lost";
        const string Problem = "no matching key was found for the provided AES transformer";
        await server.CreateSecretAsync("lost");
        var opened = await new AesCbcTransformer(Convert.FromBase64String(EncryptedServer.KeyA)).FromStorageAsync(
            (await server.Server.Store.GetAsync(Key, 0, Stop)).KeyValue!.Value["k8s:enc:aescbc:v1:a:".Length..], default, Stop);
        var foreign = await new AesCbcTransformer(Convert.FromBase64String(EncryptedServer.KeyB)).ToStorageAsync(opened.Data, default, Stop);
        await server.PutRawAsync(Key, [.. "k8s:enc:aescbc:v1:b:"u8, .. foreign.Span]);

        const string Path = "/api/v1/namespaces/default/secrets";
        await AssertFailsAsync(server, HttpMethod.Get, $"{Path}/lost", null, Problem);
        await AssertFailsAsync(server, HttpMethod.Put, $"{Path}/lost", """{"metadata":{"name":"lost"}}""", Problem);
        await AssertFailsAsync(server, HttpMethod.Delete, $"{Path}/lost", null, Problem);
        await AssertFailsAsync(server, HttpMethod.Get, Path, null, $"unable to transform key \"{Key}\": {Problem}");
        await AssertFailsAsync(server, HttpMethod.Get, "/api/v1/secrets", null, $"unable to transform key \"{Key}\": {Problem}");
        Assert.Equal(409, (await server.SendAsync(HttpMethod.Post, Path, """{"metadata":{"name":"lost"}}""")).Code);
        Assert.Equal(429, (await server.SendAsync(HttpMethod.Get, $"{Path}?watch=true")).Code);

        // Nobody else is hurt.
        await server.OkAsync(HttpMethod.Get, $"{Path}/good");
        Assert.Single((await server.OkAsync(HttpMethod.Get, "/api/v1/namespaces/other/secrets"))["items"]!.AsArray());
        var page = await server.OkAsync(HttpMethod.Get, $"{Path}?limit=1");
        Assert.Equal("good", (string)page["items"]![0]!["metadata"]!["name"]!);
        await AssertFailsAsync(server, HttpMethod.Get, $"{Path}?limit=1&continue={page["metadata"]!["continue"]}", null, $"unable to transform key \"{Key}\": {Problem}");

        await server.ReconfigureAsync(EncryptedServer.Config(("secrets", [EncryptedServer.Keys("aescbc", ("a", EncryptedServer.KeyA), ("b", EncryptedServer.KeyB)), "identity: {}"])));
        Assert.Equal("aHVzaA==", (string)(await server.OkAsync(HttpMethod.Get, $"{Path}/lost"))["data"]!["key"]!);
        Assert.Equal(2, (await server.OkAsync(HttpMethod.Get, Path))["items"]!.AsArray().Count);
        await server.OkAsync(HttpMethod.Delete, $"{Path}/lost");
    }

    [Theory]
    [InlineData("k8s:enc:aescbc:v1:a:", "the stored data was shorter than the required size")]
    [InlineData("k8s:enc:aescbc:v1:a:0123456789abcdef0", "the stored data is not a multiple of the block size")]
    [InlineData("k8s:enc:aescbc:v1:a:0123456789abcdef", "invalid PKCS7 data (empty or not padded)")]
    [InlineData("k8s:enc:aesgcm:v1:a:0123456789abcdef0123456789abcdef", "no matching prefix found")]
    [InlineData("k8s:enc:", "no matching prefix found")]
    public async Task DamagedValuesAreNamedAndGoAwayWithTheirKeys(string value, string problem)
    {
        await using var server = await EncryptedServer.StartAsync(EncryptedServer.Config(("secrets", [AesA, "identity: {}"])), reload: false);
        await server.PutRawAsync("/registry/secrets/default/broken", System.Text.Encoding.Latin1.GetBytes(value));
        await AssertFailsAsync(server, HttpMethod.Get, "/api/v1/namespaces/default/secrets/broken", null, problem);
        await AssertFailsAsync(server, HttpMethod.Get, "/api/v1/namespaces/default/secrets", null, $"unable to transform key \"/registry/secrets/default/broken\": {problem}");
        var item = (await server.Server.Store.GetAsync("/registry/secrets/default/broken", 0, Stop)).KeyValue!;
        await server.Server.Store.DeleteAsync(item.Key, item.ModRevision, Stop);
        Assert.Empty((await server.OkAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets"))["items"]!.AsArray());
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/default/secrets/broken")).Code);
    }

    [Fact]
    public async Task AServerStartsOverValuesWhoseKeyItDoesNotHave()
    {
        await using var first = await EncryptedServer.StartAsync(EncryptedServer.Config(("secrets", [AesA])), reload: false);
        await first.CreateSecretAsync("a");
        await first.OkAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"plain"}}""");
        var config = first.ConfigPath + ".second";
        await File.WriteAllTextAsync(config, EncryptedServer.Config(("secrets", [EncryptedServer.Keys("aesgcm", ("a", EncryptedServer.KeyA)), "identity: {}"])), Stop);
        var options = first.Server.Server.Options with { SecurePort = Testing.TestApiServer.FreePort(), EncryptionProviderConfig = config };
        await using var second = ApiServer.Build(options, first.Server.Store, TimeProvider.System, static _ => { });
        await second.StartAsync(Stop);
        using var client = Testing.TestApiServer.AdminClient(options.DataDirectory, options.SecurePort);
        foreach (var (path, problem) in new[] { ("secrets/a", "no matching prefix found"), ("secrets", "unable to transform key \"/registry/secrets/default/a\": no matching prefix found") })
        {
            using var response = await client.GetAsync($"/api/v1/namespaces/default/{path}", Stop);
            Assert.Equal(500, (int)response.StatusCode);
            Assert.Equal(problem, (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["message"]!);
        }

        using var configMap = await client.GetAsync("/api/v1/namespaces/default/configmaps/plain", Stop);
        Assert.Equal(200, (int)configMap.StatusCode);
    }

    [Fact]
    public async Task AWatchEndsWhenAnObjectCanNoLongerBeRead()
    {
        await using var server = await EncryptedServer.StartAsync(EncryptedServer.Config(("secrets", [AesA])), reload: false);
        await server.CreateSecretAsync("one");
        using var stream = await server.Client.GetStreamAsync("/api/v1/namespaces/default/secrets?watch=true", Stop).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        using var reader = new StreamReader(stream);
        Assert.Contains("ADDED", await reader.ReadLineAsync(Stop), StringComparison.Ordinal);
        await server.PutRawAsync("/registry/secrets/default/one", "k8s:enc:aescbc:v1:a:x"u8.ToArray());
        Assert.Null(await reader.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop));
    }

    [Fact]
    public async Task SealedValuesAreRefusedWithoutAConfiguration()
    {
        await using var server = await Testing.TestApiServer.StartAsync(cancellationToken: Stop);
        using var client = server.AdminClient();
        await server.Store.PutAsync("/registry/secrets/default/sealed", 0, "k8s:enc:aescbc:v1:a:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"u8.ToArray(), 0, null, Stop);
        using var response = await client.GetAsync("/api/v1/namespaces/default/secrets/sealed", Stop);
        Assert.Equal("identity transformer tried to read encrypted data", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["message"]!);
        Assert.Equal(500, (int)response.StatusCode);
    }

    [Fact]
    public async Task AWrongConfigurationLeavesTheOneBefore()
    {
        await using var server = await EncryptedServer.StartAsync(EncryptedServer.Config(("secrets", [AesA])));
        var failures = await server.MetricAsync("apiserver_encryption_config_controller_automatic_reloads_total{status=\"failure\"");
        await File.WriteAllTextAsync(server.ConfigPath, EncryptedServer.Config(("secrets", ["aescbc: {keys: []}"])), Stop);
        while (await server.MetricAsync("apiserver_encryption_config_controller_automatic_reloads_total{status=\"failure\"") == failures)
            await Task.Delay(10, Stop);
        await server.CreateSecretAsync("one");
        Assert.StartsWith("k8s:enc:aescbc:v1:a:", await server.RawAsync("/registry/secrets/default/one"), StringComparison.Ordinal);
        await server.ReconfigureAsync(EncryptedServer.Config(("secrets", [EncryptedServer.Keys("secretbox", ("c", EncryptedServer.KeyB)), AesA])));
        await server.CreateSecretAsync("two");
        Assert.StartsWith("k8s:enc:secretbox:v1:c:", await server.RawAsync("/registry/secrets/default/two"), StringComparison.Ordinal);
        Assert.NotEmpty(await server.MetricAsync("apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds{status=\"success\""));
        Assert.NotEmpty(await server.MetricAsync("apiserver_storage_transformation_operations_total{resource=\"secrets\",transformation_type=\"to_storage\",transformer_prefix=\"k8s:enc:secretbox:v1:\",status=\"OK\"}"));
        Assert.Equal("ok", (string)(await server.SendAsync(HttpMethod.Get, "/readyz/kms-providers")).Body!);
        Assert.Equal("ok", (string)(await server.SendAsync(HttpMethod.Get, "/healthz/poststarthook/start-encryption-provider-config-automatic-reload")).Body!);
    }

    [Fact]
    public async Task AServerDoesNotStartWithAWrongConfiguration()
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => EncryptedServer.StartAsync("kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\n"));
        Assert.Equal("error while parsing file: resources: Required value: at least one resources is required", error.Message);
    }

    private static async Task AssertFailsAsync(EncryptedServer server, HttpMethod method, string path, string? body, string message)
    {
        // The feed sees a write past the API server a moment later.
        var (code, answer) = await server.SendAsync(method, path, body);
        Assert.Equal(message, (string)answer["message"]!);
        Assert.Equal(500, code);
        Assert.Null(answer["reason"]);
    }
}
