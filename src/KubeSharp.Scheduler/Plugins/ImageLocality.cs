using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Plugins;

/// <summary>Nodes that hold the pod's images are better, the more the larger, unless few nodes have them
/// (plugins/imagelocality/image_locality.go).</summary>
internal sealed class ImageLocality : IPreScorePlugin, IScorePlugin
{
    private const string StateKey = "PreScoreImageLocality";
    private const long MinThreshold = 23L * 1024 * 1024;
    private const long MaxContainerThreshold = 1000L * 1024 * 1024;

    public string Name => "ImageLocality";

    public Status PreScore(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Snapshot snapshot)
    {
        var spec = pod.Pod.Spec;
        var images = spec.InitContainers.Select(container => container.Image)
            .Concat(spec.Containers.Select(container => container.Image))
            .Concat(spec.Volumes.Where(volume => volume.Image.Exists).Select(volume => volume.Image.Reference))
            .Select(NormalizedName)
            .Select(name => (name, snapshot.NodesWithImage(name) / (double)snapshot.Nodes.Count));
        state.Write(StateKey, new Wanted([.. images], spec.InitContainers.Count + spec.Containers.Count));
        return Status.Success;
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (node.Images.Count == 0 || state.Read<Wanted>(StateKey) is not { } wanted)
            return 0;
        long sum = 0;
        foreach (var (name, spread) in wanted.Images)
        {
            if (node.Images.TryGetValue(name, out var size))
                sum += (long)(size * spread);
        }

        var most = MaxContainerThreshold * wanted.Containers;
        return IScorePlugin.MaxNodeScore * (Math.Clamp(sum, MinThreshold, most) - MinThreshold) / (most - MinThreshold);
    }

    private static string NormalizedName(string name) => name.LastIndexOf(':') <= name.LastIndexOf('/') ? name + ":latest" : name;

    // An image's spread is the share of nodes that have it.
    private sealed record Wanted((string Name, double Spread)[] Images, int Containers);
}
