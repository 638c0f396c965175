using System.Threading.Channels;
using KubeSharp.ApiMachinery.Documents;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>One handler of an informer: a bounded queue of notifications and the loop that delivers them. A handler that
/// throws is logged and hears the next one.</summary>
internal sealed partial class InformerListener(IResourceEventHandler handler, IReadOnlyList<Map> initial, bool listed, ILogger logger)
{
    /// <summary>Notifications that wait; a handler further behind slows the informer down.</summary>
    private const int Capacity = 1024;

    private readonly Channel<Notification> _queue = Channel.CreateBounded<Notification>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _undelivered = initial.Count;

    private enum NotificationKind
    {
        Added,
        AddedInitially,
        Updated,
        Deleted,
        DeletedUnnoticed,
        Synced,
    }

    /// <summary>Completes when the handler was told of everything in the first list.</summary>
    public Task Synced => _synced.Task;

    /// <summary>The handler has heard of all that was sent.</summary>
    public bool IsIdle => Volatile.Read(ref _undelivered) == 0;

    /// <summary>Tells of an object that is new, or that replaces <paramref name="old"/>.</summary>
    public ValueTask SetAsync(Map? old, Map obj, bool initially, CancellationToken cancellationToken)
    {
        var kind = old is not null ? NotificationKind.Updated
            : initially ? NotificationKind.AddedInitially
            : NotificationKind.Added;
        return SendAsync(new(kind, old, obj), cancellationToken);
    }

    public ValueTask DeletedAsync(Map obj, bool unnoticed, CancellationToken cancellationToken) =>
        SendAsync(new(unnoticed ? NotificationKind.DeletedUnnoticed : NotificationKind.Deleted, null, obj), cancellationToken);

    /// <summary>Marks the end of the first list in the queue.</summary>
    public ValueTask EndOfListAsync(CancellationToken cancellationToken) =>
        SendAsync(new(NotificationKind.Synced, null, Map.Empty), cancellationToken);

    /// <summary>No more is taken; what is queued is still delivered.</summary>
    public void Close() => _queue.Writer.TryComplete();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var obj in initial)
        {
            if (cancellationToken.IsCancellationRequested)
                return;
            Deliver(new(NotificationKind.AddedInitially, null, obj));
        }

        if (listed)
            _synced.TrySetResult();
        try
        {
            await foreach (var notification in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                Deliver(notification);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            Close();
        }
    }

    private async ValueTask SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        try
        {
            Interlocked.Increment(ref _undelivered);
            await _queue.Writer.WriteAsync(notification, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
        }
    }

    private void Deliver(Notification notification)
    {
        try
        {
            switch (notification.Kind)
            {
                case NotificationKind.Added or NotificationKind.AddedInitially:
                    handler.Added(notification.Object, notification.Kind == NotificationKind.AddedInitially);
                    break;
                case NotificationKind.Updated:
                    handler.Updated(notification.Old!, notification.Object);
                    break;
                case NotificationKind.Deleted or NotificationKind.DeletedUnnoticed:
                    handler.Deleted(notification.Object, notification.Kind == NotificationKind.DeletedUnnoticed);
                    break;
                default:
                    _synced.TrySetResult();
                    break;
            }
        }
        catch (Exception exception)
        {
            Log.HandlerFailed(logger, exception);
        }
        finally
        {
            Interlocked.Decrement(ref _undelivered);
        }
    }

    private readonly record struct Notification(NotificationKind Kind, Map? Old, Map Object);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "An event handler failed")]
        public static partial void HandlerFailed(ILogger logger, Exception exception);
    }
}
