using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ControllerManager.Pods;

namespace KubeSharp.ControllerManager.Deployment;

/// <content>Which changes of replica sets and pods concern which deployments.</content>
public sealed partial class DeploymentController
{
    private void SetChanged(Map set)
    {
        if (ObjectMetaAccessor.IsBeingDeleted(set))
            SetDeleted(set);
        else if (ObjectMetaAccessor.GetControllerOf(set) is null)
            EnqueueMatching(set);
        else
            SetDeleted(set);
    }

    private void SetUpdated(Map old, Map set)
    {
        var before = ObjectMetaAccessor.GetControllerOf(old);
        if (before?.GetString("uid") != ObjectMetaAccessor.GetControllerOf(set)?.GetString("uid"))
            SetDeleted(old);
        SetChanged(set);
    }

    private void SetDeleted(Map set)
    {
        if (OwnerOf(set) is { } deployment)
            Queue.Add(ObjectMetaAccessor.GetKey(deployment));
    }

    // The last old pod's end lets a recreation go on.
    private void PodDeleted(Map pod)
    {
        if (ObjectMetaAccessor.GetControllerOf(pod) is not { } owner
            || _sets.Get(ObjectMetaAccessor.GetNamespace(pod), owner.GetString("name") ?? "") is not { } set || ObjectMetaAccessor.GetUid(set) != owner.GetString("uid")
            || OwnerOf(set) is not { } deployment || deployment.GetMap("spec")?.GetMap("strategy")?.GetString("type") != "Recreate")
        {
            return;
        }

        if (_sets.ByIndex(ControllerIndex.Name, ObjectMetaAccessor.GetUid(deployment)).All(sibling => PodsOf(sibling).Count == 0))
            Queue.Add(ObjectMetaAccessor.GetKey(deployment));
    }

    // A deployment of the same name that took the owner's place has no part in the set.
    private Map? OwnerOf(Map set) =>
        ObjectMetaAccessor.GetControllerOf(set) is { } owner && owner.GetString("kind") == "Deployment"
            && _deployments.Get(ObjectMetaAccessor.GetNamespace(set), owner.GetString("name") ?? "") is { } deployment
            && ObjectMetaAccessor.GetUid(deployment) == owner.GetString("uid")
            ? deployment
            : null;

    private void EnqueueMatching(Map set)
    {
        if (ObjectMetaAccessor.GetLabels(set) is not { Count: > 0 } labels)
            return;
        foreach (var deployment in _deployments.ListNamespace(ObjectMetaAccessor.GetNamespace(set)))
        {
            if (LabelSelector.TryFromMeta(deployment.GetMap("spec")?.GetMap("selector"), out var selector, out _) && !selector.IsEmpty && selector.Matches(labels))
                Queue.Add(ObjectMetaAccessor.GetKey(deployment));
        }
    }
}
