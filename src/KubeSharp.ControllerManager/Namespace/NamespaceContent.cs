using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ControllerManager.Namespace;

/// <summary>Deletes what is in a namespace, one resource at a time
/// (pkg/controller/namespace/deletion/namespaced_resources_deleter.go, v1.36).</summary>
internal sealed class NamespaceContent(IApiClient client, TimeProvider time)
{
    public static readonly GroupVersionResource Pods = new("", "v1", "pods");

    /// <summary>How long finalizers are given before the next look.</summary>
    private const long FinalizerEstimateSeconds = 15;

    /// <summary>Deletes all objects of a resource and counts those that stay for now.</summary>
    public async Task<Remainder> DeleteAsync(GroupVersionResource resource, string ns, DateTimeOffset deletedAt, CancellationToken cancellationToken)
    {
        long estimate = 0;
        try
        {
            if (resource == Pods)
                estimate = await EstimateGraceAsync(ns, deletedAt, cancellationToken).ConfigureAwait(false);
            await DeleteAllAsync(resource, ns, cancellationToken).ConfigureAwait(false);
            var items = await ListAsync(resource, ns, cancellationToken).ConfigureAwait(false);
            if (items is null)
                return new Remainder(estimate, 0, []);
            if (items.Count == 0)
                return new Remainder(0, 0, []);
            var finalizers = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var finalizer in items.SelectMany(item => ObjectMetaAccessor.GetFinalizers(item) ?? Sequence.Empty))
                finalizers[finalizer.AsString!] = finalizers.GetValueOrDefault(finalizer.AsString!) + 1;
            if (estimate != 0)
                return new Remainder(estimate, items.Count, finalizers);
            if (finalizers.Count > 0)
                return new Remainder(FinalizerEstimateSeconds, items.Count, finalizers);
            var version = resource.Group.Length == 0 ? $"/{resource.Version}" : $"{resource.Group}/{resource.Version}";
            return new Remainder(
                0, items.Count, [], $"unexpected items still remain in namespace: {ns} for gvr: {version}, Resource={resource.Resource}");
        }
        catch (StatusException exception)
        {
            return new Remainder(estimate, 0, [], exception.Message);
        }
    }

    private async Task<long> EstimateGraceAsync(string ns, DateTimeOffset deletedAt, CancellationToken cancellationToken)
    {
        long estimate = 0;
        foreach (var pod in await ListAsync(Pods, ns, cancellationToken).ConfigureAwait(false) ?? [])
        {
            if (pod.GetMap("status")?.GetString("phase") is not ("Succeeded" or "Failed"))
                estimate = Math.Max(estimate, pod.GetMap("spec")?.GetInteger("terminationGracePeriodSeconds") ?? 0);
        }

        // Grace that is over is no reason to wait.
        return time.GetUtcNow() - deletedAt >= TimeSpan.FromSeconds(estimate) ? 0 : estimate;
    }

    private async Task DeleteAllAsync(GroupVersionResource resource, string ns, CancellationToken cancellationToken)
    {
        var options = new Map { { "apiVersion", "v1" }, { "kind", "DeleteOptions" }, { "propagationPolicy", "Background" } };
        try
        {
            await client.DeleteCollectionAsync(new ResourceRequest(resource, ns), new ListOptions(), options, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (StatusException exception) when (exception.IsMethodNotSupported || exception.IsNotFound)
        {
            // One by one, then.
        }

        foreach (var item in await ListAsync(resource, ns, cancellationToken).ConfigureAwait(false) ?? [])
        {
            try
            {
                await client.DeleteAsync(new ResourceRequest(resource, ns, ObjectMetaAccessor.GetName(item)), options, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsMethodNotSupported || exception.IsNotFound)
            {
                // Gone already, or not for us to delete.
            }
        }
    }

    /// <summary>Null when the resource cannot be listed.</summary>
    private async Task<IReadOnlyList<Map>?> ListAsync(GroupVersionResource resource, string ns, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ListAsync(new ResourceRequest(resource, ns), new ListOptions(), cancellationToken).ConfigureAwait(false)).Items;
        }
        catch (StatusException exception) when (exception.IsMethodNotSupported || exception.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>What is left of a resource, how long that may take, and what went wrong.</summary>
    internal sealed record Remainder(long EstimateSeconds, int Count, Dictionary<string, int> Finalizers, string? Failure = null);
}
