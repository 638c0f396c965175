using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Tests;
using KubeSharp.ApiServer.Cache;
using KubeSharp.Storage;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Cache;

/// <summary>A store that other servers have written: in other encodings and versions, without defaults that came later.</summary>
public sealed class StoredEncodingsTests : IAsyncLifetime
{
    private const string Deployment = "/apis/apps/v1/namespaces/default/deployments/old";
    private const string Key = "/registry/deployments/default/old";

    private TestApiServer _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestApiServer.StartAsync(cancellationToken: Stop);
        _client = _server.AdminClient();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    public static TheoryData<string> Deployments => new(
        """{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"old","namespace":"default","uid":"u","creationTimestamp":"2020-01-01T00:00:00Z"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""",
        """ {"apiVersion":"extensions/v1beta1","kind":"Deployment","metadata":{"name":"old","namespace":"default","uid":"u","creationTimestamp":"2020-01-01T00:00:00Z"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""",
        "kind: Deployment\napiVersion: apps/v1beta2\nmetadata:\n  name: old\n  namespace: default\n  uid: u\n  creationTimestamp: '2020-01-01T00:00:00Z'\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers: [{name: c, image: i}]\n");

    [Theory]
    [MemberData(nameof(Deployments))]
    public async Task It_is_read_as_if_it_were_new_and_written_anew_by_an_update_that_changes_nothing(string stored)
    {
        using var watch = await _client.GetAsync("/apis/apps/v1/deployments?watch=true", HttpCompletionOption.ResponseHeadersRead, Stop);
        using var events = new StreamReader(await watch.Content.ReadAsStreamAsync(Stop));
        var put = await _server.Store.PutAsync(Key, 0, Encoding.UTF8.GetBytes(stored), 0, null, Stop);

        var read = await GetAsync();
        Assert.Equal("apps/v1", (string)read["apiVersion"]!);
        Assert.Equal($"{put.Revision}", (string)read["metadata"]!["resourceVersion"]!);
        // Defaults, of the kind and of its pods.
        Assert.Equal(1, (int)read["spec"]!["replicas"]!);
        Assert.Equal("RollingUpdate", (string)read["spec"]!["strategy"]!["type"]!);
        Assert.Equal("Always", (string)read["spec"]!["template"]!["spec"]!["restartPolicy"]!);
        var change = JsonNode.Parse((await events.ReadLineAsync(Stop))!)!;
        Assert.Equal("ADDED", (string)change["type"]!);
        Assert.True(JsonNode.DeepEquals(read["spec"], change["object"]!["spec"]));
        await InProtobufAsync(read);

        using var body = new StringContent(read.ToJsonString(), Encoding.UTF8, "application/json");
        using var updated = await _client.PutAsync(Deployment, body, Stop);
        var text = await updated.Content.ReadAsStringAsync(Stop);
        Assert.True(updated.IsSuccessStatusCode, text);
        var written = (await _server.Store.GetAsync(Key, 0, Stop)).KeyValue!;
        Assert.True(written.ModRevision > put.Revision);
        Assert.True(ProtobufEnvelope.TryUnwrap(written.Value.Span, out var kind, out _));
        Assert.Equal("apps/v1", kind.GroupVersion.ToString());

        // Only once.
        using var again = new StringContent(text, Encoding.UTF8, "application/json");
        (await _client.PutAsync(Deployment, again, Stop)).Dispose();
        Assert.Equal(written.ModRevision, (await _server.Store.GetAsync(Key, 0, Stop)).KeyValue!.ModRevision);
    }

