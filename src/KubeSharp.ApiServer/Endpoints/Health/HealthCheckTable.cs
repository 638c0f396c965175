using KubeSharp.ApiServer.Bootstrap;
using KubeSharp.ApiServer.Encryption;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Serving;
using KubeSharp.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KubeSharp.ApiServer.Endpoints.Health;

/// <summary>The health checks by upstream's names, and the endpoints that each counts for.</summary>
internal static class HealthCheckTable
{
    private static readonly string[] Everywhere = ["healthz", "livez", "readyz"];
    private static readonly string[] Living = ["healthz", "livez"];
    private static readonly string[] NotLiving = ["healthz", "readyz"];
    private static readonly string[] Ready = ["readyz"];

    /// <summary>Upstream's post-start hooks. Those that have no work here are done from the start.</summary>
    private static readonly string[] Hooks =
    [
        "aggregator-reload-proxy-client-cert", "apiservice-discovery-controller", "apiservice-openapi-controller", "apiservice-openapiv3-controller",
        "apiservice-registration-controller", "apiservice-status-local-available-controller", "apiservice-status-remote-available-controller",
        "apiservice-wait-for-first-sync", "bootstrap-controller", "crd-informer-synced", "generic-apiserver-start-informers",
        "kube-apiserver-autoregistration", "peer-endpoint-reconciler-controller", "priority-and-fairness-config-consumer",
        "priority-and-fairness-config-producer", "priority-and-fairness-filter", "rbac/bootstrap-roles",
        "scheduling/bootstrap-system-priority-classes", "start-apiextensions-controllers", "start-apiextensions-informers",
        "start-apiserver-admission-initializer", "start-cluster-authentication-info-controller", "start-kube-aggregator-informers",
        "start-kube-apiserver-identity-lease-controller", "start-kube-apiserver-identity-lease-garbage-collector",
        "start-kubernetes-service-cidr-controller", "start-legacy-token-tracking-controller", "start-service-ip-repair-controllers",
        "start-system-namespaces-controller", "storage-object-count-tracker-hook", "storage-readiness",
    ];

    /// <summary>Registers the checks, in the order in which reports print them.</summary>
    public static IReadOnlyList<HealthCheckRegistration> Register(IServiceCollection services, PostStartHooks hooks, LifecycleSignals lifecycle, IRevisionedStore store, IReadOnlyList<IRevisionedStore> others, EtcdOptions etcd, EncryptionAtRest encryption)
    {
        var registrations = new List<HealthCheckRegistration>
        {
            Make("ping", Everywhere, () => true),
            Make("log", Everywhere, () => true),
            Make("loopback-serving-certificate", Living, () => true),
            // A store in this process is no etcd that a load balancer could lead around.
            new("etcd", new StoreHealthCheck(store, etcd.HealthcheckTimeout), HealthStatus.Unhealthy, store.IsLocal ? Living : Everywhere),
        };
        if (!store.IsLocal)
            registrations.Add(new("etcd-readiness", new StoreHealthCheck(store, etcd.ReadycheckTimeout), HealthStatus.Unhealthy, Ready));
        for (var i = 0; i < others.Count; i++)
        {
            registrations.Add(new($"etcd-override-{i}", new StoreHealthCheck(others[i], etcd.HealthcheckTimeout), HealthStatus.Unhealthy, Everywhere));
            registrations.Add(new($"etcd-override-readiness-{i}", new StoreHealthCheck(others[i], etcd.ReadycheckTimeout), HealthStatus.Unhealthy, Ready));
        }

        if (encryption.HasHealthCheck)
            registrations.Add(new("kms-providers", new KmsHealthCheck(encryption), HealthStatus.Unhealthy, NotLiving));
        registrations.Add(Make("informer-sync", Ready, () => true));
        foreach (var hook in Hooks)
            registrations.Add(Make($"poststarthook/{hook}", Everywhere, () => hooks.IsDone(hook)));
        if (encryption.IsReloadable)
            registrations.Add(Make($"poststarthook/{EncryptionReloadController.HookName}", Everywhere, () => hooks.IsDone(EncryptionReloadController.HookName)));
        registrations.Add(Make("autoregister-completion", Everywhere, () => true));
        registrations.Add(Make("shutdown", Ready, () => !lifecycle.ShutdownInitiated.IsCancellationRequested, "process is shutting down"));
        services.AddHealthChecks();
        services.Configure<HealthCheckServiceOptions>(options =>
        {
            foreach (var registration in registrations)
                options.Registrations.Add(registration);
        });
        return registrations;
    }

    private static HealthCheckRegistration Make(string name, string[] tags, Func<bool> isHealthy, string problem = "not finished") =>
        new(name, new DelegateCheck(isHealthy, problem), HealthStatus.Unhealthy, tags);

    private sealed class DelegateCheck(Func<bool> isHealthy, string problem) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(isHealthy() ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(problem));
    }

    /// <summary>The key management services are well (addHealthChecksWithoutLivez in server/options/etcd.go).</summary>
    private sealed class KmsHealthCheck(EncryptionAtRest encryption) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await encryption.CheckAsync(cancellationToken).ConfigureAwait(false) is { } error ? HealthCheckResult.Unhealthy(error) : HealthCheckResult.Healthy();
    }

    /// <summary>The store answers a read in time (storage/storagebackend/factory/etcd3.go newETCD3HealthCheck).</summary>
    private sealed class StoreHealthCheck(IRevisionedStore store, TimeSpan timeout) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeout);
            try
            {
                await store.GetAsync("/registry/health", 0, limit.Token).ConfigureAwait(false);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
            {
                return HealthCheckResult.Unhealthy("etcd failed: " + exception.Message);
            }
        }
    }
}
