using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Tests.Etcd;

/// <summary>Upstream's own table of where each kind is stored, and at which version (test/integration/etcd/data.go, v1.36):
/// its objects are created here and looked for there.</summary>
public sealed class EtcdPathsTests(OwnServerFixture fixture) : IClassFixture<OwnServerFixture>
{
    private const string Namespace = "etcdstoragepathtestnamespace";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_object_is_stored_where_upstream_stores_it()
    {
        var paths = JsonNode.Parse(await File.ReadAllTextAsync(SharedData.Find("upstream/v1.36/etcd-paths.json"), Stop))!.AsObject();
        await CreateAsync("/api/v1/namespaces", $"{{\"metadata\":{{\"name\":\"{Namespace}\"}}}}");
        await CreateAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var (problems, created, prefixes) = (new List<string>(), 0, 0);
        foreach (var (id, entry) in paths)
        {
            var parts = id.Split('/');
            var facts = BuiltInResources.All.SingleOrDefault(r => r.Group == parts[0] && r.Resource == parts[2]);
            if (facts is null)
            {
                // Custom resources of upstream's test.
                Assert.EndsWith(".com", parts[0], StringComparison.Ordinal);
                continue;
            }

            // Upstream's table has versions that an emulated older server would have.
            if (!facts.Versions.Contains(parts[1]))
                continue;
            var expected = entry!["etcdPath"]!.GetValue<string>();
            if (!expected.StartsWith($"/registry/{facts.StoragePrefix}/", StringComparison.Ordinal))
                problems.Add($"{id}: {facts.StoragePrefix} is not {expected}");
            prefixes++;
            if (entry["stub"] is not { } stub)
                continue;
            if (await CheckAsync(facts, parts[1], stub, expected, entry["storedAs"]?.GetValue<string>()) is { } problem)
                problems.Add($"{id}: {problem}");
            created++;
        }

        Assert.True(problems.Count == 0, string.Join("\n", problems));
        Assert.True(prefixes > 80 && created > 70, $"{prefixes} paths, {created} objects");
    }

    private async Task<string?> CheckAsync(ApiResource facts, string version, JsonNode stub, string expected, string? storedAs)
    {
        var root = facts.Group.Length == 0 ? $"/api/{version}" : $"/apis/{facts.Group}/{version}";
        var name = stub["metadata"]!["name"]!.GetValue<string>();
        var (status, text) = await CreateAsync(facts.Namespaced ? $"{root}/namespaces/{Namespace}/{facts.Resource}" : $"{root}/{facts.Resource}", stub.ToJsonString());
        if (status != HttpStatusCode.Created && status != HttpStatusCode.Conflict)
            return text;
        // Paths of objects in namespaces end before the namespace.
        var key = expected.EndsWith('/') ? facts.Namespaced ? $"{expected}{Namespace}/{name}" : $"{expected}{name}" : expected;
        if ((await fixture.Server.Store.GetAsync(key, 0, Stop)).KeyValue is not { } stored)
            return $"nothing at {key}";
        if (!ProtobufEnvelope.TryUnwrap(stored.Value.Span, out var kind, out _))
            return $"{key} is no protobuf";
        var wanted = storedAs ?? $"{(facts.Group.Length == 0 ? version : $"{facts.Group}/{version}")}/{facts.Kind}";
        return $"{kind.GroupVersion}/{kind.Kind}" == wanted ? null : $"stored as {kind.GroupVersion}/{kind.Kind}, not as {wanted}";
    }

    private async Task<(HttpStatusCode Status, string Text)> CreateAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await fixture.Admin.PostAsync(path, content, Stop);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }
}