    [Theory]
    [InlineData("{\"kind\":\"Deployment\"")]
    [InlineData("{\"apiVersion\":\"apps/v1\",\"metadata\":{\"name\":\"old\"}}")]
    [InlineData("{\"kind\":\"Deployment\",\"apiVersion\":\"apps/v0\",\"metadata\":{\"name\":\"old\"}}")]
    [InlineData("{\"kind\":\"Deployment\",\"apiVersion\":\"apps/v1\",\"spec\":{\"replicas\":\"many\"}}")]
    [InlineData("no object")]
    [InlineData("")]
    public async Task What_cannot_be_read_is_an_error_and_no_silence(string stored)
    {
        await _server.Store.PutAsync(Key, 0, Encoding.UTF8.GetBytes(stored), 0, null, Stop);
        foreach (var path in (string[])[Deployment, "/apis/apps/v1/deployments"])
        {
            using var response = await _client.GetAsync(path, Stop);
            Assert.Equal(500, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("application/json", "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"c\",\"namespace\":\"default\",\"uid\":", "},\"data\":{\"a\":\"\u00e9\",\"k\":\"v\\u003c\\u0026\\u003e\"}}\n")]
    [InlineData("application/yaml", "apiVersion: v1\ndata:\n  a: \u00e9\n  k: v<&>\nkind: ConfigMap\nmetadata:\n  creationTimestamp:", "\n")]
    public async Task Another_media_type_is_written_as_kube_apiserver_writes_it(string mediaType, string begin, string end)
    {
        await using var server = await TestApiServer.StartAsync(o => o with { Etcd = o.Etcd with { StorageMediaType = mediaType } }, Stop);
        using var client = server.AdminClient();
        using var body = new StringContent("""{"metadata":{"name":"c"},"data":{"k":"v<&>","a":"é"}}""", Encoding.UTF8, "application/json");
        using var created = await client.PostAsync("/api/v1/namespaces/default/configmaps", body, Stop);
        Assert.Equal(201, (int)created.StatusCode);
        var value = (await server.Store.GetAsync("/registry/configmaps/default/c", 0, Stop)).KeyValue!;
        var text = Encoding.UTF8.GetString(value.Value.Span);
        Assert.StartsWith(begin, text, StringComparison.Ordinal);
        Assert.EndsWith(end, text, StringComparison.Ordinal);

        // An update that changes nothing does not write, and one does that changes something.
        var read = await created.Content.ReadAsStringAsync(Stop);
        using var same = new StringContent(read, Encoding.UTF8, "application/json");
        (await client.PutAsync("/api/v1/namespaces/default/configmaps/c", same, Stop)).Dispose();
        Assert.Equal(value.ModRevision, (await server.Store.GetAsync("/registry/configmaps/default/c", 0, Stop)).KeyValue!.ModRevision);
    }

    [Fact]
    public void All_encodings_of_upstreams_samples_are_one_object()
    {
        Assert.SkipWhen(GoldenData.Root is null, GoldenData.Missing);
        var count = 0;
        foreach (var resource in _server.Server.Resources.All.Where(r => r.IsStored && r.GroupVersion == r.Resource.StorageVersion))
        {
            var codec = resource.Store.Cache.Codec;
            foreach (var version in Directory.GetDirectories(GoldenData.Root!).Select(Path.GetFileName))
            {
                var name = $"{(resource.Resource.Group.Length == 0 ? "core" : resource.Resource.Group)}.{resource.GroupVersion.Version}.{resource.Kind.Kind}";
                if (!File.Exists(GoldenData.PathOf(version!, name, ".pb")))
                    continue;
                string? first = null;
                foreach (var extension in (string[])[".pb", ".json", ".yaml"])
                {
                    var cached = CachedObject.FromStore(codec, "/key", File.ReadAllBytes(GoldenData.PathOf(version!, name, extension)), 7);
                    var json = Encoding.UTF8.GetString(cached.Json());
                    Assert.Equal(first ??= json, json);
                    // What would be stored now is what is read from it.
                    Assert.Equal(json, Encoding.UTF8.GetString(CachedObject.FromStore(codec, "/key", cached.Stored, 7).Json()));
                    count++;
                }
            }
        }

        Assert.True(count > 200, $"{count}");
    }

    private async Task InProtobufAsync(JsonNode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Deployment);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.kubernetes.protobuf"));
        using var response = await _client.SendAsync(request, Stop);
        var bytes = await response.Content.ReadAsByteArrayAsync(Stop);
        Assert.True(ProtobufEnvelope.TryUnwrap(bytes, out var kind, out var message));
        Assert.Equal("apps/v1", kind.GroupVersion.ToString());
        var tree = ProtobufDecoder.Decode(message, ApiMachinery.Schemas.BuiltInSchema.Find(kind)!, kind).Root!;
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        JsonEncoder.Encode(tree, json);
        Assert.True(JsonNode.DeepEquals(expected["spec"], JsonNode.Parse(json.WrittenSpan)!["spec"]));
    }

    private async Task<JsonNode> GetAsync()
    {
        using var response = await _client.GetAsync(Deployment, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}
