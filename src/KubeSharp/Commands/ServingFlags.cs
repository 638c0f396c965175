using System.CommandLine;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiServer.Options;

namespace KubeSharp.Commands;

/// <summary>How long requests last and how the server stops, by upstream's names (apiserver/pkg/server/options/server_run_options.go, v1.36).</summary>
internal sealed class ServingFlags
{
    private readonly Option<string> _requestTimeout = new("--request-timeout") { Description = "How long a request may take that is no watch, log or connection.", DefaultValueFactory = _ => "1m0s" };
    private readonly Option<int> _minRequestTimeout = new("--min-request-timeout") { Description = "How many seconds a watch lasts at least that does not say so itself.", DefaultValueFactory = _ => 1800 };
    private readonly Option<string> _delay = new("--shutdown-delay-duration") { Description = "How long the server goes on, not ready, when it is told to stop.", DefaultValueFactory = _ => "0s" };
    private readonly Option<bool> _retryAfter = new("--shutdown-send-retry-after") { Description = "Answer new requests with 429 while the last ones end." };
    private readonly Option<string> _watchGrace = new("--shutdown-watch-termination-grace-period") { Description = "Over how long watches are ended when the server stops.", DefaultValueFactory = _ => "0s" };
    private readonly Option<string> _reconciler = new("--endpoint-reconciler-type") { Description = "Who writes the endpoints of the kubernetes Service: lease or none.", DefaultValueFactory = _ => "lease" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_requestTimeout, _minRequestTimeout, _delay, _retryAfter, _watchGrace, _reconciler])
            command.Options.Add(option);
    }

    /// <exception cref="FormatException">A value that cannot be read.</exception>
    public ApiServerOptions Apply(ApiServerOptions options, ParseResult result) => options with
    {
        RequestTimeout = Duration(result, _requestTimeout),
        MinRequestTimeout = TimeSpan.FromSeconds(result.GetValue(_minRequestTimeout)),
        ShutdownDelayDuration = Duration(result, _delay),
        ShutdownSendRetryAfter = result.GetValue(_retryAfter),
        ShutdownWatchTerminationGracePeriod = Duration(result, _watchGrace),
        EndpointReconcilerType = result.GetValue(_reconciler)!,
    };

    internal static TimeSpan Duration(ParseResult result, Option<string> option) =>
        GoDuration.ParseOrNull(result.GetValue(option)!) ?? throw new FormatException($"{option.Name} is not a duration");
}
