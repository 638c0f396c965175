using Prometheus;

namespace KubeSharp.ComponentBase.Metrics;

/// <summary>The metrics of this process, as <c>/metrics</c> shows them; every component adds its own
/// (component-base/metrics/legacyregistry, v1.36).</summary>
public static class ComponentMetrics
{
    public static CollectorRegistry Registry { get; } = CreateRegistry();

    /// <summary>Makes metrics that are in <see cref="Registry"/>.</summary>
    public static MetricFactory Factory { get; } = Prometheus.Metrics.WithCustomRegistry(Registry);

    private static CollectorRegistry CreateRegistry()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        DotNetStats.Register(registry);
        // The one process metric that the library names otherwise.
        var memory = Prometheus.Metrics.WithCustomRegistry(registry).CreateGauge("process_resident_memory_bytes", "Resident memory size in bytes.");
        registry.AddBeforeCollectCallback(() => memory.Set(Environment.WorkingSet));
        return registry;
    }
}
