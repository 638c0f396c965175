using System.Threading.Channels;

namespace KubeSharp.Storage.Sqlite;

/// <summary>A watch that gets changes as they happen, through a bounded queue. When the queue is full it is closed after
/// what is in it, and the watch goes on from the database.</summary>
internal sealed class WatchSubscription(string prefix, long firstRevision, int capacity)
{
    private readonly Channel<WatchBatch> _queue = Channel.CreateBounded<WatchBatch>(
        new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });

    private bool _usedSinceTick;

    /// <summary>Ends without an error when it overflowed, with one when the store closes.</summary>
    public ChannelReader<WatchBatch> Batches => _queue.Reader;

    public bool Wants(long revision, string key) => revision >= firstRevision && key.StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>False when there was no room: nothing more will come.</summary>
    public bool TryAdd(WatchBatch batch)
    {
        _usedSinceTick = true;
        if (_queue.Writer.TryWrite(batch))
            return true;
        _queue.Writer.TryComplete();
        return false;
    }

    /// <summary>False when there was no room.</summary>
    public bool TryAddProgress(long revision) => revision < firstRevision - 1 || TryAdd(new WatchBatch(revision, []));

    /// <summary>Whether nothing was added since the last call, and all is consumed.</summary>
    public bool IsIdle()
    {
        var idle = !_usedSinceTick && _queue.Reader.Count == 0;
        _usedSinceTick = false;
        return idle;
    }

    public void Close(Exception reason) => _queue.Writer.TryComplete(reason);
}
