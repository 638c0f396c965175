namespace KubeSharp.ControllerManager.HollowNodes;

/// <summary>Nodes without machines: how many, and what they say of themselves.</summary>
public sealed record HollowNodeOptions
{
    public int Count { get; init; } = 1;

    /// <summary>Nodes are called prefix, dash, number from 0 on.</summary>
    public string NamePrefix { get; init; } = "hollow";

    /// <summary>Capacity and allocatable by resource name.</summary>
    public IReadOnlyDictionary<string, string> Capacity { get; init; } = new Dictionary<string, string>
    {
        ["cpu"] = "32",
        ["memory"] = "256Gi",
        ["ephemeral-storage"] = "1Ti",
        ["pods"] = "110",
    };

    /// <summary>Labels besides those that every kubelet sets.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public string KubeletVersion { get; init; } = "v1.36.0";

    /// <summary>Requests to the API at the same time, over all nodes.</summary>
    public int Parallelism { get; init; } = 16;
}
