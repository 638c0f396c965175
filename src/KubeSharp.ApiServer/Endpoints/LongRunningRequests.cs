namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Which requests have no deadline and do not hold up a server that stops
/// (apiserver/pkg/server/filters/longrunning.go, pkg/controlplane/apiserver/config.go, v1.36).</summary>
internal static class LongRunningRequests
{
    public static bool Contains(RequestInfo info)
    {
        if (info.Verb is "watch" or "proxy")
            return true;
        return info.IsResourceRequest
            ? info.Subresource is "attach" or "exec" or "proxy" or "log" or "portforward"
            : info.Path.StartsWith("/debug/pprof/", StringComparison.Ordinal);
    }
}
