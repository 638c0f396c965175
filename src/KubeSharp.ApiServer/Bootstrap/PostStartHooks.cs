using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>Named steps after the port is open; each is a health check until it has succeeded
/// (apiserver/pkg/server/hooks.go, v1.36). A step that fails is tried again.</summary>
public sealed partial class PostStartHooks(TimeProvider time)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly List<(string Name, Func<CancellationToken, Task> Run)> _hooks = [];
    private readonly List<(string Name, Func<CancellationToken, Task> Run)> _loops = [];
    private readonly ConcurrentDictionary<string, bool> _done = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when every hook has succeeded.</summary>
    public Task Completed => _completed.Task;

    public void Add(string name, Func<CancellationToken, Task> run) => _hooks.Add((name, run));

    /// <summary>Work from when all hooks have succeeded until the server stops; started again when it fails.</summary>
    public void AddLoop(string name, Func<CancellationToken, Task> run) => _loops.Add((name, run));

    /// <summary>As <see cref="AddLoop"/>, for rounds with a pause before each.</summary>
    public void AddPeriodic(string name, TimeSpan interval, Func<CancellationToken, Task> round) => AddLoop(name, async token =>
    {
        await Task.Delay(interval, time, token).ConfigureAwait(false);
        await round(token).ConfigureAwait(false);
    });

    /// <summary>Whether a hook has succeeded; true for names that need nothing done.</summary>
    public bool IsDone(string name) => _done.ContainsKey(name) || !_hooks.Any(h => h.Name == name);

    public async Task RunAsync(ILogger logger, CancellationToken cancellationToken)
    {
        foreach (var (name, run) in _hooks)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await run(cancellationToken).ConfigureAwait(false);
                    _done[name] = true;
                    break;
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return;
                }
#pragma warning disable CA1031 // Whatever went wrong may be over in a moment; the health check shows it until then.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    Log.Failed(logger, exception, name);
                    await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }

        _completed.TrySetResult();
        await Task.WhenAll(_loops.Select(loop => RunLoopAsync(loop.Name, loop.Run, logger, cancellationToken))).ConfigureAwait(false);
    }

    private async Task RunLoopAsync(string name, Func<CancellationToken, Task> run, ILogger logger, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await run(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The next round may succeed.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(logger, exception, name);
                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "PostStartHook {Name} failed, trying again")]
        public static partial void Failed(ILogger logger, Exception exception, string name);
    }
}
