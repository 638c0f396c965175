using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Tests.Endpoints;
using KubeSharp.ApiMachinery.Tests;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Tests.Etcd;
using KubeSharp.Testing;

namespace KubeSharp.Tests;

/// <summary>
/// The real kube-apiserver (named by KUBESHARP_KUBE_APISERVER) before and after ours on one etcd: each reads what the other
/// wrote, every kind and every field.
/// </summary>
public sealed class InterchangeTests
{
    private static readonly string Reference = Environment.GetEnvironmentVariable("KUBESHARP_KUBE_APISERVER") ?? "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Objects_of_every_kind_go_there_and_back()
    {
        Assert.SkipWhen(Reference.Length == 0, "KUBESHARP_KUBE_APISERVER names no kube-apiserver");
        await using var etcd = await EtcdCluster.StartAsync();
        await using var ours = new ServerProcess("kube-apiserver", "--etcd-servers", etcd.Endpoints[0]);
        await ours.StartAsync();
        using var client = TestApiServer.AdminClient(ours.DataDirectory, new Uri(ours.Url).Port);
        await CreateAsync(client, "/api/v1/namespaces/default/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });

        var written = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var resource in BuiltInResources.All.Where(r => !r.Virtual))
        {
            var version = resource.Versions[0];
            var root = resource.Group.Length == 0 ? $"/api/{version}" : $"/apis/{resource.Group}/{version}";
            using var served = await client.GetAsync($"{root}/{(resource.Namespaced ? "namespaces/default/" : "")}{resource.Resource}", Stop);
            if (served.StatusCode != HttpStatusCode.OK)
                continue;
            var body = MinimalObjects.Of(resource.GroupResource.ToString(), resource.Group.Length == 0 ? version : $"{resource.Group}/{version}", resource.Kind, $"every-{resource.Singular}{resource.Group.Length}");
            var collection = resource.Namespaced ? $"{root}/namespaces/default/{resource.Resource}" : $"{root}/{resource.Resource}";
            // What controllers of either server judge or fetch is not for comparing.
            if (resource.Resource is "customresourcedefinitions" or "apiservices" or "flowschemas")
                continue;
            await CreateAsync(client, collection, body);
            written.Add($"{collection}/{body["metadata"]!["name"]!.GetValue<string>()}", null!);
        }

        Assert.True(written.Count > 50, $"{written.Count} kinds");
        foreach (var path in written.Keys)
            written[path] = await GetAsync(client, path);
        await ours.KillAsync();

        // There: the same, to the last field. Then a change by the other.
        using (var reference = StartReference(ours, etcd.Endpoints[0]))
        {
            try
            {
                await ReadyAsync(client);
                foreach (var (path, expected) in written)
                {
                    var read = await GetAsync(client, path);
                    Assert.True(JsonNode.DeepEquals(expected, read), $"{path}\nours {expected.ToJsonString()}\ntheirs {read.ToJsonString()}");
                }

                foreach (var path in written.Keys)
                {
                    using var patch = new StringContent("""{"metadata":{"annotations":{"changed":"there"}}}""", Encoding.UTF8, "application/merge-patch+json");
                    using var response = await client.PatchAsync(path, patch, Stop);
                    var text = await response.Content.ReadAsStringAsync(Stop);
                    Assert.True(response.IsSuccessStatusCode, $"{path} {text}");
                    written[path] = JsonNode.Parse(text)!;
                }
            }
            finally
            {
                reference.Kill();
                await reference.WaitForExitAsync(Stop);
            }
        }

        // And back.
        await ours.StartAgainAsync();
        foreach (var (path, expected) in written)
        {
            var read = await GetAsync(client, path);
            Assert.True(JsonNode.DeepEquals(expected, read), $"{path}\ntheirs {expected.ToJsonString()}\nours {read.ToJsonString()}");
        }
    }

