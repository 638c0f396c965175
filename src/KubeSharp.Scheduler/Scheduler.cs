using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.Scheduler.Cache;
using KubeSharp.Scheduler.Framework;
using KubeSharp.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Scheduler;

/// <summary>
/// Gives pods their nodes. One pod at a time gets a node chosen (the scheduling cycle) and is counted there at once; telling
/// the API (the binding cycle) goes on beside. Follows kubernetes/pkg/scheduler/schedule_one.go, v1.36, without preemption,
/// extenders, volumes, pod affinity and spreading.
/// </summary>
public sealed partial class Scheduler : IDisposable
{
    // k8s.io/api/events/v1: the longest note.
    private const int MaxEventMessage = 1024;

    private static readonly GroupVersionResource PodResource = new("", "v1", "pods");
    private static readonly GroupVersionResource NodeResource = new("", "v1", "nodes");
    private static readonly HashSet<string> NoPlugins = [];

    private readonly ControllerContext _context;
    private readonly SchedulerOptions _options;
    private readonly ILogger _logger;
    private readonly EventRecorder _events;
    private readonly SchedulingFramework _framework;
    private readonly SchedulerCache _cache;
    private readonly SchedulingQueue _queue;
    private readonly NodeSelection _selection;
    private readonly Snapshot _snapshot = new();
    private readonly Lister _pods;
    private readonly InformerHandlerRegistration[] _handlers;
    private readonly SemaphoreSlim _slots;

    /// <summary>Asks for informers of pods and nodes; the host starts them.</summary>
    public Scheduler(ControllerContext context, SchedulerOptions? options = null)
        : this(context, options ?? new SchedulerOptions(), DefaultPlugins.Create(context.Client))
    {
    }

    internal Scheduler(ControllerContext context, SchedulerOptions options, IReadOnlyList<(IPlugin Plugin, long Weight)> plugins)
    {
        _context = context;
        _options = options;
        _logger = context.Loggers.CreateLogger<Scheduler>();
        _events = context.Events.RecorderFor(options.SchedulerName);
        _framework = new SchedulingFramework(plugins);
        _cache = new SchedulerCache(context.Time, options.AssumedPodExpiry);
        _queue = new SchedulingQueue(_framework, context.Time);
        _selection = new NodeSelection(_framework, options.PercentageOfNodesToScore, options.Random);
        _slots = new SemaphoreSlim(options.MaxConcurrentBindings);
        var pods = context.Informers.ForResource(PodResource);
        _pods = pods.Lister;
        var handlers = new ClusterEventHandlers(_cache, _queue, options.SchedulerName);
        _handlers = [context.Informers.ForResource(NodeResource).AddHandler(handlers.Nodes), pods.AddHandler(handlers.Pods)];
    }

    /// <summary>Schedules until cancelled, from when nodes and pods are known; returns when no binding is under way. Once only.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_handlers.Select(handler => handler.Synced)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        Log.Started(_logger, _options.SchedulerName);
        await Task.WhenAll(_queue.RunAsync(cancellationToken), ExpireAsync(cancellationToken), ScheduleAsync(cancellationToken))
            .ConfigureAwait(false);

