using Prometheus;

namespace KubeSharp.ComponentBase.Metrics;

/// <summary>What one work queue reports under its name
/// (component-base/metrics/prometheus/workqueue/metrics.go, v1.36).</summary>
public sealed class WorkQueueMetrics
{
    private static readonly double[] Buckets = Histogram.ExponentialBuckets(10e-9, 10, 10);

    private static readonly Gauge Depth = ComponentMetrics.Factory.CreateGauge("workqueue_depth", "Current depth of workqueue", "name");
    private static readonly Counter Adds = ComponentMetrics.Factory.CreateCounter("workqueue_adds_total", "Total number of adds handled by workqueue", "name");
    private static readonly Counter Retries = ComponentMetrics.Factory.CreateCounter("workqueue_retries_total", "Total number of retries handled by workqueue", "name");
    private static readonly Histogram QueueDuration = ComponentMetrics.Factory.CreateHistogram(
        "workqueue_queue_duration_seconds", "How long in seconds an item stays in workqueue before being requested.", ["name"], new HistogramConfiguration { Buckets = Buckets });
    private static readonly Histogram WorkDuration = ComponentMetrics.Factory.CreateHistogram(
        "workqueue_work_duration_seconds", "How long in seconds processing an item from workqueue takes.", ["name"], new HistogramConfiguration { Buckets = Buckets });

    private readonly Gauge.Child _depth;
    private readonly Counter.Child _adds;
    private readonly Counter.Child _retries;
    private readonly Histogram.Child _queueDuration;
    private readonly Histogram.Child _workDuration;

    public WorkQueueMetrics(string name)
    {
        _depth = Depth.WithLabels(name);
        _adds = Adds.WithLabels(name);
        _retries = Retries.WithLabels(name);
        _queueDuration = QueueDuration.WithLabels(name);
        _workDuration = WorkDuration.WithLabels(name);
    }

    public void Added()
    {
        _adds.Inc();
        _depth.Inc();
    }

    public void Retried() => _retries.Inc();

    public void Taken(TimeSpan waited)
    {
        _depth.Dec();
        _queueDuration.Observe(waited.TotalSeconds);
    }

    public void Finished(TimeSpan worked) => _workDuration.Observe(worked.TotalSeconds);
}
