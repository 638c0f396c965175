using System.Collections.Frozen;
using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.WorkQueue;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ControllerManager.HollowNodes;

/// <summary>
/// Many nodes without machines, in one process, over one watch of pods and one clock: they register, renew their Leases
/// every 10 s, report their status every 5 min, and take the pods bound to them through their lives without running
/// anything. Pods run until deleted; those that may end do so after <see cref="RunSecondsAnnotation"/>, pods of Jobs after 1 s.
/// </summary>
public sealed partial class HollowNodePool
{
    /// <summary>How many seconds a pod runs before it succeeds, where its restart policy lets it end.</summary>
    public const string RunSecondsAnnotation = "kubesharp.io/hollow-run-seconds";

    // The kubelet's defaults: a lease of 40 s renewed at a quarter of it, nodeStatusReportFrequency.
    private const int LeaseSeconds = 10;
    private const int StatusSeconds = 300;

    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTermination = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RegistrationRetry = TimeSpan.FromSeconds(1);

    private readonly HollowNodeOptions _options;
    private readonly IApiClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SharedInformer _pods;
    private readonly HollowNode[] _nodes;
    private readonly FrozenDictionary<string, HollowNode> _nodesByName;

    public HollowNodePool(HollowNodeOptions options, IApiClient client, TimeProvider time, ILogger logger)
    {
        _options = options;
        _client = client;
        _time = time;
        _logger = logger;
        _nodes = [.. Enumerable.Range(0, options.Count).Select(number => new HollowNode(number, options, client, time))];
        _nodesByName = _nodes.ToFrozenDictionary(node => node.Name, StringComparer.Ordinal);
        _pods = new SharedInformer(
            client, new ResourceRequest(Pods), new ListOptions { FieldSelector = "spec.nodeName!=" }, time, logger);
    }

    /// <summary>The nodes' names.</summary>
    public IReadOnlyList<string> NodeNames => [.. _nodes.Select(node => node.Name)];

    /// <summary>Registers the nodes and lives until cancelled. The Node objects stay behind.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = new RateLimitingQueue<string>(_time, new ItemExponentialFailureRateLimiter<string>(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10)));
        try
        {
            await ForEachAsync(_nodes, RegisterAsync, cancellationToken).ConfigureAwait(false);
            await ForEachAsync(_nodes, (node, token) => TryAsync(node, node.RenewLeaseAsync, token), cancellationToken).ConfigureAwait(false);
            _pods.AddHandler(new ResourceEventHandler
            {
                OnAdded = pod => Enqueue(queue, pod),
                OnUpdated = (_, pod) => Enqueue(queue, pod),
                OnDeleted = pod => NodeOf(pod)?.Forget(ObjectMetaAccessor.GetUid(pod)),
            });
            var loops = new List<Task> { _pods.RunAsync(cancellationToken), HeartbeatAsync(cancellationToken) };
            for (var i = 0; i < _options.Parallelism; i++)
                loops.Add(Task.Run(() => WorkAsync(queue, cancellationToken), CancellationToken.None));
            await Task.WhenAll(loops).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task RegisterAsync(HollowNode node, CancellationToken cancellationToken)
    {
        while (!await TryAsync(node, node.RegisterAsync, cancellationToken).ConfigureAwait(false))
            await Task.Delay(RegistrationRetry, _time, cancellationToken).ConfigureAwait(false);
    }

    // Each second it is some nodes' turn, so that the server sees an even flow.
    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        for (var second = 1L; !cancellationToken.IsCancellationRequested; second++)
        {
            await Task.Delay(Tick, _time, cancellationToken).ConfigureAwait(false);
            var now = second;
            await ForEachAsync(Turn(now, LeaseSeconds), (node, token) => TryAsync(node, node.RenewLeaseAsync, token), cancellationToken).ConfigureAwait(false);
            await ForEachAsync(Turn(now, StatusSeconds), (node, token) => TryAsync(node, node.ReportStatusAsync, token), cancellationToken).ConfigureAwait(false);
        }
    }

    private IEnumerable<HollowNode> Turn(long second, int period)
    {
        for (var i = second % period; i < _nodes.Length; i += period)
            yield return _nodes[i];
    }

