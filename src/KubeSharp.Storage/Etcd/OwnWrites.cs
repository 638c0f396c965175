namespace KubeSharp.Storage.Etcd;

/// <summary>
/// What this process is writing, so that its watches hand the attachments out as a store in the process does, and nobody decodes
/// what it has just encoded. A change is taken for the write of its key when it has its bytes and comes after all that was known
/// when the write was asked for; whether the answer or the event arrives first does not matter. Bounded: what is never seen
/// again goes after a while, and a write that finds no room goes without. Safe for all threads.
/// </summary>
internal sealed class OwnWrites(TimeProvider time)
{
    private const int Limit = 4096;

    /// <summary>How long the event of a write may be away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _sweptAt;

    /// <summary>Notes a write before it is sent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its new bytes.</param>
    /// <param name="attachment">What to hand out with the event.</param>
    /// <param name="after">The write's revision will be above this.</param>
    /// <returns>The note, for <see cref="Forget"/>; null when there is no room.</returns>
    public Entry? Begin(string key, ReadOnlyMemory<byte> value, object attachment, long after)
    {
        var entry = new Entry(key, value, attachment, after, time.GetTimestamp());
        lock (_lock)
        {
            if (_entries.Count >= Limit)
                Sweep();
            if (_entries.Count >= Limit)
                return null;
            _entries[key] = entry;
        }

        return entry;
    }

    /// <summary>The write did not happen.</summary>
    public void Forget(Entry? entry)
    {
        if (entry is null)
            return;
        lock (_lock)
        {
            if (_entries.TryGetValue(entry.Key, out var known) && known == entry)
                _entries.Remove(entry.Key);
        }
    }

    /// <summary>The attachment of a change that is one of these writes, or null.</summary>
    public object? Take(KeyValue changed)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(changed.Key, out var entry) || changed.ModRevision <= entry.After || !changed.Value.Span.SequenceEqual(entry.Value.Span))
                return null;
            _entries.Remove(changed.Key);
            return entry.Attachment;
        }
    }

    private void Sweep()
    {
        if (time.GetElapsedTime(_sweptAt) < SweepInterval)
            return;
        _sweptAt = time.GetTimestamp();
        foreach (var (key, entry) in _entries)
        {
            if (time.GetElapsedTime(entry.At) > Patience)
                _entries.Remove(key);
        }
    }

    /// <summary>One write that is under way, or whose event is.</summary>
    internal sealed class Entry(string key, ReadOnlyMemory<byte> value, object attachment, long after, long at)
    {
        public string Key => key;

        public ReadOnlyMemory<byte> Value => value;

        public object Attachment => attachment;

        public long After => after;

        public long At => at;
    }
}
