using KubeSharp.ApiMachinery.Schemas;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>
/// What a request is about, read from its method and path alone: authorization, audit and flow control decide on this.
/// Source: apiserver/pkg/endpoints/request/requestinfo.go, v1.36.
/// </summary>
public sealed record RequestInfo
{
    public bool IsResourceRequest { get; init; }

    public required string Path { get; init; }

    /// <summary>get, list, watch, create, update, patch, delete, deletecollection, proxy; the lower-case method for non-resource requests.</summary>
    public required string Verb { get; init; }

    /// <summary><c>api</c> or <c>apis</c>.</summary>
    public string ApiPrefix { get; init; } = "";

    public string ApiGroup { get; init; } = "";

    public string ApiVersion { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The path after group, version and namespace: resource, name, subresource and what follows.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>Why nothing can be made of the path, or empty.</summary>
    public string Problem { get; init; } = "";

    public string LabelSelector { get; init; } = "";

    public string FieldSelector { get; init; } = "";

    public GroupVersion GroupVersion => new(ApiGroup, ApiVersion);

    public GroupResource GroupResource => new(ApiGroup, Resource);

    /// <summary>Reads a request; a malformed special path (<c>/api/v1/watch</c>) keeps what could be read.</summary>
    public static RequestInfo From(HttpRequest request)
    {
        // Kestrel leaves this one escape as it is; Go's URL.Path does not.
        var path = PathOf(request).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var method = request.Method;
        var nonResource = new RequestInfo { Path = path, Verb = method.ToLowerInvariant() };
        var parts = Split(path);
        if (parts.Length < 3 || parts[0] is not ("api" or "apis"))
            return nonResource;
        var prefix = parts[0];
        var at = 1;
        var group = "";
        if (prefix == "apis")
        {
            if (parts.Length < 4)
                return nonResource with { ApiPrefix = prefix };
            group = parts[at++];
        }

        var version = parts[at++];
        var rest = parts.AsSpan(at);
        var verb = method switch
        {
            "POST" => "create",
            "GET" or "HEAD" => "get",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => "",
        };
        var verbInPath = rest[0] is "proxy" or "watch";
        if (verbInPath)
        {
            if (rest.Length < 2)
                return nonResource with { IsResourceRequest = true, ApiPrefix = prefix, ApiGroup = group, ApiVersion = version, Problem = $"unable to determine kind and namespace from url, {path}" };
            verb = rest[0];
            rest = rest[1..];
        }

        var ns = "";
        if (rest[0] == "namespaces" && rest.Length > 1)
        {
            ns = rest[1];
            if (rest.Length > 2 && rest[2] is not ("status" or "finalize"))
                rest = rest[2..];
        }

        var info = new RequestInfo
        {
            IsResourceRequest = true,
            Path = path,
            Verb = verb,
            ApiPrefix = prefix,
            ApiGroup = group,
            ApiVersion = version,
            Namespace = ns,
            Resource = rest[0],
            Name = rest.Length > 1 ? rest[1] : "",
            Subresource = rest.Length > 2 && verb != "proxy" ? rest[2] : "",
            Parts = rest.ToArray(),
        };
        return verbInPath ? info : WithCollectionVerb(info, request);
    }

    /// <summary>The path as it was sent: Kestrel resolves dot segments, Go's server hands them on.</summary>
    private static string PathOf(HttpRequest request)
    {
        var raw = request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget;
        if (raw is null || !raw.StartsWith('/') || !raw.Contains("/.", StringComparison.Ordinal))
            return request.Path.Value ?? "/";
        var query = raw.IndexOf('?', StringComparison.Ordinal);
        return Uri.UnescapeDataString(query < 0 ? raw : raw[..query]);
    }

    /// <summary>Turns get and delete without a name into list, watch and deletecollection, and reads selectors.</summary>
    private static RequestInfo WithCollectionVerb(RequestInfo info, HttpRequest request)
    {
        if (info.Name.Length == 0 && info.Verb == "get")
        {
            info = info with { Verb = IsTrue(request.Query["watch"]) ? "watch" : "list" };
            // A list of one name is authorized as that name.
            if (ExactName(request.Query["fieldSelector"].ToString()) is { } name)
                info = info with { Name = name };
        }
        else if (info.Name.Length == 0 && info.Verb == "delete")
        {
            info = info with { Verb = "deletecollection" };
        }

        if (info.Verb is "list" or "watch" or "deletecollection")
        {
            info = info with
            {
                FieldSelector = request.Query["fieldSelector"].FirstOrDefault() ?? "",
                LabelSelector = request.Query["labelSelector"].FirstOrDefault() ?? "",
            };
        }

        return info;
    }

    /// <summary>Query booleans: present and neither <c>false</c> nor <c>0</c> (runtime/converter.go Convert_Slice_string_To_bool).</summary>
    public static bool IsTrue(Microsoft.Extensions.Primitives.StringValues values) =>
        values.Count > 0 && values[0] is { } first && !(first.Equals("false", StringComparison.OrdinalIgnoreCase) || first == "0");

    private static string? ExactName(string fieldSelector)
    {
        foreach (var term in fieldSelector.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var value = term.StartsWith("metadata.name==", StringComparison.Ordinal) ? term[15..]
                : term.StartsWith("metadata.name=", StringComparison.Ordinal) ? term[14..]
                : null;
            if (value is { Length: > 0 } && value is not ("." or "..") && value.AsSpan().IndexOfAny('/', '%') < 0)
                return value;
        }

        return null;
    }

    private static string[] Split(string path)
    {
        var trimmed = path.Trim('/');
        return trimmed.Length == 0 ? [] : trimmed.Split('/');
    }
}
