using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>
/// A Lease in kube-system for each API server that lives, and the end of those whose server has died.
/// Source: component-helpers/apimachinery/lease/controller.go, pkg/controlplane/apiserver/server.go,
/// pkg/controlplane/controller/apiserverleasegc/gc_controller.go, v1.36; KEP-1965.
/// </summary>
/// <param name="client">Leases.</param>
/// <param name="identity">The lease's name (<see cref="Serving.ApiServerIdentity"/>).</param>
/// <param name="hostName">Of this machine, for a label.</param>
/// <param name="time">The clock.</param>
internal sealed class IdentityLeaseController(IApiClient client, string identity, string hostName, TimeProvider time) : IDisposable
{
    public const string HookName = "start-kube-apiserver-identity-lease-controller";
    public const string GarbageHookName = "start-kube-apiserver-identity-lease-garbage-collector";

    /// <summary>Upstream's IdentityLeaseGCPeriod.</summary>
    public static readonly TimeSpan GarbagePeriod = TimeSpan.FromHours(1);

    private const string Namespace = "kube-system";
    private const string ComponentLabel = "apiserver.kubernetes.io/identity";
    private const string Component = "kube-apiserver";
    private const int DurationSeconds = 3600;
    private const double JitterFactor = 0.04;

    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(10);
    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");

    private readonly string _holder = $"{identity}_{Guid.NewGuid()}";
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _stopped;
    private Map? _latest;

    private ResourceRequest Own => new(Leases, Namespace, identity);

    /// <summary>Deletes what an earlier life of this server left.</summary>
    public Task RemoveStaleAsync(CancellationToken cancellationToken) => DeleteAsync(Own, cancellationToken);

    /// <summary>Renews the lease until cancelled, or until it cannot be written.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await RenewAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(RenewInterval * (1 + JitterFactor * Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes the lease; it is not renewed any more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        _stopped = true;
        _gate.Release();
        await DeleteAsync(Own, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes the leases of all API servers that have not been renewed in time.</summary>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        var list = await client.ListAsync(new ResourceRequest(Leases, Namespace), new ListOptions { LabelSelector = $"{ComponentLabel}={Component}" }, cancellationToken).ConfigureAwait(false);
        foreach (var lease in list.Items.Where(IsExpired))
        {
            var request = new ResourceRequest(Leases, Namespace, lease.Name());
            try
            {
                // What was listed may be old; what is deleted must not be.
                if (IsExpired(await client.GetAsync(request, cancellationToken).ConfigureAwait(false)))
                    await DeleteAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                // Another server was faster.
            }
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_stopped)
                return;
            try
            {
                _latest = _latest is null
                    ? await client.CreateAsync(new ResourceRequest(Leases, Namespace), Renewed(null), cancellationToken).ConfigureAwait(false)
                    : await client.UpdateAsync(Own, Renewed(_latest), cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsAlreadyExists || exception.IsConflict)
            {
                _latest = await client.UpdateAsync(Own, Renewed(await client.GetAsync(Own, cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                _latest = null;
                throw;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private Map Renewed(Map? lease)
    {
        var next = lease?.DeepClone() ?? new Map { { "metadata", new Map { { "name", identity }, { "namespace", Namespace } } } };
        var labels = next.EditMap("metadata").EditMap("labels");
        labels.Set(ComponentLabel, Component);
        labels.Set("kubernetes.io/hostname", hostName);
        var spec = next.EditMap("spec");
        spec.Set("holderIdentity", _holder);
        spec.Set("leaseDurationSeconds", DurationSeconds);
        spec.Set("renewTime", Rfc3339.FormatMicro(time.GetUtcNow()));
        return next;
    }

    private bool IsExpired(Map lease)
    {
        var spec = lease.Sub("spec");
        return Rfc3339.ParseOrNull(spec.GetString("renewTime")) is not { } renewed || spec.GetInteger("leaseDurationSeconds") is not { } duration
            || renewed.AddSeconds(duration) < time.GetUtcNow();
    }

    private async Task DeleteAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync(request, null, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // It is gone already.
        }
    }
}
