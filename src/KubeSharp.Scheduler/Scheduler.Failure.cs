using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Events;
using KubeSharp.Scheduler.Framework;
using Microsoft.Extensions.Logging;
using StatusException = KubeSharp.ApiMachinery.Errors.StatusException;

namespace KubeSharp.Scheduler;

/// <content>What follows when a pod gets no node.</content>
public sealed partial class Scheduler
{
    private ValueTask FailAsync(QueuedPodInfo info, Status status, CancellationToken cancellationToken) =>
        FailAsync(info, status.IsRejected, RejectedBy(status), status.Message, cancellationToken);

    // The next pod does not wait for the API to take this one's status, as long as there are slots.
    private async ValueTask FailAsync(
        QueuedPodInfo info, bool rejected, IReadOnlySet<string> rejectedBy, string message, CancellationToken cancellationToken)
    {
        if (!Requeue(info, rejectedBy))
            return;
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        _ = HoldingSlotAsync();

        async Task HoldingSlotAsync()
        {
            await Task.Yield();
            try
            {
                await ReportAsync(info.Pod, rejected, message, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
    }

    private async ValueTask WriteFailureAsync(
        QueuedPodInfo info, bool rejected, IReadOnlySet<string> rejectedBy, string message, CancellationToken cancellationToken)
    {
        if (Requeue(info, rejectedBy))
            await ReportAsync(info.Pod, rejected, message, cancellationToken).ConfigureAwait(false);
    }

    private bool Requeue(QueuedPodInfo info, IReadOnlySet<string> rejectedBy) =>
        _queue.AddUnschedulable(info, rejectedBy, () => _pods.Get(info.Pod.Namespace, info.Pod.Name));

    // Does not throw.
    private async ValueTask ReportAsync(PodInfo pod, bool rejected, string message, CancellationToken cancellationToken)
    {
        var current = _pods.Get(pod.Namespace, pod.Name) ?? pod.Map;
        var text = message.Length <= MaxEventMessage ? message : string.Concat(message.AsSpan(0, MaxEventMessage - 4), " ...");
        _events.Event(current, EventRecorder.Warning, "FailedScheduling", text);
        var reason = rejected ? PodScheduledCondition.Unschedulable : PodScheduledCondition.SchedulerError;
        if (PodScheduledCondition.PatchFor(current, reason, message, _context.Time.GetUtcNow()) is not { } patch)
            return;
        try
        {
            await _context.Client.PatchAsync(
                new ResourceRequest(PodResource, pod.Namespace, pod.Name, "status"), PatchType.StrategicMerge, patch, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // Gone meanwhile.
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.StatusFailed(_logger, pod.Key, exception);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Starting scheduler {Name}")]
        public static partial void Started(ILogger logger, string name);

        [LoggerMessage(2, LogLevel.Information, "Stopped scheduler {Name}")]
        public static partial void Stopped(ILogger logger, string name);

        [LoggerMessage(3, LogLevel.Error, "Error scheduling pod {Pod}; retrying")]
        public static partial void Failed(ILogger logger, string pod, Exception exception);

        [LoggerMessage(4, LogLevel.Error, "Error binding pod {Pod} to {Node}; retrying")]
        public static partial void BindingFailed(ILogger logger, string pod, string node, Exception exception);

        [LoggerMessage(5, LogLevel.Error, "Error updating pod {Pod}")]
        public static partial void StatusFailed(ILogger logger, string pod, Exception exception);
    }
}
