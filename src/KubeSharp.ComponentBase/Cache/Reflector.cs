using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ComponentBase.Client;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>
/// Keeps a store equal to a resource on the server: lists it, then watches from the list's revision, and goes on from the
/// last revision seen when a watch ends. A revision that the server no longer has (410) leads to a new list. Failures are
/// retried for ever, with delays. Follows client-go/tools/cache/reflector.go.
/// </summary>
public sealed partial class Reflector(
    IApiClient client,
    ResourceRequest resource,
    ListOptions selection,
    IReflectorStore store,
    TimeProvider time,
    ILogger logger,
    Random? random = null)
{
    /// <summary>Items asked for at once (client-go/tools/pager/pager.go).</summary>
    public const int PageSize = 500;

    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan VeryShortWatch = TimeSpan.FromSeconds(1);

    private readonly Random _random = random ?? Random.Shared;
    private readonly ReflectorBackoff _backoff = new(time, random ?? Random.Shared);
    private string _resourceVersion = "";
    private bool _resourceVersionUnavailable;

    /// <summary>The revision that the store has reached; empty before the first list.</summary>
    public string LastSyncResourceVersion => Volatile.Read(ref _resourceVersion);

    /// <summary>Lists and watches until cancelled; returns then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ListAndWatchAsync(cancellationToken).ConfigureAwait(false);
                await DelayAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // Returns when a new list is needed.
    private async Task ListAndWatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ListAsync(cancellationToken).ConfigureAwait(false);
            await WatchAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (IsExpired(exception))
        {
            Log.Expired(logger, resource.Resource, exception.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            Log.Failed(logger, resource.Resource, exception);
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        ApiList list;
        try
        {
            list = await ListPagesAsync(RelistResourceVersion(), cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (IsExpired(exception) || IsTooLarge(exception))
        {
            // The server is behind what was seen, or has forgotten it: ask for what it has now.
            _resourceVersionUnavailable = true;
            list = await ListPagesAsync(RelistResourceVersion(), cancellationToken).ConfigureAwait(false);
        }

        _resourceVersionUnavailable = false;
        await store.ReplaceAsync(list.Items, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _resourceVersion, list.ResourceVersion);
    }

    private async Task<ApiList> ListPagesAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        // Lists of a given revision come from the server's cache, which does not page.
        var options = selection with { ResourceVersion = resourceVersion, Limit = resourceVersion is "" or "0" ? PageSize : 0 };
        var page = await client.ListAsync(resource, options, cancellationToken).ConfigureAwait(false);
        if (page.Continue.Length == 0)
            return page;
        var items = new List<Map>(page.Items);
        while (page.Continue.Length > 0)
        {
            try
            {
                page = await client.ListAsync(resource, selection with { Limit = PageSize, Continue = page.Continue }, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (IsExpired(exception))
            {
                return await client.ListAsync(resource, options with { Limit = 0 }, cancellationToken).ConfigureAwait(false);
            }

            items.AddRange(page.Items);
        }

        return page with { Items = items };
    }

    // Throws when a new list is needed; returns never but by throwing or after a watch that saw nothing and ended at once.
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = time.GetTimestamp();
            var events = 0;
            try
            {
                var options = selection with
                {
                    ResourceVersion = _resourceVersion,
                    AllowWatchBookmarks = true,
                    Timeout = ShortestWatch * (1 + _random.NextDouble()),
                };
                await foreach (var change in client.WatchAsync(resource, options, cancellationToken).ConfigureAwait(false))
                {
                    events++;
                    await ApplyAsync(change, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (IsWatchRetriable(exception))
            {
                Log.WatchRetried(logger, resource.Resource, exception.Message);
                await DelayAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (events == 0 && time.GetElapsedTime(started) < VeryShortWatch)
            {
                Log.WatchVeryShort(logger, resource.Resource);
                return;
            }
        }
    }

    private async ValueTask ApplyAsync(ApiWatchEvent change, CancellationToken cancellationToken)
    {
        switch (change.Type)
        {
            case "ADDED" or "MODIFIED":
                await store.SetAsync(change.Object, cancellationToken).ConfigureAwait(false);
                break;
            case "DELETED":
                await store.DeleteAsync(change.Object, cancellationToken).ConfigureAwait(false);
                break;
            case "BOOKMARK":
                break;
            default:
                Log.UnknownEvent(logger, resource.Resource, change.Type);
                return;
        }

        Volatile.Write(ref _resourceVersion, ObjectMetaAccessor.GetResourceVersion(change.Object));
    }

    // The first list may be as old as the server's cache; later ones must not go back in time.
    private string RelistResourceVersion() =>
        _resourceVersionUnavailable ? "" : _resourceVersion.Length == 0 ? "0" : _resourceVersion;

    private Task DelayAsync(CancellationToken cancellationToken) => Task.Delay(_backoff.Next(), time, cancellationToken);

    private static bool IsExpired(StatusException exception) => exception.IsResourceExpired || exception.IsGone;

    private static bool IsTooLarge(StatusException exception) => exception.HasCause(StatusCause.ResourceVersionTooLarge);

    // The server is away or asks for patience; what was seen so far stays good.
    private static bool IsWatchRetriable(Exception exception) => exception switch
    {
        StatusException status => status.IsTooManyRequests || status.IsInternalError,
        HttpRequestException or IOException => true,
        _ => false,
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Watch of {Resource} expired, listing anew: {Message}")]
        public static partial void Expired(ILogger logger, object resource, string message);

        [LoggerMessage(2, LogLevel.Error, "Failed to list or watch {Resource}")]
        public static partial void Failed(ILogger logger, object resource, Exception exception);

        [LoggerMessage(3, LogLevel.Debug, "Watch of {Resource} failed, backing off: {Message}")]
        public static partial void WatchRetried(ILogger logger, object resource, string message);

        [LoggerMessage(4, LogLevel.Warning, "Watch of {Resource} closed within a second without any event")]
        public static partial void WatchVeryShort(ILogger logger, object resource);

        [LoggerMessage(5, LogLevel.Warning, "Unknown event in the watch of {Resource}: {Type}")]
        public static partial void UnknownEvent(ILogger logger, object resource, string type);
    }
}