        // Bindings end soon after the token's cancellation.
        for (var i = 0; i < _options.MaxConcurrentBindings; i++)
            await _slots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        Log.Stopped(_logger, _options.SchedulerName);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _slots.Dispose();
    }

    private async Task ScheduleAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var info = await _queue.PopAsync(cancellationToken).ConfigureAwait(false);
                await ScheduleOneAsync(info, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async ValueTask ScheduleOneAsync(QueuedPodInfo info, CancellationToken cancellationToken)
    {
        var pod = info.Pod;
        if (ObjectMetaAccessor.IsBeingDeleted(pod.Map))
        {
            _events.Event(pod.Map, EventRecorder.Warning, "FailedScheduling", $"skip schedule deleting pod: {pod.Key}");
            return;
        }

        // The pod may be on its way to a node, or there, and was queued again by a late update.
        if (_cache.FindPod(pod.Uid) is not null)
            return;
        var state = new CycleState();
        try
        {
            _cache.UpdateSnapshot(_snapshot);
            if (_snapshot.Nodes.Count == 0)
            {
                await FailAsync(info, true, NoPlugins, "no nodes available to schedule pods", cancellationToken).ConfigureAwait(false);
                return;
            }

            var (nodeName, status, fitError) = _selection.Select(state, pod, _snapshot);
            if (fitError is not null)
            {
                if (_framework.HasPostFilterPlugins)
                {
                    var (postFilter, _) = await _framework.RunPostFilterAsync(state, pod, _snapshot, cancellationToken).ConfigureAwait(false);
                    fitError.PostFilterMessage = postFilter.Message;
                }

                await FailAsync(info, true, fitError.UnschedulablePlugins, fitError.ToString(), cancellationToken).ConfigureAwait(false);
            }
            else if (nodeName is null)
            {
                await FailAsync(info, status, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ReserveAsync(state, info, nodeName, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // A plugin's bug must cost this pod a retry, not all pods the scheduler.
            Log.Failed(_logger, pod.Key, exception);
            await FailAsync(info, false, NoPlugins, exception.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ReserveAsync(CycleState state, QueuedPodInfo info, string nodeName, CancellationToken cancellationToken)
    {
        var assumed = info.Pod.WithNodeName(nodeName);
        if (!_cache.TryAssumePod(assumed))
            return;
        List<Task<Status>>? waits = null;
        var status = _framework.RunReserve(state, assumed, nodeName);
        if (status.IsSuccess)
            status = _framework.RunPermit(state, assumed, nodeName, out waits);
        if (!status.IsSuccess)
        {
            Undo(state, assumed, nodeName);
            await FailAsync(info, status, cancellationToken).ConfigureAwait(false);
            return;
        }

        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        _ = BindAsync(state, info, assumed, nodeName, waits, cancellationToken);
    }

    // Holds a slot from before its start; does not throw.
    private async Task BindAsync(
        CycleState state, QueuedPodInfo info, PodInfo assumed, string nodeName, List<Task<Status>>? waits, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var status = Status.Success;
            foreach (var wait in waits ?? [])
            {
                if (status.IsSuccess)
                    status = await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            if (status.IsSuccess)
                status = await _framework.RunPreBindAsync(state, assumed, nodeName, cancellationToken).ConfigureAwait(false);
            if (status.IsSuccess)
                status = await _framework.RunBindAsync(state, assumed, nodeName, cancellationToken).ConfigureAwait(false);
            if (status.IsSuccess)
            {
                _cache.FinishBinding(assumed);
                _events.Event(
                    assumed.Map, EventRecorder.Normal, "Scheduled", $"Successfully assigned {assumed.Key} to {nodeName}");
                _framework.RunPostBind(state, assumed, nodeName);
                return;
            }

            Undo(state, assumed, nodeName);
            _queue.MoveOnEvent(ClusterEvent.AssignedPodDelete);
            if (status.Exception is { } exception)
                Log.BindingFailed(_logger, assumed.Key, nodeName, exception);
            await WriteFailureAsync(info, status.IsRejected, RejectedBy(status), BindingMessage(status), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.BindingFailed(_logger, assumed.Key, nodeName, exception);
            Undo(state, assumed, nodeName);
            await WriteFailureAsync(info, false, NoPlugins, exception.Message, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            _slots.Release();
        }
    }

    private void Undo(CycleState state, PodInfo assumed, string nodeName)
    {
        _framework.RunUnreserve(state, assumed, nodeName);
        _cache.ForgetPod(assumed);
    }

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        if (_options.AssumedPodExpiry <= TimeSpan.Zero)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                _cache.CleanupExpiredAssumedPods();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static HashSet<string> RejectedBy(Status status) =>
        status.IsRejected && status.Plugin.Length > 0 ? [status.Plugin] : NoPlugins;

    private static string BindingMessage(Status status) => status.IsRejected ? status.Message : $"running Bind plugin \"{status.Plugin}\": {status.Message}";
}
