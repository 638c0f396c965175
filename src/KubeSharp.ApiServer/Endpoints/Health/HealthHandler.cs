using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Endpoints.Health;

/// <summary>
/// <c>/healthz</c>, <c>/livez</c> and <c>/readyz</c> in upstream's text format over registered health checks. A check
/// is tagged with the endpoints that it counts for. Source: apiserver/pkg/server/healthz/healthz.go, v1.36.
/// </summary>
public sealed partial class HealthHandler(HealthCheckService service, IReadOnlyList<HealthCheckRegistration> registrations, ILogger<HealthHandler> logger)
{
    private static readonly string[] Endpoints = ["healthz", "livez", "readyz"];

    public IEnumerable<string> Paths => Endpoints.SelectMany(e =>
        Named(e).Select(r => $"/{e}/{r.Name}").Prepend($"/{e}"));

    public async Task<bool> TryHandleAsync(HttpContext http, string[] parts)
    {
        if (parts.Length == 0 || !Endpoints.Contains(parts[0]))
            return false;
        var endpoint = parts[0];
        if (parts.Length > 1)
        {
            await OneAsync(http, endpoint, string.Join('/', parts[1..])).ConfigureAwait(false);
            return true;
        }

        var excluded = http.Request.Query["exclude"].Where(e => e is not null).Select(e => e!).ToHashSet(StringComparer.Ordinal);
        var report = await service.CheckHealthAsync(r => r.Tags.Contains(endpoint) && !excluded.Contains(r.Name), http.RequestAborted).ConfigureAwait(false);
        await WriteReportAsync(http, endpoint, report, excluded).ConfigureAwait(false);
        return true;
    }

    private IEnumerable<HealthCheckRegistration> Named(string endpoint) =>
        registrations.Where(r => r.Tags.Contains(endpoint));

    private async Task OneAsync(HttpContext http, string endpoint, string name)
    {
        if (!registrations.Any(r => r.Name == name && r.Tags.Contains(endpoint)))
        {
            await NotFoundText.WriteAsync(http).ConfigureAwait(false);
            return;
        }

        var report = await service.CheckHealthAsync(r => r.Name == name, http.RequestAborted).ConfigureAwait(false);
        if (report.Status == HealthStatus.Healthy)
            await WriteTextAsync(http, 200, "ok").ConfigureAwait(false);
        else
            await WriteTextAsync(http, 500, $"internal server error: {report.Entries.Values.First().Description}\n").ConfigureAwait(false);
    }

    private async Task WriteReportAsync(HttpContext http, string endpoint, HealthReport report, HashSet<string> excluded)
    {
        var text = new StringBuilder();
        var failed = new List<string>();
        foreach (var registration in Named(endpoint))
        {
            if (excluded.Remove(registration.Name))
            {
                text.Append("[+]").Append(registration.Name).Append(" excluded: ok\n");
                continue;
            }

            var entry = report.Entries[registration.Name];
            if (entry.Status == HealthStatus.Healthy)
            {
                text.Append("[+]").Append(registration.Name).Append(" ok\n");
                continue;
            }

            // The reason stays in the log: these answers are public.
            text.Append("[-]").Append(registration.Name).Append(" failed: reason withheld\n");
            failed.Add(registration.Name);
            Log.Failed(logger, registration.Name, endpoint, entry.Description ?? entry.Exception?.Message ?? "");
        }

        if (excluded.Count > 0)
            text.Append("warn: some health checks cannot be excluded: no matches for ").Append(string.Join(", ", excluded.Order(StringComparer.Ordinal).Select(e => $"\"{e}\""))).Append('\n');
        if (failed.Count > 0)
        {
            await WriteTextAsync(http, 500, $"{text}{endpoint} check failed\n").ConfigureAwait(false);
            return;
        }

        if (http.Request.Query.ContainsKey("verbose"))
            await WriteTextAsync(http, 200, $"{text}{endpoint} check passed\n").ConfigureAwait(false);
        else
            await WriteTextAsync(http, 200, "ok").ConfigureAwait(false);
    }

    private static Task WriteTextAsync(HttpContext http, int statusCode, string text)
    {
        http.Response.Headers["X-Content-Type-Options"] = "nosniff";
        return ResponseWriter.WriteBytesAsync(http, "text/plain; charset=utf-8", statusCode, Encoding.UTF8.GetBytes(text), default);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Check} check failed: {Endpoint}: {Reason}")]
        public static partial void Failed(ILogger logger, string check, string endpoint, string reason);
    }
}
