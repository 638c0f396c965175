using System.Threading.Channels;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Events;

/// <summary>
/// Takes events from recorders into a bounded queue, which drops what does not fit, and writes them to the API one after
/// the other: created, or patched when the same was written before. Follows client-go/tools/record/event.go.
/// </summary>
public sealed partial class EventBroadcaster
{
    private const int MaxQueuedEvents = 1000;
    private const int MaxTriesPerEvent = 12;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);
    private static readonly GroupVersionResource EventResource = new("", "v1", "events");

    private readonly IApiClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly EventCorrelator _correlator;
    private readonly Channel<Map> _queue = Channel.CreateBounded<Map>(
        new BoundedChannelOptions(MaxQueuedEvents) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private int _pending;

    public EventBroadcaster(IApiClient client, TimeProvider time, ILogger logger, Random? random = null)
    {
        _client = client;
        _time = time;
        _logger = logger;
        _random = random ?? Random.Shared;
        _correlator = new EventCorrelator(time);
    }

    /// <summary>A recorder for events of a component, on a host where that matters.</summary>
    public EventRecorder RecorderFor(string component, string host = "") => new(this, component, host, _time);

    /// <summary>Writes events until cancelled; what is queued then is lost.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var ev in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await WriteAsync(ev, cancellationToken).ConfigureAwait(false);
                Interlocked.Decrement(ref _pending);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Nothing is queued or being written.</summary>
    internal bool IsIdle => Volatile.Read(ref _pending) == 0;

    internal void Enqueue(Map ev)
    {
        Interlocked.Increment(ref _pending);
        if (_queue.Writer.TryWrite(ev))
            return;
        Interlocked.Decrement(ref _pending);
        Log.Dropped(_logger, ev.GetString("reason") ?? "", ObjectMetaAccessor.GetName(ev));
    }

    private async Task WriteAsync(Map ev, CancellationToken cancellationToken)
    {
        var (observed, patch) = _correlator.Correlate(ev);
        if (observed is null)
            return;
        for (var tries = 1; ; tries++)
        {
            try
            {
                _correlator.Written(await SendAsync(observed, patch, cancellationToken).ConfigureAwait(false));
                return;
            }
            catch (StatusException exception)
            {
                // The server has decided; asking again would not change its mind.
                if (!exception.IsAlreadyExists && !exception.IsNamespaceTerminating)
                    Log.Refused(_logger, ObjectMetaAccessor.GetName(observed), exception.Message);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (tries >= MaxTriesPerEvent)
                {
                    Log.GivenUp(_logger, ObjectMetaAccessor.GetName(observed), exception);
                    return;
                }

                // The first delay is cut at random, so that components do not come back all at once.
                await Task.Delay(tries == 1 ? RetryDelay * _random.NextDouble() : RetryDelay, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<Map> SendAsync(Map ev, Map? patch, CancellationToken cancellationToken)
    {
        var ns = ObjectMetaAccessor.GetNamespace(ev);
        if (patch is not null)
        {
            try
            {
                var request = new ResourceRequest(EventResource, ns, ObjectMetaAccessor.GetName(ev));
                return await _client.PatchAsync(request, PatchType.StrategicMerge, patch, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                // It has expired meanwhile: write it as new.
            }
        }

        var created = ev.ShallowClone();
        created.EditMap("metadata").Remove("resourceVersion");
        return await _client.CreateAsync(new ResourceRequest(EventResource, ns), created, cancellationToken).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Unable to record event: too many queued events, dropped {Reason} {Name}")]
        public static partial void Dropped(ILogger logger, string reason, string name);

        [LoggerMessage(2, LogLevel.Error, "Server rejected event {Name} (will not retry!): {Message}")]
        public static partial void Refused(ILogger logger, string name, string message);

        [LoggerMessage(3, LogLevel.Error, "Unable to write event {Name} (retry limit exceeded!)")]
        public static partial void GivenUp(ILogger logger, string name, Exception exception);
    }
}
