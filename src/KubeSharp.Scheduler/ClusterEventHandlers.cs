using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.Scheduler.Cache;
using KubeSharp.Scheduler.Framework;
using KubeSharp.Scheduler.Queue;

namespace KubeSharp.Scheduler;

/// <summary>Brings what informers tell into cache and queue (kubernetes/pkg/scheduler/eventhandlers.go).</summary>
internal sealed class ClusterEventHandlers(SchedulerCache cache, SchedulingQueue queue, string schedulerName)
{
    public IResourceEventHandler Nodes => new ResourceEventHandler
    {
        OnAdded = node =>
        {
            cache.SetNode(node);
            queue.MoveOnEvent(ClusterEvent.NodeAdd);
        },
        OnUpdated = (old, node) =>
        {
            cache.SetNode(node);
            queue.MoveOnEvent(NodeChanges(Node.From(old), Node.From(node)));
        },
        OnDeleted = node => cache.RemoveNode(ObjectMetaAccessor.GetName(node)),
    };

    public IResourceEventHandler Pods => new ResourceEventHandler
    {
        OnAdded = pod => PodChanged(null, pod),
        OnUpdated = (old, pod) =>
        {
            // The informer may have missed that a pod was replaced by one of the same name.
            if (ObjectMetaAccessor.GetUid(old) != ObjectMetaAccessor.GetUid(pod))
            {
                PodGone(old);
                PodChanged(null, pod);
            }
            else
            {
                PodChanged(old, pod);
            }
        },
        OnDeleted = PodGone,
    };

    internal static ClusterEvent NodeChanges(Node old, Node node)
    {
        var events = ClusterEvent.None;
        if (Differ(old.Status.Allocatable.Map, node.Status.Allocatable.Map))
            events |= ClusterEvent.NodeUpdateAllocatable;
        if (Differ(old.Metadata.Labels.Map, node.Metadata.Labels.Map))
            events |= ClusterEvent.NodeUpdateLabel;
        if (old.Spec.Unschedulable != node.Spec.Unschedulable || Differ(old.Spec.Taints.Sequence, node.Spec.Taints.Sequence))
            events |= ClusterEvent.NodeUpdateTaint;
        return events;
    }

    private static bool Differ(Value old, Value value) => !old.Equals(value) && !(old.IsUndefined && value.IsUndefined);

    private void PodChanged(Map? old, Map obj)
    {
        var pod = Pod.From(obj);
        if (pod.Status.Phase is "Succeeded" or "Failed")
        {
            PodGone(obj);
            return;
        }

        var uid = ObjectMetaAccessor.GetUid(obj);
        if (pod.Spec.NodeName.Length == 0)
        {
            if (pod.Spec.SchedulerName != schedulerName)
                return;
            if (old is null)
                queue.Add(new PodInfo(obj));
            else
                queue.Update(old, new PodInfo(obj));
            return;
        }

        queue.Delete(uid);
        var before = cache.FindPod(uid);
        var info = new PodInfo(obj);
        cache.SetPod(info);
        if (before is not null && AsksForLess(before.Requests, info.Requests))
            queue.MoveOnEvent(ClusterEvent.AssignedPodScaleDown);
    }

    private void PodGone(Map obj)
    {
        var uid = ObjectMetaAccessor.GetUid(obj);
        queue.Delete(uid);

        // One that is only assumed to be somewhere is forgotten when its binding fails.
        if (Pod.From(obj).Spec.NodeName.Length == 0 || cache.FindPod(uid) is null)
            return;
        cache.RemovePod(uid);
        queue.MoveOnEvent(ClusterEvent.AssignedPodDelete);
    }

    private static bool AsksForLess(Resource before, Resource now) =>
        now.MilliCpu < before.MilliCpu || now.Memory < before.Memory || now.EphemeralStorage < before.EphemeralStorage;
}
