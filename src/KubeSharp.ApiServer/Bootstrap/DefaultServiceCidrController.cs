using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>
/// The ServiceCIDR <c>kubernetes</c> of <c>--service-cluster-ip-range</c>: made when it is missing, ready when it is what the
/// flag says, and left alone when it is not.
/// Source: pkg/controlplane/controller/defaultservicecidr/default_servicecidr_controller.go, v1.36.
/// </summary>
/// <param name="client">Writes the object.</param>
/// <param name="statusClient">Writes its status, under the name <see cref="ManagerName"/>.</param>
/// <param name="cidrs">The ranges, the default family's first.</param>
/// <param name="time">The clock.</param>
internal sealed class DefaultServiceCidrController(IApiClient client, IApiClient statusClient, IReadOnlyList<string> cidrs, TimeProvider time)
{
    public const string HookName = "start-kubernetes-service-cidr-controller";
    public const string ManagerName = "kubernetes-service-cidr-controller";

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private static readonly GroupVersionResource ServiceCidrs = new("networking.k8s.io", "v1", "servicecidrs");
    private static readonly ResourceRequest Own = new(ServiceCidrs, "", "kubernetes");

    /// <summary>One round.</summary>
    /// <exception cref="StatusException">The object cannot be read or written.</exception>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        var found = await FindAsync(cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            var created = new Map { { "metadata", new Map { { "name", "kubernetes" } } }, { "spec", new Map { { "cidrs", Sequence() } } } };
            try
            {
                found = await client.CreateAsync(new ResourceRequest(ServiceCidrs), created, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsAlreadyExists)
            {
                // Another server was faster; it also sets the status.
                return;
            }
        }

        var stored = found.Sub("spec").List("cidrs").Select(cidr => cidr.AsString).ToList();
        if (cidrs.Count == 2 && stored.Count == 1 && stored[0] == cidrs[0])
        {
            var next = found.DeepClone();
            next.EditMap("spec").Set("cidrs", Sequence());
            await client.UpdateAsync(Own, next, cancellationToken).ConfigureAwait(false);
        }
        else if (stored.SequenceEqual(cidrs) && !ObjectMetaAccessor.IsBeingDeleted(found) && !IsDecided(found))
        {
            await SetReadyAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Somebody has said whether it is ready; that is not overwritten.</summary>
    private static bool IsDecided(Map cidr) =>
        cidr.Sub("status").List("conditions").Any(condition => condition.AsMap.Text("type") == "Ready" && condition.AsMap.Text("status") is "True" or "False");

    private Task SetReadyAsync(CancellationToken cancellationToken)
    {
        var conditions = new Sequence(1);
        conditions.Add(new Map
        {
            { "type", "Ready" }, { "status", "True" }, { "message", "Kubernetes default Service CIDR is ready" }, { "lastTransitionTime", Rfc3339.Format(time.GetUtcNow()) },
        });
        var apply = new Map
        {
            { "apiVersion", "networking.k8s.io/v1" }, { "kind", "ServiceCIDR" }, { "metadata", new Map { { "name", "kubernetes" } } },
            { "status", new Map { { "conditions", conditions } } },
        };
        return statusClient.PatchAsync(Own with { Subresource = "status" }, PatchType.Apply, apply, cancellationToken);
    }

    private async Task<Map?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(Own, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }

    private Sequence Sequence()
    {
        var list = new Sequence(cidrs.Count);
        foreach (var cidr in cidrs)
            list.Add(cidr);
        return list;
    }
}
