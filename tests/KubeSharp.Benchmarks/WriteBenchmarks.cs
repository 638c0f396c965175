using BenchmarkDotNet.Attributes;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using KubeSharp.Testing;

namespace KubeSharp.Benchmarks;

/// <summary>Writes of a realistic pod through the whole server without HTTP: decode, defaults, admission, validation, store.
/// One writer at a time, so that each waits for the disk; look at the bytes, and at the time over <see cref="HttpBenchmarks"/>.</summary>
[MemoryDiagnoser]
public class WriteBenchmarks
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");

    private TestApiServer _server = null!;
    private IApiClient _client = null!;
    private Map _template = null!;
    private int _count;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _server = await TestApiServer.StartAsync().ConfigureAwait(false);
        _client = _server.Server.CreateClient("bench");
        _template = SamplePod.Tree();
        await _client.CreateAsync(
            new ResourceRequest(new GroupVersionResource("", "v1", "serviceaccounts"), "default"), new Map { { "metadata", new Map { { "name", "default" } } } }, default).ConfigureAwait(false);
        await _client.CreateAsync(new ResourceRequest(Pods, "default"), Named("target"), default).ConfigureAwait(false);
    }

    [GlobalCleanup]
    public Task CleanupAsync() => _server.DisposeAsync().AsTask();

    [Benchmark]
    public Task<Map> Create() => _client.CreateAsync(new ResourceRequest(Pods, "default"), Named($"pod-{_count++}"), default);

    [Benchmark]
    public Task<Map> Get() => _client.GetAsync(new ResourceRequest(Pods, "default", "target"), default);

    [Benchmark]
    public Task<Map> MergePatch() => _client.PatchAsync(
        new ResourceRequest(Pods, "default", "target"), PatchType.Merge,
        new Map { { "metadata", new Map { { "annotations", new Map { { "count", $"{_count++}" } } } } } }, default);

    [Benchmark]
    public Task<Map> StatusPatch() => _client.PatchAsync(
        new ResourceRequest(Pods, "default", "target", "status"), PatchType.StrategicMerge,
        new Map { { "status", new Map { { "message", $"{_count++}" } } } }, default);

    [Benchmark]
    public async Task<Map> Update()
    {
        var target = new ResourceRequest(Pods, "default", "target");
        var pod = (await _client.GetAsync(target, default).ConfigureAwait(false)).Thaw();
        var metadata = pod.EditMap("metadata");
        metadata.EditMap("annotations").Set("count", $"{_count++}");
        return await _client.UpdateAsync(target, pod, default).ConfigureAwait(false);
    }

    [Benchmark]
    public Task<Map> Apply()
    {
        var pod = Configuration();
        pod.EditMap("metadata").EditMap("annotations").Set("count", $"{_count++}");
        return _client.PatchAsync(new ResourceRequest(Pods, "default", "applied"), PatchType.Apply, pod, default);
    }

    [Benchmark]
    public Task<Map> ApplyNoop() => _client.PatchAsync(new ResourceRequest(Pods, "default", "applied-same"), PatchType.Apply, Configuration("applied-same"), default);

    /// <summary>What somebody who applies a pod has in his file: no status.</summary>
    private Map Configuration(string name = "applied")
    {
        var pod = Named(name);
        pod.Remove("status");
        pod.Set("apiVersion", "v1");
        pod.Set("kind", "Pod");
        return pod;
    }

    private Map Named(string name)
    {
        var pod = _template.DeepClone();
        pod.EditMap("metadata").Set("name", name);
        return pod;
    }
}