    private Task ForEachAsync(IEnumerable<HollowNode> nodes, Func<HollowNode, CancellationToken, Task> action, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            nodes,
            new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken },
            async (node, token) => await action(node, token).ConfigureAwait(false));

    private async Task<bool> TryAsync(HollowNode node, Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.NodeFailed(_logger, node.Name, exception.Message);
            return false;
        }
    }

    private async Task WorkAsync(RateLimitingQueue<string> queue, CancellationToken cancellationToken)
    {
        try
        {
            while (await queue.GetAsync(cancellationToken).ConfigureAwait(false) is (string key, false))
            {
                try
                {
                    if (await SyncPodAsync(key, cancellationToken).ConfigureAwait(false) is { } again)
                        queue.AddAfter(key, again);
                    queue.Forget(key);
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    Log.PodFailed(_logger, key, exception.Message);
                    queue.AddRateLimited(key);
                }
                finally
                {
                    queue.Done(key);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    // Takes the pod one step on; the answer is when to look again, if at a time of its own.
    private async Task<TimeSpan?> SyncPodAsync(string key, CancellationToken cancellationToken)
    {
        if (_pods.Lister.Get(key) is not { } pod || NodeOf(pod) is not { } node)
            return null;
        var phase = pod.GetMap("status")?.GetString("phase");
        if (ObjectMetaAccessor.IsBeingDeleted(pod))
            return await TerminateAsync(pod, node, phase, cancellationToken).ConfigureAwait(false);
        if (phase is "Succeeded" or "Failed")
            return null;
        var now = _time.GetUtcNow();
        if (phase == "Running" && RunTime(pod) is { } runTime)
        {
            var started = Rfc3339.ParseOrNull(pod.GetMap("status")!.GetString("startTime")) ?? now;
            if (started + runTime - now is { } rest && rest > TimeSpan.Zero)
                return rest;
            await WriteAsync(pod, node, HollowPodStatus.Succeeded(pod, node.HostIP, node.AddressFor(pod), now), cancellationToken).ConfigureAwait(false);
            return null;
        }

        if (phase != "Running" || IsOutdated(pod, node))
            await WriteAsync(pod, node, HollowPodStatus.Running(pod, node.HostIP, node.AddressFor(pod), now), cancellationToken).ConfigureAwait(false);
        return null;
    }

    // The spec was changed since the status was written, or a readiness gate has turned.
    private static bool IsOutdated(Map pod, HollowNode node)
    {
        var written = node.WrittenGenerations.GetValueOrDefault(ObjectMetaAccessor.GetUid(pod), -1);
        var ready = HollowPodStatus.FindCondition(pod, "Ready")?.GetString("status") == "True";
        return written != ObjectMetaAccessor.GetGeneration(pod) || ready != (HollowPodStatus.UnsatisfiedGate(pod) is null);
    }

    private async Task<TimeSpan?> TerminateAsync(Map pod, HollowNode node, string? phase, CancellationToken cancellationToken)
    {
        var uid = ObjectMetaAccessor.GetUid(pod);
        if (node.DeletedPods.ContainsKey(uid))
            return null;
        var now = _time.GetUtcNow();
        var grace = TimeSpan.FromSeconds(ObjectMetaAccessor.GetDeletionGracePeriodSeconds(pod) ?? 0);
        if (phase == "Running")
        {
            // deletionTimestamp is the end of the grace period.
            var asked = (Rfc3339.ParseOrNull(ObjectMetaAccessor.GetDeletionTimestamp(pod)) ?? now) - grace;
            var wait = asked + (grace < LongestTermination ? grace : LongestTermination) - now;
            if (wait > TimeSpan.Zero)
                return wait;
            await WriteAsync(pod, node, HollowPodStatus.Succeeded(pod, node.HostIP, node.AddressFor(pod), now), cancellationToken).ConfigureAwait(false);
        }

        var options = new Map
        {
            { "gracePeriodSeconds", 0 },
            { "preconditions", new Map { { "uid", uid } } },
        };
        try
        {
            await _client.DeleteAsync(Request(pod), options, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound || exception.IsConflict)
        {
            // Gone already, or another pod of this name.
        }

        node.DeletedPods[uid] = true;
        return null;
    }

    // The uid keeps the patch from a later pod of the same name, as the kubelet does.
    private async Task WriteAsync(Map pod, HollowNode node, Map status, CancellationToken cancellationToken)
    {
        var uid = ObjectMetaAccessor.GetUid(pod);
        var patch = new Map { { "metadata", new Map { { "uid", uid } } }, { "status", status } };
        try
        {
            await _client.PatchAsync(Request(pod, "status"), PatchType.StrategicMerge, patch, cancellationToken).ConfigureAwait(false);
            node.WrittenGenerations[uid] = ObjectMetaAccessor.GetGeneration(pod);
        }
        catch (StatusException exception) when (exception.IsNotFound || exception.IsConflict)
        {
            // Gone meanwhile; the watch will tell.
        }
    }

    private static ResourceRequest Request(Map pod, string subresource = "") =>
        new(Pods, ObjectMetaAccessor.GetNamespace(pod), ObjectMetaAccessor.GetName(pod), subresource);

    private static TimeSpan? RunTime(Map pod)
    {
        if (pod.GetMap("spec")?.GetString("restartPolicy") is not ("Never" or "OnFailure"))
            return null;
        if (double.TryParse(ObjectMetaAccessor.GetAnnotation(pod, RunSecondsAnnotation), CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e9)
            return TimeSpan.FromSeconds(seconds);
        return ObjectMetaAccessor.GetControllerOf(pod)?.GetString("kind") == "Job" ? TimeSpan.FromSeconds(1) : null;
    }

    private HollowNode? NodeOf(Map pod) => _nodesByName.GetValueOrDefault(pod.GetMap("spec")?.GetString("nodeName") ?? "");

    private void Enqueue(RateLimitingQueue<string> queue, Map pod)
    {
        if (NodeOf(pod) is not null)
            queue.Add(ObjectMetaAccessor.GetKey(pod));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Hollow node {Node} could not report: {Message}")]
        public static partial void NodeFailed(ILogger logger, string node, string message);

        [LoggerMessage(2, LogLevel.Warning, "Hollow pod {Pod} could not go on: {Message}")]
        public static partial void PodFailed(ILogger logger, string pod, string message);
    }
}
