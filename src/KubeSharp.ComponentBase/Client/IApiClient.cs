using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ComponentBase.Client;

/// <summary>
/// The Kubernetes API as controllers, the scheduler and hollow nodes see it. Two transports: HTTPS
/// (<c>HttpApiClient</c>, with a kubeconfig) and in-process (the API server's own pipeline, without sockets or encoding).
/// Objects that come back are frozen; objects that go in are not changed. All methods throw
/// <c>StatusException</c> with the server's Status when the server says no.
/// </summary>
public interface IApiClient
{
    Task<Map> GetAsync(ResourceRequest request, CancellationToken cancellationToken);

    Task<Map> CreateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken);

    Task<Map> UpdateAsync(ResourceRequest request, Map body, CancellationToken cancellationToken);

    Task<Map> PatchAsync(ResourceRequest request, PatchType type, Value patch, CancellationToken cancellationToken);

    /// <summary>Deletes; <paramref name="options"/> is a <c>meta/v1 DeleteOptions</c> or null. The answer is the object or a Status.</summary>
    Task<Map> DeleteAsync(ResourceRequest request, Map? options, CancellationToken cancellationToken);

    Task<Map> DeleteCollectionAsync(ResourceRequest request, ListOptions list, Map? options, CancellationToken cancellationToken);

    Task<ApiList> ListAsync(ResourceRequest request, ListOptions options, CancellationToken cancellationToken);

    /// <summary>Events until the server ends the watch or the token is cancelled. An <c>ERROR</c> event is thrown as StatusException.</summary>
    IAsyncEnumerable<ApiWatchEvent> WatchAsync(ResourceRequest request, ListOptions options, CancellationToken cancellationToken);
}

/// <summary>What a request is about. <paramref name="Namespace"/> is empty for cluster-scoped resources and for lists
/// over all namespaces; <paramref name="Name"/> is empty for collections.</summary>
public readonly record struct ResourceRequest(GroupVersionResource Resource, string Namespace = "", string Name = "", string Subresource = "");

/// <summary>The query of lists and watches (meta/v1 ListOptions).</summary>
public sealed record ListOptions
{
    public string LabelSelector { get; init; } = "";

    public string FieldSelector { get; init; } = "";

    public string ResourceVersion { get; init; } = "";

    public string ResourceVersionMatch { get; init; } = "";

    public long Limit { get; init; }

    public string Continue { get; init; } = "";

    public bool AllowWatchBookmarks { get; init; }

    public bool SendInitialEvents { get; init; }

    public TimeSpan? Timeout { get; init; }
}

/// <summary>A list's items (frozen) and its metadata.</summary>
public sealed record ApiList(IReadOnlyList<Map> Items, string ResourceVersion, string Continue, long? RemainingItemCount);

/// <summary>One watch event: ADDED, MODIFIED, DELETED or BOOKMARK with a frozen object.</summary>
public readonly record struct ApiWatchEvent(string Type, Map Object);

/// <summary>The patch kinds; <c>Apply</c> is server-side apply.</summary>
public enum PatchType
{
    Json,
    Merge,
    StrategicMerge,
    Apply,
}
