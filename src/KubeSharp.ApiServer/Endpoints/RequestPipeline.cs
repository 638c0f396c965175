using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authentication.Impersonation;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints.Metrics;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Serving;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>
/// Every stage of a request, in order (apiserver/pkg/server/config.go DefaultBuildHandlerChain, v1.36). A stage that
/// refuses throws a StatusException; here it becomes bytes, and anything else becomes a 500 that is logged once.
/// </summary>
public sealed partial class RequestPipeline(
    ApiServerOptions options, LifecycleSignals lifecycle, UnionAuthenticator authenticator, Impersonator impersonator, IAuthorizer authorizer,
    NonResourceRouter nonResources, ResourceRouter resources, TimeProvider time, ILogger<RequestPipeline> logger)
{
    /// <summary>What is answered to the end: who asks these knows that the server stops (filters/with_retry_after.go).</summary>
    private static readonly string[] ExemptPaths = ["/readyz", "/livez", "/healthz", "/metrics"];

    public async Task InvokeAsync(HttpContext http)
    {
        http.Response.Headers["Audit-Id"] = http.Request.Headers["Audit-Id"].FirstOrDefault() is { Length: > 0 and <= 64 } given ? given : Guid.NewGuid().ToString();
        var info = RequestInfo.From(http.Request);
        if (info.Problem.Length > 0)
        {
            // filters/requestinfo.go: before anybody is asked who he is.
            var text = $"Internal Server Error: \"{info.Path}\": failed to create RequestInfo: {info.Problem}\n";
            http.Response.Headers["X-Content-Type-Options"] = "nosniff";
            await ResponseWriter.WriteBytesAsync(http, "text/plain; charset=utf-8", 500, System.Text.Encoding.UTF8.GetBytes(text), default).ConfigureAwait(false);
            return;
        }

        var measurement = RequestMetrics.Begin(info);
        try
        {
            http.Response.Headers.CacheControl = "no-cache, private";
            if (LongRunningRequests.Contains(info))
                await AnswerAsync(http, info, null).ConfigureAwait(false);
            else
                await AnswerInTimeAsync(http, info).ConfigureAwait(false);
        }
        finally
        {
            measurement.End(http);
        }
    }

    /// <summary>Counts the request, and ends it at its deadline.</summary>
    private async Task AnswerInTimeAsync(HttpContext http, RequestInfo info)
    {
        RequestDeadline deadline;
        try
        {
            deadline = RequestDeadline.Set(http, options.RequestTimeout, time);
        }
        catch (StatusException exception)
        {
            await WriteErrorAsync(http, exception.Status).ConfigureAwait(false);
            return;
        }

        using (deadline)
        {
            if (!lifecycle.TryBeginRequest())
            {
                if (ExemptPaths.Any(path => info.Path.StartsWith(path, StringComparison.Ordinal)))
                    await AnswerAsync(http, info, deadline).ConfigureAwait(false);
                else
                    await RefuseAsync(http).ConfigureAwait(false);
                return;
            }

            try
            {
                await AnswerAsync(http, info, deadline).ConfigureAwait(false);
            }
            finally
            {
                lifecycle.EndRequest();
            }
        }
    }

    /// <summary>Tells a client to ask another server (filters/{with_retry_after,waitgroup}.go).</summary>
    private Task RefuseAsync(HttpContext http)
    {
        http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        if (!options.ShutdownSendRetryAfter)
        {
            http.Response.Headers.RetryAfter = "1";
            return WriteErrorAsync(http, StatusErrors.ServiceUnavailable("apiserver is shutting down").Status);
        }

        http.Response.Headers.RetryAfter = "5";
        http.Response.Headers["X-Content-Type-Options"] = "nosniff";
        return ResponseWriter.WriteBytesAsync(http, "text/plain; charset=utf-8", 429, "The apiserver is shutting down, please try again later.\n"u8.ToArray(), default);
    }

    private async Task AnswerAsync(HttpContext http, RequestInfo info, RequestDeadline? deadline)
    {
        try
        {
            // 1. By whom.
            var user = await authenticator.AuthenticateAsync(http, http.RequestAborted).ConfigureAwait(false)
                ?? throw StatusErrors.Unauthorized("Unauthorized");

            // 2. As whom.
            user = impersonator.Impersonate(user, info, http.Request.Headers);

            // 3. Whether he may.
            var (decision, reason) = authorizer.Authorize(user, info);
            if (decision != Decision.Allow)
                throw ForbiddenMessage.For(user, info, reason);

            // 4. The answer.
            if (info.IsResourceRequest)
                await resources.HandleAsync(http, info, user).ConfigureAwait(false);
            else
                await nonResources.HandleAsync(http, info, user).ConfigureAwait(false);
        }
        catch (Exception) when (deadline is { HasPassed: true })
        {
            await deadline.WriteAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client went away: there is nobody to answer.
        }
        catch (StatusException exception)
        {
            await WriteErrorAsync(http, exception.Status).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            await WriteErrorAsync(http, StatusErrors.BadRequest(exception.Message).Status).ConfigureAwait(false);
        }
        catch (Storage.StoreUnavailableException exception)
        {
            // Logged by the store's monitor, once for all requests. Upstream waits for etcd until the request's time is over, and
            // then answers 504; what certainly did not happen is said sooner here, so that clients can try elsewhere.
            var error = exception.NothingChanged
                ? StatusErrors.ServiceUnavailable(exception.Message)
                : StatusErrors.Timeout($"request did not complete within requested timeout - {exception.Message}", 0);
            await WriteErrorAsync(http, error.Status).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The last line of defence: whatever else goes wrong is a bug that one request must survive.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Unexpected(logger, exception, http.Request.Method, http.Request.Path);
            await WriteErrorAsync(http, StatusErrors.InternalError(exception.Message).Status).ConfigureAwait(false);
        }
    }

    private static async Task WriteErrorAsync(HttpContext http, Status status)
    {
        if (http.Response.HasStarted)
        {
            // Part of an answer is out; the only way to say that it is not whole is to break it off.
            http.Abort();
            return;
        }

        // Who is refused is warned too.
        if (http.Features.Get<Registry.OperationContext>() is { } operation)
            WarningHeaders.Add(http.Response, operation.TakeWarnings());
        await ResponseWriter.WriteStatusAsync(http, status).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Method} {Path} failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, Exception exception, string method, PathString path);
    }
}
