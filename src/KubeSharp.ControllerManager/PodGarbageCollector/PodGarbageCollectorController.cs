using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase;
using KubeSharp.ControllerManager.NodeLifecycle;

namespace KubeSharp.ControllerManager.PodGarbageCollector;

/// <summary>pod-garbage-collector-controller: every 20 s deletes pods that nobody else will: the oldest finished ones over a
/// threshold, those whose node is gone or out of service, and unscheduled ones being deleted
/// (pkg/controller/podgc/gc_controller.go, v1.36).</summary>
public sealed class PodGarbageCollectorController : Controller
{
    /// <summary>--terminated-pod-gc-threshold's default.</summary>
    public const int DefaultTerminatedPodThreshold = 12500;

    private const string Round = "round";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Nodes = new("", "v1", "nodes");

    private readonly Lister _pods;
    private readonly Lister _nodes;
    private readonly int _threshold;
    private readonly ConcurrentDictionary<string, TimeSpan> _missingNodes = new(StringComparer.Ordinal);

    /// <param name="context">Where the controller lives.</param>
    /// <param name="terminatedPodThreshold">Finished pods that may stay; 0 or less: all.</param>
    public PodGarbageCollectorController(ControllerContext context, int terminatedPodThreshold = DefaultTerminatedPodThreshold)
        : base("pod-garbage-collector-controller", context)
    {
        _threshold = terminatedPodThreshold;
        _pods = context.Informers.ForResource(Pods).Lister;
        _nodes = context.Informers.ForResource(Nodes).Lister;
        Queue.Add(Round);
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var pods = _pods.List();
            var failures = new List<Exception>();
            foreach (var pod in Terminated(pods).Concat(pods.Where(OnOutOfServiceNode)).Concat(pods.Where(UnscheduledAndDeleted)))
                await DeleteAsync(pod, null, failures, cancellationToken).ConfigureAwait(false);
            var gone = await GoneNodesAsync(pods, cancellationToken).ConfigureAwait(false);
            foreach (var pod in pods.Where(pod => gone.Contains(NodeOf(pod))))
                await DeleteAsync(pod, "PodGC: node no longer exists", failures, cancellationToken).ConfigureAwait(false);
            if (failures.Count > 0)
                throw new AggregateException(failures);
        }
        finally
        {
            Queue.AddAfter(Round, Period);
        }
    }

    private IEnumerable<Map> Terminated(IReadOnlyList<Map> pods)
    {
        if (_threshold <= 0)
            return [];
        var finished = pods.Where(pod => Phase(pod) is not ("Pending" or "Running" or "Unknown")).ToList();
        return finished
            .OrderByDescending(pod => pod.GetMap("status")?.GetString("reason") == "Evicted")
            .ThenBy(pod => ObjectMetaAccessor.GetCreationTimestamp(pod), StringComparer.Ordinal)
            .ThenBy(ObjectMetaAccessor.GetName, StringComparer.Ordinal)
            .Take(Math.Max(0, finished.Count - _threshold));
    }

    private bool OnOutOfServiceNode(Map pod) => ObjectMetaAccessor.IsBeingDeleted(pod)
        && NodeOf(pod) is { Length: > 0 } name && _nodes.Get(name) is { } node
        && NodeConditions.Find(node, "Ready")?.GetString("status") != "True"
        && NodeTaints.Of(node).Any(taint => taint.GetString("key") == "node.kubernetes.io/out-of-service");

    private static bool UnscheduledAndDeleted(Map pod) => ObjectMetaAccessor.IsBeingDeleted(pod) && NodeOf(pod).Length == 0;

    /// <summary>Nodes that were missing for the whole quarantine, and that the API server does not know either.</summary>
    private async Task<HashSet<string>> GoneNodesAsync(IReadOnlyList<Map> pods, CancellationToken cancellationToken)
    {
        var now = Context.Time.SteadyNow();
        var missing = pods.Select(NodeOf).Where(name => name.Length > 0 && _nodes.Get(name) is null).ToHashSet(StringComparer.Ordinal);
        foreach (var back in _missingNodes.Keys.Where(name => !missing.Contains(name)))
            _missingNodes.TryRemove(back, out _);
        var gone = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in missing)
        {
            if (now - _missingNodes.GetOrAdd(name, now) < Quarantine)
                continue;
            _missingNodes.TryRemove(name, out _);
            try
            {
                await Context.Client.GetAsync(new ResourceRequest(Nodes, "", name), cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                gone.Add(name);
            }
        }

        return gone;
    }

    private async Task DeleteAsync(Map pod, string? disruption, List<Exception> failures, CancellationToken cancellationToken)
    {
        var request = new ResourceRequest(Pods, ObjectMetaAccessor.GetNamespace(pod), ObjectMetaAccessor.GetName(pod));
        try
        {
            if (Phase(pod) is not ("Succeeded" or "Failed"))
            {
                var status = new Map { { "phase", "Failed" } };
                if (disruption is not null)
                {
                    var now = Rfc3339.Format(Context.Time.GetUtcNow())!;
                    status["conditions"] = new Sequence { PodDisruption.Condition(pod, "DeletionByPodGC", disruption, now) };
                }

                var patch = new Map { { "metadata", new Map { { "uid", ObjectMetaAccessor.GetUid(pod) } } }, { "status", status } };
                await Context.Client.PatchAsync(request with { Subresource = "status" }, PatchType.StrategicMerge, patch, cancellationToken).ConfigureAwait(false);
            }

            var immediately = new Map { { "apiVersion", "v1" }, { "kind", "DeleteOptions" }, { "gracePeriodSeconds", 0 } };
            await Context.Client.DeleteAsync(request, immediately, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // Gone already.
        }
        catch (StatusException exception)
        {
            failures.Add(exception);
        }
    }

    private static string Phase(Map pod) => pod.GetMap("status")?.GetString("phase") ?? "";

    private static string NodeOf(Map pod) => pod.GetMap("spec")?.GetString("nodeName") ?? "";
}
