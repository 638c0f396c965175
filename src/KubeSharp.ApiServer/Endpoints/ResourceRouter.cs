using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints.Handlers;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Finds the resource, the subresource and the verb of a request (apiserver/pkg/endpoints/installer.go).</summary>
public sealed class ResourceRouter(ServedResources served, VerbHandlers handlers)
{
    public async Task HandleAsync(HttpContext http, RequestInfo info, UserInfo user)
    {
        var resource = served.Find(new GroupVersionResource(info.ApiGroup, info.ApiVersion, info.Resource));
        // What no definition defines is no resource of anybody's.
        if (resource is null
            ? info.ApiGroup.Length > 0 && served.All.All(r => r.Resource.Group != info.ApiGroup || r.IsCustom)
            : resource.IsCustom && PathProblem(resource, info) is not null)
        {
            await NotFoundText.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        if (resource is null || PathProblem(resource, info) is not null)
            throw GenericErrors.NotFound();

        if (info.Name is "." or "..")
            throw StatusErrors.BadRequest($"Name parameter invalid: \"{info.Name}\": may not be '{info.Name}'");
        if (info.Name.Contains('%', StringComparison.Ordinal))
            throw StatusErrors.BadRequest($"Name parameter invalid: \"{info.Name}\": may not contain '%'");
        Subresource? subresource = null;
        if (info.Subresource.Length > 0)
        {
            subresource = resource.Resource.FindSubresource(info.Subresource)
                ?? throw (resource.IsCustom ? StatusErrors.NotFound(resource.Resource.GroupResource, info.Name) : GenericErrors.NotFound());
        }

        // Reading the head alone is no verb of resources (installer.go has no such route).
        var handler = (HttpMethods.IsHead(http.Request.Method) ? null : handlers.Find(resource.Resource, subresource, info))
            ?? throw (resource.IsCustom ? StatusErrors.MethodNotSupported(resource.Resource.GroupResource, info.Verb) : GenericErrors.MethodNotAllowed());
        if (resource.IsCustom)
            http.Features.Set(CustomResourceNegotiation.Instance);
        if ((resource.DeprecationWarning ?? DeprecatedVersions.Warning(resource.Kind)) is { } warning)
            WarningHeaders.Add(http.Response, [warning]);
        await handler.HandleAsync(new ApiRequest(http, info, user, resource, subresource, served)).ConfigureAwait(false);
    }

    /// <summary>A cluster-scoped resource below a namespace, one object of a namespaced resource without its namespace,
    /// or a path that goes on where no subresource takes a rest.</summary>
    private static string? PathProblem(ServedResource resource, RequestInfo info)
    {
        if (resource.Resource.Namespaced)
        {
            if (info.Namespace.Length == 0 && info.Parts.Count > 1)
                return "namespace missing";
        }
        else if (info.Namespace.Length > 0 && info.Resource != "namespaces")
        {
            return "cluster-scoped";
        }

        return info.Parts.Count > 3 && info.Subresource != "proxy" ? "too long" : null;
    }
}
