using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Registry;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>A request for a resource on its way through a handler.</summary>
public sealed record ApiRequest(HttpContext Http, RequestInfo Info, UserInfo User, ServedResource Served, Subresource? Subresource, ServedResources All)
{
    public CancellationToken Aborted => Http.RequestAborted;

    public ApiResource Resource => Served.Resource;

    /// <summary>The context of a write or read in the registry.</summary>
    public OperationContext Operation(bool dryRun = false, string fieldManager = "")
    {
        var operation = new OperationContext
        {
            Info = Info,
            User = User,
            Served = Served,
            DryRun = dryRun,
            FieldManager = fieldManager,
        };
        Http.Features.Set(operation);
        return operation;
    }
}

/// <summary>One verb of the API (apiserver/pkg/endpoints/handlers).</summary>
public interface IVerbHandler
{
    Task HandleAsync(ApiRequest request);
}
