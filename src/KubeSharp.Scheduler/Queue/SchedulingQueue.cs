using System.Numerics;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ComponentBase;
using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Queue;

/// <summary>
/// Pods that wait, each in one place: active (tried next, by priority), backing off (tried soon), or unschedulable (until
/// something changes that may help, or five minutes have passed). Holds each pod once, so it is bounded by their number.
/// Thread-safe; one consumer. Follows kubernetes/pkg/scheduler/backend/queue/scheduling_queue.go.
/// Differs: a pod that backs off is never tried before its time, even when nothing else waits.
/// </summary>
internal sealed class SchedulingQueue : IDisposable
{
    public static readonly TimeSpan InitialBackoff = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan MaxInUnschedulable = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly SchedulingFramework _framework;
    private readonly TimeProvider _time;
    private readonly PodHeap _active;
    private readonly PodHeap _backoff = new((left, right) => left.BackoffExpiration.CompareTo(right.BackoffExpiration));
    private readonly Dictionary<string, (QueuedPodInfo Info, Place Place)> _waiting = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _available = new(0, 1);

    // For each kind of event the cycle in which one came last: pods that were being tried then missed it.
    private readonly long[] _lastEventCycle = new long[32];
    private long _lastMoveAllCycle = -1;
    private long _cycle;

    public SchedulingQueue(SchedulingFramework framework, TimeProvider time)
    {
        _framework = framework;
        _time = time;
        _active = new PodHeap(framework.QueueSort.Compare);
        Array.Fill(_lastEventCycle, -1);
    }

    private enum Place
    {
        Active,
        Backoff,
        Unschedulable,
    }

    public int ActiveCount
    {
        get
        {
            lock (_lock)
                return _active.Count;
        }
    }

    public int BackoffCount
    {
        get
        {
            lock (_lock)
                return _backoff.Count;
        }
    }

    /// <summary>Unschedulable pods, and gated ones.</summary>
    public int UnschedulableCount
    {
        get
        {
            lock (_lock)
                return _waiting.Count - _active.Count - _backoff.Count;
        }
    }

    /// <summary>Takes in a pod that the API has without a node. One that waits already is updated.</summary>
    public void Add(PodInfo pod)
    {
        lock (_lock)
        {
            if (_waiting.ContainsKey(pod.Uid))
                UpdateWaiting(pod, null);
            else
                Activate(new QueuedPodInfo(pod, _time.SteadyNow()));
        }
    }

    /// <summary>A waiting pod changed. A pod that is being tried right now is left alone; it is not known here.</summary>
    public void Update(Map old, PodInfo pod)
    {
        lock (_lock)
            UpdateWaiting(pod, old);
    }

    public void Delete(string uid)
    {
        lock (_lock)
            TakeOut(uid);
    }

