using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Authorization;

/// <summary>Upstream's 403 (endpoints/handlers/responsewriters/errors.go ForbiddenStatusError, v1.36).</summary>
public static class ForbiddenMessage
{
    public static StatusException For(UserInfo user, RequestInfo info, string reason)
    {
        if (!info.IsResourceRequest)
        {
            var message = $"forbidden: {Text(user, info)}";
            return new StatusException(new Status
            {
                Code = 403,
                Reason = StatusReason.Forbidden,
                Message = reason.Length > 0 ? $"{message}: {reason}" : message,
                Details = new StatusDetails(),
            });
        }

        var detail = Text(user, info);
        return StatusErrors.Forbidden(info.GroupResource, info.Name, reason.Length > 0 ? $"{detail}: {reason}" : detail);
    }

    /// <summary><c>User "bob" cannot list resource "pods" in API group "" in the namespace "default"</c></summary>
    public static string Text(UserInfo user, RequestInfo info)
    {
        var name = ApiMachinery.Text.GoText.Quote(user.Name);
        if (!info.IsResourceRequest)
            return $"User {name} cannot {info.Verb} path {ApiMachinery.Text.GoText.Quote(info.Path)}";
        var resource = info.Subresource.Length > 0 ? $"{info.Resource}/{info.Subresource}" : info.Resource;
        var where = info.Namespace.Length > 0 ? $"in the namespace \"{info.Namespace}\"" : "at the cluster scope";
        return $"User {name} cannot {info.Verb} resource \"{resource}\" in API group \"{info.ApiGroup}\" {where}";
    }
}
