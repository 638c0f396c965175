using System.Collections.Concurrent;
using KubeSharp.ComponentBase.Metrics;
using KubeSharp.Storage;
using Prometheus;

namespace KubeSharp.ApiServer.Cache;

/// <summary>What the store is asked, how long it takes, and how large it is (apiserver/pkg/storage/etcd3/metrics/metrics.go, v1.36).</summary>
internal static class StorageMetrics
{
    private static readonly double[] Buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

    private static readonly string[] RequestLabels = ["operation", "group", "resource"];

    private static readonly Histogram Latency = ComponentMetrics.Factory.CreateHistogram(
        "etcd_request_duration_seconds", "Etcd request latency in seconds for each operation and object type.", RequestLabels, new HistogramConfiguration { Buckets = Buckets });

    private static readonly Counter Requests = ComponentMetrics.Factory.CreateCounter("etcd_requests_total", "Etcd request counts for each operation and object type.", RequestLabels);

    private static readonly Counter Errors = ComponentMetrics.Factory.CreateCounter("etcd_request_errors_total", "Etcd failed request counts for each operation and object type.", RequestLabels);

    private static readonly Gauge Size = ComponentMetrics.Factory.CreateGauge(
        "apiserver_storage_size_bytes", "Size of the storage database file physically allocated in bytes.", "storage_cluster_id");

    private static readonly ConcurrentDictionary<(string Operation, string Group, string Resource), Series> All = new();

    public static Series Of(string operation, string group, string resource) =>
        All.GetOrAdd((operation, group, resource), static key => new Series(
            Latency.WithLabels(key.Operation, key.Group, key.Resource), Requests.WithLabels(key.Operation, key.Group, key.Resource), Errors.WithLabels(key.Operation, key.Group, key.Resource)));

    /// <summary>Asks the store for its size; one that does not answer keeps the size that it had.</summary>
    public static async Task UpdateSizeAsync(IRevisionedStore store, string cluster, CancellationToken cancellationToken)
    {
        try
        {
            Size.WithLabels(cluster).Set(await store.SizeAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (StoreUnavailableException)
        {
            // The next round asks again.
        }
    }

    /// <summary>The series of one operation on one resource.</summary>
    internal sealed record Series(IHistogram Latency, ICounter Requests, ICounter Errors)
    {
        public void Record(TimeSpan elapsed, bool failed)
        {
            Latency.Observe(elapsed.TotalSeconds);
            Requests.Inc();
            if (failed)
                Errors.Inc();
        }
    }
}
