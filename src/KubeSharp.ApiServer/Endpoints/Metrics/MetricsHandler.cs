using KubeSharp.ApiServer.Registry;
using KubeSharp.ComponentBase.Metrics;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace KubeSharp.ApiServer.Endpoints.Metrics;

/// <summary><c>/metrics</c> in the Prometheus text format (apiserver/pkg/server/routes/metrics.go, v1.36).</summary>
internal sealed class MetricsHandler : INonResourceHandler
{
    private static readonly Gauge BuildInfo = ComponentMetrics.Factory.CreateGauge(
        "kubernetes_build_info",
        "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
        "major", "minor", "git_version", "platform");

    private static readonly Gauge Objects = ComponentMetrics.Factory.CreateGauge(
        "apiserver_resource_objects",
        "Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.",
        "group", "resource");

    private static readonly Gauge StorageObjects = ComponentMetrics.Factory.CreateGauge(
        "apiserver_storage_objects",
        "[DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.",
        "resource");

    private readonly ServedResources _resources;

    public MetricsHandler(ServedResources resources)
    {
        _resources = resources;
        BuildInfo.WithLabels(VersionHandler.Major, VersionHandler.Minor, VersionHandler.GitVersion, VersionHandler.Platform).Set(1);
    }

    public IEnumerable<string> Paths => ["/metrics"];

    public async Task<bool> TryHandleAsync(HttpContext http, string path)
    {
        if (path != "/metrics")
            return false;
        foreach (var served in _resources.All.Where(r => r.IsStored))
        {
            var count = served.Store.Cache.Snapshot.Count;
            Objects.WithLabels(served.Resource.Group, served.Resource.Resource).Set(count);
            StorageObjects.WithLabels(served.Resource.GroupResource.ToString()).Set(count);
        }

        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await ComponentMetrics.Registry.CollectAndExportAsTextAsync(http.Response.Body, http.RequestAborted).ConfigureAwait(false);
        return true;
    }
}
