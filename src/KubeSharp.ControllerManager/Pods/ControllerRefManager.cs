using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ControllerManager.Pods;

/// <summary>Decides what belongs to a controlling object: what it controls and selects it keeps, what it no longer selects it
/// releases, orphans that it selects it adopts (pkg/controller/controller_ref_manager.go, v1.36). For one sync.</summary>
internal sealed class ControllerRefManager(IApiClient client, GroupVersionResource ownerResource, Map owner, LabelSelector selector)
{
    private bool _rechecked;

    /// <summary>The candidates that belong to the owner. All are tried before the first failure is thrown.</summary>
    public async Task<List<Map>> ClaimAsync(GroupVersionResource resource, IEnumerable<Map> candidates, CancellationToken cancellationToken)
    {
        var claimed = new List<Map>();
        var failures = new List<Exception>();
        foreach (var candidate in candidates)
        {
            try
            {
                if (await ClaimAsync(resource, candidate, cancellationToken).ConfigureAwait(false))
                    claimed.Add(candidate);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                // Gone meanwhile.
            }
            catch (Exception exception) when (exception is StatusException or InvalidOperationException)
            {
                failures.Add(exception);
            }
        }

        return failures.Count == 0 ? claimed : throw new AggregateException(failures);
    }

    private async Task<bool> ClaimAsync(GroupVersionResource resource, Map candidate, CancellationToken cancellationToken)
    {
        var matches = selector.Matches(ObjectMetaAccessor.GetLabels(candidate));
        if (ObjectMetaAccessor.GetControllerOf(candidate) is { } reference)
        {
            if (reference.GetString("uid") != ObjectMetaAccessor.GetUid(owner))
                return false;
            if (!matches && !ObjectMetaAccessor.IsBeingDeleted(owner))
                await ReleaseAsync(resource, candidate, cancellationToken).ConfigureAwait(false);
            return matches;
        }

        if (!matches || ObjectMetaAccessor.IsBeingDeleted(owner) || ObjectMetaAccessor.IsBeingDeleted(candidate))
            return false;
        await RecheckAsync(cancellationToken).ConfigureAwait(false);
        var adopted = ObjectMetaAccessor.NewControllerRef(owner, ObjectMetaAccessor.GetApiVersion(owner), ObjectMetaAccessor.GetKind(owner));
        await PatchAsync(resource, candidate, adopted, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task ReleaseAsync(GroupVersionResource resource, Map obj, CancellationToken cancellationToken)
    {
        try
        {
            await PatchAsync(resource, obj, new Map { { "$patch", "delete" }, { "uid", ObjectMetaAccessor.GetUid(owner) } }, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsInvalid)
        {
            // It has no owners any more, or another uid: there is nothing to release.
        }
    }

    /// <summary>An owner that is gone, or going, by the API's word adopts nothing, whatever the cache says.</summary>
    private async Task RecheckAsync(CancellationToken cancellationToken)
    {
        if (_rechecked)
            return;
        var (ns, name) = (ObjectMetaAccessor.GetNamespace(owner), ObjectMetaAccessor.GetName(owner));
        Map fresh;
        try
        {
            fresh = await client.GetAsync(new ResourceRequest(ownerResource, ns, name), cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            throw new InvalidOperationException($"can't recheck DeletionTimestamp: {exception.Message}", exception);
        }

        if (ObjectMetaAccessor.GetUid(fresh) != ObjectMetaAccessor.GetUid(owner))
            throw new InvalidOperationException($"original {ObjectMetaAccessor.GetKind(owner)} {ns}/{name} is gone: got uid {ObjectMetaAccessor.GetUid(fresh)}, wanted {ObjectMetaAccessor.GetUid(owner)}");
        if (ObjectMetaAccessor.IsBeingDeleted(fresh))
            throw new InvalidOperationException($"{ns}/{name} has just been deleted at {ObjectMetaAccessor.GetDeletionTimestamp(fresh)}");
        _rechecked = true;
    }

    private Task<Map> PatchAsync(GroupVersionResource resource, Map obj, Map reference, CancellationToken cancellationToken)
    {
        var references = new Sequence(1);
        references.Add(reference);
        var patch = new Map { { "metadata", new Map { { "ownerReferences", references }, { "uid", ObjectMetaAccessor.GetUid(obj) } } } };
        var request = new ResourceRequest(resource, ObjectMetaAccessor.GetNamespace(obj), ObjectMetaAccessor.GetName(obj));
        return client.PatchAsync(request, PatchType.StrategicMerge, patch, cancellationToken);
    }
}
