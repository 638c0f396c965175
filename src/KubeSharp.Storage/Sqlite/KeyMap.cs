namespace KubeSharp.Storage.Sqlite;

/// <summary>Entries ordered by key: a list of short sorted lists, so that an insertion moves little and a scan is sequential. Not thread-safe.</summary>
internal sealed class KeyMap
{
    private const int BlockSize = 512;

    private readonly List<List<KeyEntry>> _blocks = [];

    public KeyEntry? Find(string key)
    {
        var (block, offset) = LowerBound(key);
        if (block == _blocks.Count)
            return null;
        var entry = _blocks[block][offset];
        return entry.Key == key ? entry : null;
    }

    public KeyEntry GetOrAdd(string key)
    {
        var (block, offset) = LowerBound(key);
        if (block < _blocks.Count && _blocks[block][offset] is var found && found.Key == key)
            return found;

        var entry = new KeyEntry(key);
        if (_blocks.Count == 0)
        {
            _blocks.Add([entry]);
            return entry;
        }
        // Before the first key of a block is as well after the last of the block before it.
        if (block == _blocks.Count || (offset == 0 && block > 0))
            offset = _blocks[--block].Count;
        var entries = _blocks[block];
        entries.Insert(offset, entry);
        if (entries.Count > BlockSize)
        {
            // Keys mostly come in order; then the full half stays full.
            var keep = offset == BlockSize ? BlockSize : BlockSize / 2;
            _blocks.Insert(block + 1, entries[keep..]);
            entries.RemoveRange(keep, entries.Count - keep);
        }
        return entry;
    }

    public void Remove(string key)
    {
        var (block, offset) = LowerBound(key);
        if (block == _blocks.Count || _blocks[block][offset].Key != key)
            return;
        _blocks[block].RemoveAt(offset);
        if (_blocks[block].Count == 0)
            _blocks.RemoveAt(block);
    }

    /// <summary>Entries from <paramref name="start"/> on.</summary>
    public IEnumerable<KeyEntry> From(string start)
    {
        var (block, offset) = LowerBound(start);
        for (; block < _blocks.Count; block++, offset = 0)
        {
            for (var entries = _blocks[block]; offset < entries.Count; offset++)
                yield return entries[offset];
        }
    }

    /// <summary>Where the first entry whose key is not less stands; the number of blocks when there is none.</summary>
    private (int Block, int Offset) LowerBound(string key)
    {
        int low = 0, high = _blocks.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (KeyOrder.Compare(_blocks[middle][^1].Key, key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == _blocks.Count)
            return (low, 0);
        var entries = _blocks[low];
        var block = low;
        (low, high) = (0, entries.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (KeyOrder.Compare(entries[middle].Key, key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return (block, low);
    }
}
