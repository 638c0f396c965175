using KubeSharp.ComponentBase.WorkQueue;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Controllers;

/// <summary>
/// The loop that upstream's controllers share: event handlers add keys to <see cref="Queue"/>, workers take them and call
/// <see cref="SyncAsync"/>. A sync that throws is logged and tried again, later each time, up to <see cref="MaxRetries"/>
/// times in a row. No exception ends the controller.
/// </summary>
public abstract partial class Controller : IDisposable
{
    /// <summary>How often most of upstream's controllers retry a key: from 5 ms to about 82 s between tries.</summary>
    public const int DefaultMaxRetries = 15;

    private readonly ILogger _logger;

    /// <param name="name">The controller's upstream name, as <c>deployment-controller</c>.</param>
    /// <param name="context">Where the controller lives.</param>
    /// <param name="limiter">Delays of failing keys; upstream's usual one when null.</param>
    protected Controller(string name, ControllerContext context, IRateLimiter<string>? limiter = null)
    {
        Name = name;
        Context = context;
        _logger = context.Loggers.CreateLogger(name);
        Queue = new RateLimitingQueue<string>(context.Time, limiter, name);
    }

    public string Name { get; }

    protected ControllerContext Context { get; }

    protected ILogger Logger => _logger;

    /// <summary>Keys to sync, most often <c>namespace/name</c>.</summary>
    protected internal RateLimitingQueue<string> Queue { get; }

    /// <summary>After so many failures in a row a key is dropped until it is added anew; null retries for ever.</summary>
    protected virtual int? MaxRetries => DefaultMaxRetries;

    /// <summary>Waits for what the controller reads, then works until cancelled. Returns when no sync runs any more.</summary>
    public async Task RunAsync(int workers, CancellationToken cancellationToken)
    {
        Log.Started(_logger, Name);
        try
        {
            await WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
            var running = new List<Task>(workers + 1);
            for (var i = 0; i < workers; i++)
                running.Add(Task.Run(() => WorkAsync(cancellationToken), CancellationToken.None));
            running.Add(RunLoopsAsync(cancellationToken));
            await Task.WhenAll(running).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            Queue.ShutDown();
            Log.Stopped(_logger, Name);
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Brings one object where it should be. Throwing means: try again later.</summary>
    protected internal abstract Task SyncAsync(string key, CancellationToken cancellationToken);

    /// <summary>Completes when workers may begin; all started informers hold their lists, unless overridden.</summary>
    protected virtual Task WaitForSyncAsync(CancellationToken cancellationToken) => Context.Informers.WaitForCacheSyncAsync(cancellationToken);

    /// <summary>Loops besides the workers, which end with the token.</summary>
    protected virtual Task RunLoopsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Queue.Dispose();
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await Queue.GetAsync(cancellationToken).ConfigureAwait(false) is (string key, false))
                await ProcessAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task ProcessAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await SyncAsync(key, cancellationToken).ConfigureAwait(false);
            Queue.Forget(key);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            if (MaxRetries is { } most && Queue.RequeueCount(key) >= most)
            {
                Log.Dropped(_logger, key, exception);
                Queue.Forget(key);
            }
            else
            {
                Log.Failed(_logger, key, exception);
                Queue.AddRateLimited(key);
            }
        }
        finally
        {
            Queue.Done(key);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Starting {Controller}")]
        public static partial void Started(ILogger logger, string controller);

        [LoggerMessage(2, LogLevel.Information, "Stopped {Controller}")]
        public static partial void Stopped(ILogger logger, string controller);

        [LoggerMessage(3, LogLevel.Information, "Error syncing {Key}, will retry")]
        public static partial void Failed(ILogger logger, string key, Exception exception);

        [LoggerMessage(4, LogLevel.Error, "Dropping {Key} out of the queue")]
        public static partial void Dropped(ILogger logger, string key, Exception exception);
    }
}