    /// <summary>Waits for a pod to try. It is the caller's until given back, or not.</summary>
    public async ValueTask<QueuedPodInfo> PopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryPop() is { } info)
                return info;
            await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next pod to try, or null.</summary>
    public QueuedPodInfo? TryPop()
    {
        lock (_lock)
        {
            if (_active.Count == 0)
                return null;
            var info = _active.Pop();
            _waiting.Remove(info.Pod.Uid);
            info.Attempts++;
            info.SchedulingCycle = ++_cycle;
            return info;
        }
    }

    /// <summary>Gives back a pod that could not be scheduled. It waits for an event that helps, or only backs off when such an
    /// event came while it was tried, when it was changed meanwhile, or when no plugin rejected it.</summary>
    /// <param name="info">From <see cref="PopAsync"/>.</param>
    /// <param name="rejectedBy">Plugins; empty after an error.</param>
    /// <param name="current">Reads the pod as the informer has it now; called under the queue's lock, so that no change is missed.</param>
    /// <returns>False when there is nothing left to schedule: the pod is gone, replaced, or on a node.</returns>
    public bool AddUnschedulable(QueuedPodInfo info, IReadOnlySet<string> rejectedBy, Func<Map?> current)
    {
        lock (_lock)
        {
            if (current() is not { } pod || ObjectMetaAccessor.GetUid(pod) != info.Pod.Uid
                || Pod.From(pod).Spec.NodeName.Length > 0 || _waiting.ContainsKey(info.Pod.Uid))
                return false;
            var changed = !ReferenceEquals(pod, info.Pod.Map) && CanHelp(info.Pod.Map, pod);
            if (changed)
                info.Pod = new PodInfo(pod);
            info.Timestamp = _time.SteadyNow();
            info.WaitsFor = ClusterEvent.None;
            foreach (var plugin in rejectedBy)
                info.WaitsFor |= _framework.EventsOf(plugin);
            info.BackoffExpiration = info.Timestamp + BackoffOf(info.Attempts);
            if (changed || rejectedBy.Count == 0 || MissedEvent(info))
                PutBackoff(info);
            else
                _waiting.Add(info.Pod.Uid, (info, Place.Unschedulable));
            return true;
        }
    }

    /// <summary>Something changed: pods that it may help are tried again, after what is left of their backoff.</summary>
    public void MoveOnEvent(ClusterEvent events)
    {
        if (events == ClusterEvent.None)
            return;
        lock (_lock)
        {
            for (var rest = (uint)events; rest != 0; rest &= rest - 1)
                _lastEventCycle[BitOperations.TrailingZeroCount(rest)] = _cycle;
            Move(info => (info.WaitsFor & events) != 0);
        }
    }

    /// <summary>Tries all pods again that are not gated.</summary>
    public void MoveAll()
    {
        lock (_lock)
        {
            _lastMoveAllCycle = _cycle;
            Move(_ => true);
        }
    }

    /// <summary>Pods whose backoff is over become active. Upstream looks every second.</summary>
    public void FlushBackoffCompleted()
    {
        lock (_lock)
        {
            var now = _time.SteadyNow();
            while (_backoff.Peek() is { } info && info.BackoffExpiration <= now)
            {
                _backoff.Pop();
                _waiting.Remove(info.Pod.Uid);
                Activate(info);
            }
        }
    }

    /// <summary>Pods that no event helped for five minutes are tried anyway. Upstream looks every 30 seconds.</summary>
    public void FlushUnschedulableLeftover()
    {
        lock (_lock)
        {
            var oldest = _time.SteadyNow() - MaxInUnschedulable;
            Move(info => info.Timestamp < oldest);
        }
    }

    /// <summary>Flushes at upstream's pace until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _time);
        try
        {
            for (var tick = 1; await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false); tick++)
            {
                FlushBackoffCompleted();
                if (tick % 30 == 0)
                    FlushUnschedulableLeftover();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    public void Dispose() => _available.Dispose();

    /// <summary>One second after the first attempt, doubled up to ten.</summary>
    internal static TimeSpan BackoffOf(int attempts) => attempts switch
    {
        <= 0 => TimeSpan.Zero,
        > 4 => MaxBackoff,
        _ => InitialBackoff * (1 << (attempts - 1)),
    };

    private bool MissedEvent(QueuedPodInfo info)
    {
        if (_lastMoveAllCycle >= info.SchedulingCycle)
            return true;
        for (var rest = (uint)info.WaitsFor; rest != 0; rest &= rest - 1)
        {
            if (_lastEventCycle[BitOperations.TrailingZeroCount(rest)] >= info.SchedulingCycle)
                return true;
        }

        return false;
    }

    private void UpdateWaiting(PodInfo pod, Map? old)
    {
        if (!_waiting.TryGetValue(pod.Uid, out var item))
            return;
        item.Info.Pod = pod;
        if (item.Place == Place.Active)
            _active.Fix(item.Info);
        if (item.Place != Place.Unschedulable)
            return;

        // What counts is what the pod asks for: a status of our own making must not let it be tried again at once.
        if (!item.Info.Gated && old is not null && !CanHelp(old, pod.Map))
            return;
        _waiting.Remove(pod.Uid);
        Requeue(item.Info);
    }

    private static bool CanHelp(Map old, Map pod) =>
        !old["spec"].Equals(pod["spec"])
        || !LabelsOf(old).DeepEquals(LabelsOf(pod));

    private static Map LabelsOf(Map pod) => pod.GetMap("metadata")?.GetMap("labels") ?? Map.Empty;

    private void Move(Func<QueuedPodInfo, bool> mayHelp)
    {
        List<QueuedPodInfo>? moved = null;
        foreach (var (info, place) in _waiting.Values)
        {
            if (place == Place.Unschedulable && !info.Gated && mayHelp(info))
                (moved ??= []).Add(info);
        }

        foreach (var info in moved ?? [])
        {
            _waiting.Remove(info.Pod.Uid);
            Requeue(info);
        }
    }

    private void Requeue(QueuedPodInfo info)
    {
        if (info.BackoffExpiration > _time.SteadyNow())
            PutBackoff(info);
        else
            Activate(info);
    }

    private void PutBackoff(QueuedPodInfo info)
    {
        _backoff.Add(info);
        _waiting.Add(info.Pod.Uid, (info, Place.Backoff));
    }

    private void Activate(QueuedPodInfo info)
    {
        info.Gated = !_framework.RunPreEnqueue(info.Pod).IsSuccess;
        if (info.Gated)
        {
            _waiting.Add(info.Pod.Uid, (info, Place.Unschedulable));
            return;
        }

        _active.Add(info);
        _waiting.Add(info.Pod.Uid, (info, Place.Active));
        if (_available.CurrentCount == 0)
            _available.Release();
    }

    private void TakeOut(string uid)
    {
        if (!_waiting.Remove(uid, out var item))
            return;
        if (item.Place == Place.Active)
            _active.Remove(item.Info);
        else if (item.Place == Place.Backoff)
            _backoff.Remove(item.Info);
    }
}
