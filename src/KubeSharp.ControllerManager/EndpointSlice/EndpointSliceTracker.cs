using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ControllerManager.EndpointSlice;

/// <summary>
/// Which generation of each slice this controller last wrote, by service, so that a sync never builds on a cache that is
/// older than the controller's own writes (k8s.io/endpointslice/util/endpointslice_tracker.go, v1.36).
/// </summary>
public sealed class EndpointSliceTracker
{
    /// <summary>Stands for the generation of a slice that was deleted here and whose deletion was not seen yet.</summary>
    private const long DeletionExpected = -1;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, long>> _generations = new(StringComparer.Ordinal);

    /// <summary>What the server answered to a create or an update.</summary>
    public void Update(string service, Map slice) => Set(service, slice, ObjectMetaAccessor.GetGeneration(slice));

    /// <summary>The slice is about to be deleted.</summary>
    public void ExpectDeletion(string service, Map slice) => Set(service, slice, DeletionExpected);

    /// <summary>A slice is gone. False when that was not this controller's doing, so its service needs a sync.</summary>
    public bool HandleDeletion(string service, Map slice)
    {
        lock (_gate)
        {
            return !_generations.TryGetValue(service, out var known)
                || !known.Remove(ObjectMetaAccessor.GetUid(slice), out var generation)
                || generation == DeletionExpected;
        }
    }

    /// <summary>The service is gone, and what was known of its slices with it.</summary>
    public void DeleteService(string service)
    {
        lock (_gate)
            _generations.Remove(service);
    }

    /// <summary>Whether somebody else wrote the slice: it is unknown here, or newer than what was written here.</summary>
    public bool ShouldSync(string service, Map slice)
    {
        lock (_gate)
        {
            return !_generations.TryGetValue(service, out var known)
                || !known.TryGetValue(ObjectMetaAccessor.GetUid(slice), out var generation)
                || ObjectMetaAccessor.GetGeneration(slice) > generation;
        }
    }

    /// <summary>Whether the slices, read from a cache, lack something that this controller wrote.</summary>
    public bool IsStale(string service, IReadOnlyList<Map> slices)
    {
        lock (_gate)
        {
            if (!_generations.TryGetValue(service, out var known))
                return false;
            var missing = 0;
            foreach (var (_, generation) in known)
                missing += generation == DeletionExpected ? 0 : 1;
            foreach (var slice in slices)
            {
                if (!known.TryGetValue(ObjectMetaAccessor.GetUid(slice), out var generation))
                    continue;
                if (generation == DeletionExpected || generation > ObjectMetaAccessor.GetGeneration(slice))
                    return true;
                missing--;
            }

            return missing > 0;
        }
    }

    private void Set(string service, Map slice, long generation)
    {
        lock (_gate)
        {
            if (!_generations.TryGetValue(service, out var known))
                _generations[service] = known = new(StringComparer.Ordinal);
            known[ObjectMetaAccessor.GetUid(slice)] = generation;
        }
    }
}
