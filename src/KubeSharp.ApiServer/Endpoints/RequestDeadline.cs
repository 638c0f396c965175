using System.Text;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>
/// How long a request may take: <c>--request-timeout</c>, or less where its <c>timeout</c> parameter says so.
/// Source: apiserver/pkg/endpoints/filters/request_deadline.go, apiserver/pkg/server/filters/timeout.go, v1.36.
/// </summary>
internal sealed class RequestDeadline : IDisposable
{
    /// <summary>The Status as the timeout filter writes it: without its kind, and with the type that Go's server makes out of the text.</summary>
    private static readonly byte[] Answer = Encoding.UTF8.GetBytes(
        """{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}""" + "\n");

    private readonly HttpContext _http;
    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _source;

    private RequestDeadline(HttpContext http, TimeSpan timeout, TimeProvider time)
    {
        (_http, _aborted) = (http, http.RequestAborted);
        _timer = new CancellationTokenSource(timeout, time);
        _source = CancellationTokenSource.CreateLinkedTokenSource(_aborted, _timer.Token);
        http.RequestAborted = _source.Token;
    }

    /// <summary>The time is over, and the client is still there.</summary>
    public bool HasPassed => _timer.IsCancellationRequested && !_aborted.IsCancellationRequested;

    /// <summary>Lets <see cref="HttpContext.RequestAborted"/> be cancelled when the time is over.</summary>
    /// <exception cref="StatusException">400: the parameter is no duration.</exception>
    public static RequestDeadline Set(HttpContext http, TimeSpan maximum, TimeProvider time)
    {
        var timeout = maximum;
        if (http.Request.QueryString.HasValue && http.Request.Query["timeout"] is [{ Length: > 0 } text, ..])
        {
            if (!GoDuration.TryParse(text, out var nanoseconds, out var error))
                throw StatusErrors.BadRequest($"invalid timeout specified in the request URL - {error}");
            if (nanoseconds > 0 && nanoseconds / TimeSpan.NanosecondsPerTick < maximum.Ticks)
                timeout = TimeSpan.FromTicks(Math.Max(1, nanoseconds / TimeSpan.NanosecondsPerTick));
        }

        return new RequestDeadline(http, timeout, time);
    }

    /// <summary>Answers a request whose time is over.</summary>
    public async Task WriteAsync()
    {
        _http.RequestAborted = _aborted;
        if (_http.Response.HasStarted)
            _http.Abort();
        else
            await ResponseWriter.WriteBytesAsync(_http, "text/plain; charset=utf-8", 504, Answer, default).ConfigureAwait(false);
    }

    public void Dispose()
    {
        // What still has to be written (an error, the end of the answer) is not cut off by the deadline.
        _http.RequestAborted = _aborted;
        _source.Dispose();
        _timer.Dispose();
    }
}
