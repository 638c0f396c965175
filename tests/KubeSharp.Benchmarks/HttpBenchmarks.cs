using System.Net.Http.Headers;
using BenchmarkDotNet.Attributes;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using KubeSharp.Testing;

namespace KubeSharp.Benchmarks;

/// <summary>Reads over HTTPS, client included: one pod, and all of a thousand in each encoding.</summary>
[MemoryDiagnoser]
public class HttpBenchmarks
{
    private const int Count = 1000;

    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    private TestApiServer _server = null!;
    private HttpClient _http = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _server = await TestApiServer.StartAsync().ConfigureAwait(false);
        _http = _server.AdminClient();
        var client = _server.Server.CreateClient("bench");
        await client.CreateAsync(
            new ResourceRequest(new GroupVersionResource("", "v1", "serviceaccounts"), "default"), new Map { { "metadata", new Map { { "name", "default" } } } }, default).ConfigureAwait(false);
        var template = SamplePod.Tree();
        await Parallel.ForAsync(0, Count, async (i, cancellationToken) =>
        {
            var pod = template.DeepClone();
            pod.EditMap("metadata").Set("name", $"pod-{i}");
            await client.CreateAsync(new ResourceRequest(Pods, "default"), pod, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    [Benchmark]
    public Task<int> GetJson() => ReadAsync("/api/v1/namespaces/default/pods/pod-1", "application/json");

    [Benchmark]
    public Task<int> ListJson() => ReadAsync("/api/v1/pods", "application/json");

    [Benchmark]
    public Task<int> ListProtobuf() => ReadAsync("/api/v1/pods", "application/vnd.kubernetes.protobuf");

    [Benchmark]
    public Task<int> ListTable() => ReadAsync("/api/v1/pods", "application/json;as=Table;v=v1;g=meta.k8s.io");

    private async Task<int> ReadAsync(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var response = await _http.SendAsync(request).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false)).Length;
    }
}
