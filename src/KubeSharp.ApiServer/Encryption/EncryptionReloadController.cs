using KubeSharp.ApiServer.Bootstrap;
using KubeSharp.ApiServer.Cache;
using KubeSharp.Storage.Encryption;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Encryption;

/// <summary>
/// Looks at the encryption configuration's file from time to time. A new one takes effect when it is valid and its key
/// management services are well; until then the one before stays, and the file is tried again with growing pauses.
/// Source: apiserver/pkg/server/options/encryptionconfig/controller/controller.go, v1.36.
/// </summary>
internal sealed partial class EncryptionReloadController(EncryptionAtRest encryption, Func<CancellationToken, Task> applied, TimeProvider time, ILogger logger)
{
    public const string HookName = "start-encryption-provider-config-automatic-reload";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MinHealthWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HealthPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it behind the server's post-start hooks.</summary>
    public static void Register(PostStartHooks hooks, EncryptionAtRest encryption, IReadOnlyList<StoreFeed> feeds, TimeProvider time, ILoggerFactory loggers)
    {
        var controller = new EncryptionReloadController(encryption, RetryAsync, time, loggers.CreateLogger<EncryptionReloadController>());
        hooks.Add(HookName, static _ => Task.CompletedTask);
        hooks.AddLoop(HookName, controller.RunAsync);

        async Task RetryAsync(CancellationToken cancellationToken)
        {
            foreach (var feed in feeds)
                await feed.RetryAllUndecodableAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            failures = await ReloadAsync(cancellationToken).ConfigureAwait(false) ? 0 : failures + 1;
            var pause = failures == 0 || failures > 30 ? encryption.PollInterval : FirstRetry * (1L << (failures - 1));
            await Task.Delay(pause < encryption.PollInterval ? pause : encryption.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Puts the file in force if it has changed.</summary>
    /// <returns>False when that failed.</returns>
    internal async Task<bool> ReloadAsync(CancellationToken cancellationToken)
    {
        EncryptionProviders? providers = null;
        try
        {
            if (EncryptionProviders.ReadContentHash(encryption.Path) == encryption.Current?.ContentHash)
                return true;
            providers = encryption.Read();
            // The file may have been put back meanwhile.
            if (providers.ContentHash == encryption.Current?.ContentHash)
                return true;
            await EnsureHealthyAsync(providers, cancellationToken).ConfigureAwait(false);
            var hash = providers.ContentHash;
            encryption.Replace(providers);
            providers = null;
            encryption.Metrics.Reloaded(hash);
            Log.Reloaded(logger, encryption.Path);
        }
        catch (FormatException exception)
        {
            encryption.Metrics.ReloadFailed();
            Log.Failed(logger, encryption.Path, exception.Message);
            return false;
        }
        finally
        {
            providers?.Dispose();
        }

        // What could not be read may be readable now.
        await applied(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <exception cref="FormatException">The services were not well for too long.</exception>
    private async Task EnsureHealthyAsync(EncryptionProviders providers, CancellationToken cancellationToken)
    {
        var wait = providers.CloseGracePeriod > MinHealthWait ? providers.CloseGracePeriod : MinHealthWait;
        var started = time.GetTimestamp();
        while (await providers.CheckAsync(cancellationToken).ConfigureAwait(false) is { } error)
        {
            if (time.GetElapsedTime(started) >= wait)
                throw new FormatException($"health check for new transformers failed, polling error timed out waiting for the condition: {error}");
            await Task.Delay(HealthPoll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "The encryption configuration {Path} has changed and is in force")]
        public static partial void Reloaded(ILogger logger, string path);

        [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "error processing encryption config file {Path}: {Reason}")]
        public static partial void Failed(ILogger logger, string path, string reason);
    }
}
