using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ComponentBase.Tests;
using KubeSharp.ControllerManager.ResourceQuota;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ControllerManager.Tests.ResourceQuota;

/// <summary>Quotas are counted and counted again, against the fake API.</summary>
public sealed class ResourceQuotaControllerTests : IAsyncDisposable
{
    private static readonly GroupVersionResource Quotas = new("", "v1", "resourcequotas");
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Widgets = new("example.org", "v1", "widgets");
    private static readonly GroupVersionResource ConfigMaps = new("", "v1", "configmaps");

    private readonly FakeApiServer _api = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ControllerContext _context;
    private ResourceQuotaController? _controller;
    private Task _running = Task.CompletedTask;

    public ResourceQuotaControllerTests() => _context = new ControllerContext(
        _api, new SharedInformerFactory(_api, _time, NullLoggerFactory.Instance),
        new EventBroadcaster(_api, _time, NullLogger.Instance), _time, NullLoggerFactory.Instance);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _context.Informers.StoppedAsync();
        _controller?.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task ANewQuotaIsCounted()
    {
        await CreatePodAsync("a", "100m");
        await CreatePodAsync("b", "150m");
        await CreateQuotaAsync(new Map { { "pods", "5" }, { "requests.cpu", "1" }, { "count/configmaps", "3" } });
        Start();

        await Eventually.TrueAsync(() => Used("pods") == "2", "the count");
        Assert.Equal("250m", Used("requests.cpu"));
        Assert.Equal("0", Used("count/configmaps"));
        Assert.Equal("5", _api.Find(Quotas, "ns/q")!.GetMap("status")!.GetMap("hard")!.GetString("pods"));
    }

    [Fact]
    public async Task WhatGoesIsGivenBack()
    {
        await CreatePodAsync("a", "100m");
        await CreatePodAsync("b", "150m");
        await CreateQuotaAsync(new Map { { "pods", "5" }, { "cpu", "1" } });
        Start();
        await Eventually.TrueAsync(() => Used("pods") == "2", "the first count");

        await _api.DeleteAsync(new ResourceRequest(Pods, "ns", "a"), null, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Used("pods") == "1", "the count after a deletion");
        Assert.Equal("150m", Used("cpu"));
        var over = _api.Find(Pods, "ns/b")!.DeepClone();
        over.EditMap("status").Set("phase", "Succeeded");
        await _api.UpdateAsync(new ResourceRequest(Pods, "ns", "b"), over, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Used("pods") == "0", "the count after a pod is over");
    }

    [Fact]
    public async Task ScopesSelect()
    {
        await CreatePodAsync("a", "100m");
        await CreatePodAsync("b", null);
        await CreateQuotaAsync(new Map { { "pods", "5" }, { "count/pods", "9" } }, "BestEffort");
        Start();

        await Eventually.TrueAsync(() => Used("pods") == "1", "the count");
    }

    [Fact]
    public async Task A_resource_that_comes_later_is_counted()
    {
        await CreateQuotaAsync(new Map { { "count/widgets.example.org", "5" } });
        await _api.CreateAsync(new ResourceRequest(Widgets, "ns"), FakeApiServer.Object("Widget", "ns", "a", "example.org/v1"), _stop.Token);
        Start();
        await Eventually.TrueAsync(() => _time.PendingTimers > 0, "the loops");
        _time.Advance(TimeSpan.FromSeconds(30));
        // Counted at the next round of the quotas, or when one goes.
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMinutes(1));
                return Used("count/widgets.example.org") == "1";
            },
            "the count");
        await _api.DeleteAsync(new ResourceRequest(Widgets, "ns", "a"), null, _stop.Token);
        await Eventually.TrueAsync(() => Used("count/widgets.example.org") == "0", "the count after the deletion");
    }

    private string? Used(string name) => _api.Find(Quotas, "ns/q")?.GetMap("status")?.GetMap("used")?.GetString(name);

    private void Start()
    {
        _controller = new ResourceQuotaController(_context, [new(Pods, "Pod", true), new(ConfigMaps, "ConfigMap", true)], _ => new([new(Widgets, "Widget", true)]));
        _context.Informers.Start(_stop.Token);
        _running = _controller.RunAsync(1, _stop.Token);
    }

    private async Task CreatePodAsync(string name, string? cpu)
    {
        var pod = FakeApiServer.Object("Pod", "ns", name);
        var resources = cpu is null ? new Map() : new Map { { "requests", new Map { { "cpu", cpu } } } };
        pod.Set("spec", new Map { { "containers", new Sequence { new Map { { "name", "c" }, { "image", "i" }, { "resources", resources } } } } });
        await _api.CreateAsync(new ResourceRequest(Pods, "ns", name), pod, TestContext.Current.CancellationToken);
    }

    private async Task CreateQuotaAsync(Map hard, params string[] scopes)
    {
        var quota = FakeApiServer.Object("ResourceQuota", "ns", "q");
        var list = new Sequence();
        foreach (var scope in scopes)
            list.Add(scope);
        quota.Set("spec", new Map { { "hard", hard }, { "scopes", list } });
        await _api.CreateAsync(new ResourceRequest(Quotas, "ns", "q"), quota, TestContext.Current.CancellationToken);
    }
}
