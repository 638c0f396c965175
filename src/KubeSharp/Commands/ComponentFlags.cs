using System.CommandLine;
using System.Runtime.InteropServices;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.LeaderElection;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Commands;

/// <summary>The flags that components beside the API server share, and the life of their process
/// (component-base/config/options/leaderelectionconfig.go, v1.36).</summary>
internal sealed class ComponentFlags
{
    private const int DiscoveryAttempts = 120;

    private readonly Option<string> _kubeconfig = new("--kubeconfig") { Description = "The kubeconfig of the cluster to work for.", Required = true };
    private readonly Option<bool> _leaderElect = new("--leader-elect") { Description = "Work only while holding the lease; stop when it is lost.", DefaultValueFactory = _ => true };
    private readonly Option<string> _resourceName = new("--leader-elect-resource-name") { Description = "The lease's name.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _resourceNamespace = new("--leader-elect-resource-namespace") { Description = "The lease's namespace.", DefaultValueFactory = _ => "kube-system" };
    private readonly Option<int> _v = new("--v") { Hidden = true };
    private readonly string _component;

    public ComponentFlags(string component, bool elects)
    {
        _component = component;
        Elects = elects;
    }

    private bool Elects { get; }

    public void AddTo(Command command)
    {
        command.Options.Add(_kubeconfig);
        command.Options.Add(_v);
        if (!Elects)
            return;
        foreach (var option in (Option[])[_leaderElect, _resourceName, _resourceNamespace])
            command.Options.Add(option);
    }

    /// <summary>Runs a component until a signal comes or its lease is lost.</summary>
    /// <returns>0 after a clean stop, 1 for an error or a lost lease.</returns>
    public async Task<int> RunAsync(ParseResult result, Func<HttpApiClient, ILoggerFactory, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(ServerHost.Logging);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stopping.Cancel();
        });
        try
        {
            using var client = HttpApiClient.FromKubeconfig(result.GetValue(_kubeconfig)!, _component, TimeProvider.System);
            await WaitForServerAsync(client, stopping.Token).ConfigureAwait(false);
            if (!Elects || !result.GetValue(_leaderElect))
            {
                await work(client, loggers, stopping.Token).ConfigureAwait(false);
                return 0;
            }

            var name = result.GetValue(_resourceName) is { Length: > 0 } given ? given : _component;
            var identity = $"{Environment.MachineName}_{Guid.NewGuid()}";
            var options = new LeaderElectionOptions(result.GetValue(_resourceNamespace)!, name, identity);
            var elector = new LeaderElector(client, options, TimeProvider.System, loggers.CreateLogger<LeaderElector>());
            await elector.RunAsync(token => work(client, loggers, token), stopping.Token).ConfigureAwait(false);
            // As upstream: who has lost the lease starts anew rather than going on with old state.
            return stopping.IsCancellationRequested ? 0 : 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or StatusException or k8s.Exceptions.KubeConfigException)
        {
            await Console.Error.WriteLineAsync(exception.Message).ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>Two minutes for an API server that is starting too.</summary>
    private static async Task WaitForServerAsync(HttpApiClient client, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await client.GetDocumentAsync("version", "application/json", cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or StatusException && attempt < DiscoveryAttempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
