using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.ComponentBase.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ControllerManager.Tests;

/// <summary>One controller over the fake API, whose syncs the test runs itself: each begins only when the informers hold what
/// the API holds and all handlers have heard of it, so that a test can also say what must not happen.</summary>
internal sealed class ControllerFixture : IAsyncDisposable
{
    private static readonly GroupVersionResource EventsResource = new("", "v1", "events");

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly EventBroadcaster _broadcaster;
    private readonly Task _broadcasting;
    private readonly GroupVersionResource[] _resources;
    private Controller? _controller;

    /// <param name="resources">What the controller watches.</param>
    public ControllerFixture(params GroupVersionResource[] resources)
    {
        _resources = resources;
        _broadcaster = new EventBroadcaster(Api, Time, NullLogger.Instance);
        _broadcasting = _broadcaster.RunAsync(_stop.Token);
        Context = new ControllerContext(Api, new SharedInformerFactory(Api, Time, NullLoggerFactory.Instance), _broadcaster, Time, NullLoggerFactory.Instance);
    }

    public FakeApiServer Api { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public ControllerContext Context { get; }

    public CancellationToken Token => _stop.Token;

    public Controller Controller => _controller!;

    /// <summary>The requests that change something, as <c>verb resource[/subresource] name</c>, events left out.</summary>
    public IReadOnlyList<string> Writes => [.. Api.Requests
        .Where(r => r.Verb is "create" or "update" or "patch" or "delete" && r.Request.Resource != EventsResource)
        .Select(r => $"{r.Verb} {r.Request.Resource.Resource}{(r.Request.Subresource.Length > 0 ? "/" : "")}{r.Request.Subresource} {r.Request.Name}".TrimEnd())];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Context.Informers.StoppedAsync();
        await _broadcasting;
        _controller?.Dispose();
        _stop.Dispose();
    }

    public static Map Yaml(string text) => YamlCodec.Decode(Encoding.UTF8.GetBytes(text)).AsMap!;

    public static string Names(IEnumerable<Map> objects) => string.Join(' ', objects.Select(ObjectMetaAccessor.GetName).Order(StringComparer.Ordinal));

    public void Start(Func<ControllerContext, Controller> create)
    {
        _controller = create(Context);
        Context.Informers.Start(_stop.Token);
    }

    /// <summary>Creates an object without counting it as a request.</summary>
    public async Task<Map> CreateAsync(GroupVersionResource resource, Map obj)
    {
        var created = await Api.CreateAsync(new ResourceRequest(resource, ObjectMetaAccessor.GetNamespace(obj)), obj, Token);
        ForgetRequests();
        return created;
    }

    public Task<Map> CreateAsync(GroupVersionResource resource, string yaml) => CreateAsync(resource, Yaml(yaml));

    public async Task<Map> ChangeAsync(GroupVersionResource resource, string key, Action<Map> change)
    {
        var next = Api.Find(resource, key)!.DeepClone();
        change(next);
        var (ns, name) = ObjectMetaAccessor.SplitKey(key);
        var updated = await Api.UpdateAsync(new ResourceRequest(resource, ns, name), next, Token);
        ForgetRequests();
        return updated;
    }

    public async Task DeleteAsync(GroupVersionResource resource, string key, string? propagationPolicy = null)
    {
        var (ns, name) = ObjectMetaAccessor.SplitKey(key);
        var options = propagationPolicy is null ? null : new Map { { "propagationPolicy", propagationPolicy } };
        await Api.DeleteAsync(new ResourceRequest(resource, ns, name), options, Token);
        ForgetRequests();
    }

    public void ForgetRequests() => Api.Requests.Clear();

    /// <summary>Waits until the informers know all and have told it.</summary>
    public Task SettleAsync() => Eventually.TrueAsync(
        () => Array.TrueForAll(_resources, resource =>
        {
            var informer = Context.Informers.ForResource(resource);
            if (!informer.HasSynced)
                return false;
            var there = Api.All(resource).Select(Version).ToHashSet(StringComparer.Ordinal);
            return there.SetEquals(informer.Lister.List().Select(Version)) && informer.IsIdle;
        }),
        "the informers");

    public async Task SyncAsync(string key)
    {
        await SettleAsync();
        await Controller.SyncAsync(key, Token);
        await SettleAsync();
    }

    /// <summary>Syncs what is in the queue, and what comes in by that, until nothing is left. Failing keys are added anew at
    /// their time, as the real loop does; what failed is returned.</summary>
    public async Task<IReadOnlyList<Exception>> DrainAsync()
    {
        var failures = new List<Exception>();
        for (var round = 0; round < 1000; round++)
        {
            await SettleAsync();
            if (Controller.Queue.Count == 0)
                return failures;
            var (key, _) = await Controller.Queue.GetAsync(Token);
            try
            {
                await Controller.SyncAsync(key!, Token);
                Controller.Queue.Forget(key!);
            }
            catch (Exception exception) when (exception is StatusException or AggregateException or InvalidOperationException)
            {
                failures.Add(exception);
                Controller.Queue.AddRateLimited(key!);
            }
            finally
            {
                Controller.Queue.Done(key!);
            }
        }

        Assert.Fail("The controller does not come to rest.");
        return failures;
    }

    /// <summary>The events written so far, as <c>type reason: message</c>.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync()
    {
        await Eventually.TrueAsync(() => _broadcaster.IsIdle, "the events");
        return [.. Api.All(EventsResource).OrderBy(e => long.Parse(ObjectMetaAccessor.GetResourceVersion(e), System.Globalization.CultureInfo.InvariantCulture))
            .Select(e => $"{e.GetString("type")} {e.GetString("reason")}: {e.GetString("message")}")];
    }

    private static string Version(Map obj) => $"{ObjectMetaAccessor.GetKey(obj)}@{ObjectMetaAccessor.GetResourceVersion(obj)}";
}
