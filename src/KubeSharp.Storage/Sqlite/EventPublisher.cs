using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace KubeSharp.Storage.Sqlite;

/// <summary>Takes committed changes to the watches, in order, while the writer is busy with the next transaction.</summary>
internal sealed class EventPublisher
{
    private readonly Channel<(List<Change> Changes, int Writes)> _committed = Channel.CreateUnbounded<(List<Change>, int)>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly WatchHub _hub;
    private readonly WriteQueue _queue;
    private readonly RecordReader? _reader;
    private readonly Action<StoreCorruptException> _corrupted;

    /// <param name="hub">The watches.</param>
    /// <param name="queue">Where places become free when their writes' events are handed out; that bounds this queue too.</param>
    /// <param name="reader">Reads previous values; null when nobody wants them. The publisher disposes it.</param>
    /// <param name="corrupted">Told of damage.</param>
    public EventPublisher(WatchHub hub, WriteQueue queue, RecordReader? reader, Action<StoreCorruptException> corrupted)
    {
        (_hub, _queue, _reader, _corrupted) = (hub, queue, reader, corrupted);
        Ended = RunAsync();
    }

    public Task Ended { get; }

    public void Add(List<Change> changes, int writes) => _committed.Writer.TryWrite((changes, writes));

    public void Close() => _committed.Writer.TryComplete();

    private async Task RunAsync()
    {
        await foreach (var (changes, writes) in _committed.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Publish(CollectionsMarshal.AsSpan(changes));
            _queue.FreePlaces(writes);
        }
        _reader?.Dispose();
    }

    private void Publish(ReadOnlySpan<Change> changes)
    {
        for (int start = 0, end; start < changes.Length; start = end)
        {
            var revision = changes[start].State.Record.Revision;
            for (end = start + 1; end < changes.Length && changes[end].State.Record.Revision == revision; end++)
            {
            }
            _hub.Publish(changes[start..end], MakeEvent);
        }
    }

    private StoreEvent MakeEvent(Change change)
    {
        var state = change.State;
        return new StoreEvent(
            state.Record.IsTombstone ? StoreEventType.Delete : StoreEventType.Put,
            new KeyValue(change.Key, change.Value, state.CreateRevision, state.Record.Revision, state.Version, state.Lease),
            change.Previous.Exists ? Previous(change) : null,
            change.Attachment);
    }

    private KeyValue? Previous(Change change)
    {
        var state = change.Previous;
        ReadOnlyMemory<byte>? value = change.PreviousValue;
        if (value == null && _reader != null)
        {
            try
            {
                value = _reader.Get(state.Record)?.Value;
            }
            catch (StoreCorruptException e)
            {
                _corrupted(e);
            }
            catch (StoreUnavailableException)
            {
                // The event is true without it.
            }
            if (value == null)
                return null;
        }
        return new KeyValue(change.Key, value ?? default, state.CreateRevision, state.Record.Revision, state.Version, state.Lease);
    }
}
