using System.Globalization;
using System.Text;

namespace KubeSharp.ComponentBase.Client;

/// <summary>URLs of requests, relative to the server's root without a leading slash (client-go/rest/request.go).</summary>
internal static class ApiPath
{
    public static string Of(ResourceRequest request, string query = "")
    {
        var (group, version, resource) = request.Resource;
        var path = new StringBuilder(group.Length == 0 ? "api/" : $"apis/{Uri.EscapeDataString(group)}/").Append(Uri.EscapeDataString(version));
        if (request.Namespace.Length > 0)
            path.Append("/namespaces/").Append(Uri.EscapeDataString(request.Namespace));
        path.Append('/').Append(Uri.EscapeDataString(resource));
        if (request.Name.Length > 0)
            path.Append('/').Append(Uri.EscapeDataString(request.Name));
        if (request.Subresource.Length > 0)
            path.Append('/').Append(request.Subresource);
        return query.Length == 0 ? path.ToString() : path.Append('?').Append(query).ToString();
    }

    /// <summary>The query of a list or watch, without the question mark.</summary>
    public static string Query(ListOptions options, bool watch)
    {
        var query = new StringBuilder();
        Add("labelSelector", options.LabelSelector);
        Add("fieldSelector", options.FieldSelector);
        Add("resourceVersion", options.ResourceVersion);
        Add("resourceVersionMatch", options.ResourceVersionMatch);
        Add("limit", options.Limit == 0 ? "" : options.Limit.ToString(CultureInfo.InvariantCulture));
        Add("continue", options.Continue);
        Add("allowWatchBookmarks", options.AllowWatchBookmarks ? "true" : "");
        Add("sendInitialEvents", options.SendInitialEvents ? "true" : "");
        Add("timeoutSeconds", options.Timeout is { } timeout ? ((long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture) : "");
        Add("watch", watch ? "true" : "");
        return query.ToString();

        void Add(string name, string value)
        {
            if (value.Length > 0)
                query.Append(query.Length == 0 ? "" : "&").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
