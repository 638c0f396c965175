using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Metrics;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace KubeSharp.ApiServer.Endpoints.Metrics;

/// <summary>What the API server counts of its requests
/// (apiserver/pkg/endpoints/metrics/metrics.go, v1.36).</summary>
internal static class RequestMetrics
{
    private const string Component = "apiserver";

    private static readonly string[] ResourceLabels = ["verb", "group", "version", "resource", "subresource", "scope", "component"];

    private static readonly Counter RequestTotal = ComponentMetrics.Factory.CreateCounter(
        "apiserver_request_total",
        "Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.",
        "verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component", "code", "system_client");

    private static readonly Histogram RequestDuration = ComponentMetrics.Factory.CreateHistogram(
        "apiserver_request_duration_seconds",
        "Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.",
        ["verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component"],
        new HistogramConfiguration { Buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60] });

    private static readonly Histogram ResponseSizes = ComponentMetrics.Factory.CreateHistogram(
        "apiserver_response_sizes",
        "Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.",
        ResourceLabels,
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1000, 10, 7) });

    private static readonly Gauge LongRunning = ComponentMetrics.Factory.CreateGauge(
        "apiserver_longrunning_requests",
        "Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.",
        ResourceLabels);

    private static readonly Gauge Inflight = ComponentMetrics.Factory.CreateGauge(
        "apiserver_current_inflight_requests",
        "Maximal number of currently used inflight request limit of this apiserver per request kind in last second.",
        "request_kind");

    private static readonly Counter WatchEvents = ComponentMetrics.Factory.CreateCounter(
        "apiserver_watch_events_total", "Number of events sent in watch clients", "group", "version", "resource");

    private static readonly Gauge.Child ReadOnly = Inflight.WithLabels("readOnly");
    private static readonly Gauge.Child Mutating = Inflight.WithLabels("mutating");

    public static Counter.Child WatchEventsOf(GroupVersion groupVersion, string resource) =>
        WatchEvents.WithLabels(groupVersion.Group, groupVersion.Version, resource);

    /// <summary>Counts a request as running.</summary>
    public static Measurement Begin(RequestInfo info)
    {
        var inflight = info.Verb is "watch" ? LongRunning.WithLabels(Labels(info, "WATCH")) : IsMutating(info.Verb) ? Mutating : ReadOnly;
        inflight.Inc();
        return new Measurement(info, TimeProvider.System.GetTimestamp(), inflight);
    }

    private static bool IsMutating(string verb) => verb is not ("get" or "list" or "watch" or "head");

    private static string[] Labels(RequestInfo info, string verb) =>
        [verb, info.ApiGroup, info.ApiVersion, info.Resource, info.Subresource, Scope(info), info.IsResourceRequest ? Component : ""];

    private static string Scope(RequestInfo info) => info switch
    {
        { IsResourceRequest: false } => "",
        { Name.Length: > 0 } => "resource",
        { Namespace.Length: > 0 } => "namespace",
        _ => "cluster",
    };

    /// <summary>Only known verbs become labels: what a client makes up must not grow the metrics.</summary>
    private static string Verb(RequestInfo info, HttpRequest request) => info.Verb switch
    {
        "get" => "GET",
        "list" => "LIST",
        "watch" => "WATCH",
        "create" or "post" => "POST",
        "update" or "put" => "PUT",
        "patch" => request.ContentType?.StartsWith("application/apply-patch", StringComparison.Ordinal) == true ? "APPLY" : "PATCH",
        "delete" => "DELETE",
        "deletecollection" => "DELETECOLLECTION",
        "head" => "HEAD",
        "connect" => "CONNECT",
        _ => "other",
    };

    private static string SystemClient(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        foreach (var client in (ReadOnlySpan<string>)["kube-apiserver", "kube-controller-manager", "kube-scheduler"])
        {
            if (agent.StartsWith(client, StringComparison.Ordinal) && agent.Length > client.Length && agent[client.Length] == '/')
                return client;
        }

        return "";
    }

    /// <summary>One request on its way.</summary>
    internal readonly struct Measurement(RequestInfo info, long started, Gauge.Child inflight)
    {
        public void End(HttpContext http)
        {
            inflight.Dec();
            // Paths that lead nowhere are not told apart, and neither are kinds that are not served.
            var known = info.IsResourceRequest && http.Response.StatusCode is not (404 or 403 or 401);
            var subject = known || !info.IsResourceRequest ? info : info with { Resource = "", Subresource = "", ApiGroup = "", ApiVersion = "", Namespace = "", Name = "" };
            var verb = Verb(info, http.Request);
            var dryRun = http.Request.QueryString.Value?.Contains("dryRun=All", StringComparison.Ordinal) == true ? "All" : "";
            var labels = Labels(subject, verb);
            RequestTotal.WithLabels(
                verb, dryRun, labels[1], labels[2], labels[3], labels[4], labels[5], labels[6],
                http.Response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture), SystemClient(http.Request)).Inc();
            if (verb == "WATCH")
                return;
            RequestDuration.WithLabels(verb, dryRun, labels[1], labels[2], labels[3], labels[4], labels[5], labels[6])
                .Observe(TimeProvider.System.GetElapsedTime(started).TotalSeconds);
            if (verb is "GET" or "LIST" && http.Response.ContentLength is { } length)
                ResponseSizes.WithLabels(labels).Observe(length);
        }
    }
}