    /// <summary>Upstream's sample of every version that it knows, in every encoding, put into etcd as an older server may have left it.</summary>
    [Fact]
    public async Task Older_versions_and_encodings_are_read_alike()
    {
        Assert.SkipWhen(Reference.Length == 0, "KUBESHARP_KUBE_APISERVER names no kube-apiserver");
        Assert.SkipWhen(GoldenData.Root is null, GoldenData.Missing);
        await using var etcd = await EtcdCluster.StartAsync();
        await using var ours = new ServerProcess("kube-apiserver", "--etcd-servers", etcd.Endpoints[0], "--runtime-config", "api/all=true");
        await ours.StartAsync();
        using var client = TestApiServer.AdminClient(ours.DataDirectory, new Uri(ours.Url).Port);

        var read = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        await using (var raw = EtcdStore.Open(new EtcdStoreOptions { Endpoints = etcd.Endpoints }))
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(GoldenData.Root!, "HEAD")).Order(StringComparer.Ordinal))
            {
                if (ResourceOf(Path.GetFileName(file)) is not { } resource)
                    continue;
                var name = Path.GetFileName(file).ToLowerInvariant();
                var key = $"/registry/{resource.StoragePrefix}/{(resource.Namespaced ? "older/" : "")}{name}";
                await raw.PutAsync(key, 0, await File.ReadAllBytesAsync(file, Stop), 0, null, Stop);
                var version = resource.Versions[0];
                var root = resource.Group.Length == 0 ? $"/api/{version}" : $"/apis/{resource.Group}/{version}";
                var path = $"{root}/{(resource.Namespaced ? "namespaces/older/" : "")}{resource.Resource}/{name}";
                read.Add(path, await GetAsync(client, path));
            }
        }

        Assert.True(read.Count > 300, $"{read.Count} objects");
        await ours.KillAsync();
        using var reference = StartReference(ours, etcd.Endpoints[0], "--runtime-config", "api/all=true");
        try
        {
            await ReadyAsync(client);
            var compared = 0;
            foreach (var (path, expected) in read)
            {
                // What takes a feature gate besides is not served there.
                using var response = await client.GetAsync(path, Stop);
                var text = await response.Content.ReadAsStringAsync(Stop);
                if (text == "404 page not found\n" || text.Contains("the server could not find the requested resource", StringComparison.Ordinal))
                    continue;
                compared++;
                var theirs = JsonNode.Parse(text)!;
                Assert.True(JsonNode.DeepEquals(theirs, expected), $"{path}\nours {expected.ToJsonString()}\ntheirs {theirs.ToJsonString()}");
            }

            Assert.True(compared > 300, $"{compared} objects");
        }
        finally
        {
            reference.Kill();
            await reference.WaitForExitAsync(Stop);
        }
    }

    /// <summary>The resource of a file <c>group.version.Kind.encoding</c>, in whichever group it lives today; null when nobody stores it.</summary>
    private static ApiResource? ResourceOf(string file)
    {
        var parts = file.Split('.');
        if (parts[^1] is not ("pb" or "json" or "yaml") || parts.Length < 4 || parts[^2].Contains("after", StringComparison.Ordinal))
            return null;
        var (group, kind) = (string.Join('.', parts[..^3]), parts[^2]);
        group = (group, kind) switch
        {
            ("core" or "events.k8s.io", _) => "",
            ("extensions", "Ingress" or "NetworkPolicy") => "networking.k8s.io",
            ("extensions", _) => "apps",
            _ => group,
        };
        // What controllers of either server judge or fetch is not for comparing.
        return BuiltInResources.All.FirstOrDefault(r => !r.Virtual && r.Group == group && r.Kind == kind && r.Resource is not ("flowschemas" or "prioritylevelconfigurations"));
    }

    private static Process StartReference(ServerProcess ours, string etcd, params string[] more)
    {
        var pki = Path.Combine(ours.DataDirectory, "pki");
        var start = new ProcessStartInfo(Reference) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])
        [
            "--etcd-servers", etcd, "--bind-address", "127.0.0.1", "--secure-port", $"{new Uri(ours.Url).Port}",
            "--tls-cert-file", Path.Combine(pki, "apiserver.crt"), "--tls-private-key-file", Path.Combine(pki, "apiserver.key"),
            "--client-ca-file", Path.Combine(pki, "ca.crt"), "--authorization-mode", "Node,RBAC", "--service-cluster-ip-range", "10.96.0.0/12",
            "--service-account-issuer", "https://kubernetes.default.svc.cluster.local",
            "--service-account-signing-key-file", Path.Combine(pki, "sa.key"), "--service-account-key-file", Path.Combine(pki, "sa.key"), .. more,
        ])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task ReadyAsync(HttpClient client)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            try
            {
                if (await client.GetStringAsync("/readyz", Stop) == "ok")
                    return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(200, Stop);
        }

        Assert.Fail("kube-apiserver is not ready");
    }

    private static async Task CreateAsync(HttpClient client, string path, JsonNode body)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(path, content, Stop);
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{path} {await response.Content.ReadAsStringAsync(Stop)}");
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path) => JsonNode.Parse(await client.GetStringAsync(path, Stop))!;
}
