using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>Named steps after the server was told to stop and while it still serves: what others know of it is taken back
/// (RunPreShutdownHooks in apiserver/pkg/server/hooks.go, v1.36). A step that fails is logged and holds up nothing.</summary>
public sealed partial class PreShutdownHooks
{
    private readonly List<(string Name, Func<CancellationToken, Task> Run)> _hooks = [];

    public void Add(string name, Func<CancellationToken, Task> run) => _hooks.Add((name, run));

    /// <summary>Runs all steps at once; those that have not ended when the token is cancelled are given up.</summary>
    public Task RunAsync(ILogger logger, CancellationToken cancellationToken) => Task.WhenAll(_hooks.Select(hook => RunAsync(hook.Name, hook.Run, logger, cancellationToken)));

    private static async Task RunAsync(string name, Func<CancellationToken, Task> run, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever went wrong: the server stops.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, name, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "PreShutdownHook {Name} failed: {Reason}")]
        public static partial void Failed(ILogger logger, string name, string reason);
    }
}
