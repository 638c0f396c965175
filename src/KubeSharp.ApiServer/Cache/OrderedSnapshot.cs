using System.Collections;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// An immutable map of storage key to object, ordered by key (ordinal). One change copies one chunk of at most
/// <see cref="ChunkSize"/> references and the list of chunks, and shares the rest, so that a snapshot costs nothing and
/// a page of a LIST can go on reading it while writes proceed.
/// </summary>
public sealed class OrderedSnapshot : IEnumerable<CachedObject>
{
    private const int ChunkSize = 512;

    private readonly CachedObject[][] _chunks;

    private OrderedSnapshot(CachedObject[][] chunks, int count)
    {
        _chunks = chunks;
        Count = count;
    }

    public static OrderedSnapshot Empty { get; } = new([], 0);

    public int Count { get; }

    /// <summary>Builds a snapshot from objects that are in key order already.</summary>
    public static OrderedSnapshot FromSorted(IReadOnlyList<CachedObject> objects)
    {
        // Three quarters full, so that the first inserts do not split every chunk.
        const int Fill = ChunkSize * 3 / 4;
        var chunks = new List<CachedObject[]>();
        for (var at = 0; at < objects.Count; at += Fill)
        {
            var chunk = new CachedObject[Math.Min(Fill, objects.Count - at)];
            for (var i = 0; i < chunk.Length; i++)
                chunk[i] = objects[at + i];
            chunks.Add(chunk);
        }

        return new OrderedSnapshot([.. chunks], objects.Count);
    }

    /// <summary>The object at a key, or null.</summary>
    public CachedObject? Find(string key)
    {
        var chunk = ChunkOf(key);
        if (chunk < 0)
            return null;
        var at = Search(_chunks[chunk], key);
        return at < 0 ? null : _chunks[chunk][at];
    }

    /// <summary>This snapshot with the object added or put in place of the one with its key.</summary>
    public OrderedSnapshot With(CachedObject value)
    {
        if (_chunks.Length == 0)
            return new OrderedSnapshot([[value]], 1);
        var index = Math.Max(0, ChunkOf(value.Key));
        var chunk = _chunks[index];
        var at = Search(chunk, value.Key);
        if (at >= 0)
        {
            var replaced = (CachedObject[])chunk.Clone();
            replaced[at] = value;
            return Replace(index, Count, replaced);
        }

        at = ~at;
        var grown = new CachedObject[chunk.Length + 1];
        Array.Copy(chunk, grown, at);
        grown[at] = value;
        Array.Copy(chunk, at, grown, at + 1, chunk.Length - at);
        return grown.Length <= ChunkSize
            ? Replace(index, Count + 1, grown)
            : Replace(index, Count + 1, grown[..(ChunkSize / 2)], grown[(ChunkSize / 2)..]);
    }

    /// <summary>This snapshot less the object at the key.</summary>
    public OrderedSnapshot Without(string key)
    {
        var index = ChunkOf(key);
        if (index < 0)
            return this;
        var chunk = _chunks[index];
        var at = Search(chunk, key);
        if (at < 0)
            return this;
        if (chunk.Length == 1)
            return Replace(index, Count - 1);
        var shrunk = new CachedObject[chunk.Length - 1];
        Array.Copy(chunk, shrunk, at);
        Array.Copy(chunk, at + 1, shrunk, at, shrunk.Length - at);
        return Replace(index, Count - 1, shrunk);
    }

    /// <summary>The objects whose key is at or after <paramref name="from"/> and starts with <paramref name="prefix"/>, in order.</summary>
    public IEnumerable<CachedObject> Range(string prefix, string from)
    {
        var start = string.CompareOrdinal(from, prefix) < 0 ? prefix : from;
        var index = Math.Max(0, ChunkOf(start));
        for (; index < _chunks.Length; index++)
        {
            var chunk = _chunks[index];
            var at = Search(chunk, start);
            for (at = at < 0 ? ~at : at; at < chunk.Length; at++)
            {
                if (!chunk[at].Key.StartsWith(prefix, StringComparison.Ordinal))
                    yield break;
                yield return chunk[at];
            }
        }
    }

    public IEnumerator<CachedObject> GetEnumerator()
    {
        foreach (var chunk in _chunks)
        {
            foreach (var value in chunk)
                yield return value;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static int Search(CachedObject[] chunk, string key)
    {
        int low = 0, high = chunk.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(chunk[middle].Key, key);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    /// <summary>The last chunk whose first key is not after the key; -1 when the key is before everything.</summary>
    private int ChunkOf(string key)
    {
        int low = 0, high = _chunks.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (string.CompareOrdinal(_chunks[middle][0].Key, key) <= 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high;
    }

    private OrderedSnapshot Replace(int index, int count, params ReadOnlySpan<CachedObject[]> replacement)
    {
        var chunks = new CachedObject[_chunks.Length - 1 + replacement.Length][];
        Array.Copy(_chunks, chunks, index);
        replacement.CopyTo(chunks.AsSpan(index));
        Array.Copy(_chunks, index + 1, chunks, index + replacement.Length, _chunks.Length - index - 1);
        return new OrderedSnapshot(chunks, count);
    }
}
