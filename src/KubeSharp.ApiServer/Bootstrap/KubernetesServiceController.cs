using System.Net;
using KubeSharp.ApiServer.Bootstrap.Reconcilers;
using KubeSharp.ApiServer.Options;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>
/// Keeps this server among the endpoints of the kubernetes Service from when it is ready until it stops.
/// Source: pkg/controlplane/controller/kubernetesservice/controller.go, v1.36; the Service itself is made by <see cref="BootstrapHooks"/>.
/// </summary>
internal sealed class KubernetesServiceController(LeaseEndpointReconciler reconciler, IPAddress address, int port, TimeProvider time)
{
    /// <summary>Upstream's DefaultEndpointReconcilerInterval.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Upstream's DefaultEndpointReconcilerTTL.</summary>
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(15);

    /// <summary>Null: nobody is to write the endpoints, or the server has no address that may stand there.</summary>
    public static KubernetesServiceController? Create(ApiServerOptions options, Storage.IRevisionedStore store, Encryption.EncryptionAtRest encryption, IApiClient client, TimeProvider time)
    {
        // Endpoints may not be loopback addresses; who has no other has no pods that could ask for the server either.
        if (options.EndpointReconcilerType != "lease" || options.ClusterAddress is not { } address)
            return null;
        var leases = new MasterLeases(store, encryption.TransformerFor(MasterLeases.Resource), TimeToLive);
        return new KubernetesServiceController(new LeaseEndpointReconciler(client, leases), address, options.SecurePort, time);
    }

    /// <summary>Takes back what an earlier life of this server left that did not end well.</summary>
    public Task RemoveStaleAsync(CancellationToken cancellationToken) => reconciler.RemoveAsync(address, port, cancellationToken);

    /// <summary>Renews this server's lease and the endpoints until cancelled, or until the leases or endpoints cannot be written.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = time.GetTimestamp();
            await reconciler.ReconcileAsync(address, port, cancellationToken).ConfigureAwait(false);
            if (Interval - time.GetElapsedTime(started) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes this server out for good.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        reconciler.StopReconciling();
        await reconciler.RemoveAsync(address, port, cancellationToken).ConfigureAwait(false);
    }
}
