using System.Buffers;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Named entries of a document, encoded one after the other so that no tree outlives its encoding, and handed
/// out in the order of their names.</summary>
internal sealed class EntryBuffer(Action<string, Map, IBufferWriter<byte>> encode)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);
    private readonly List<(string Name, int Start, int Length)> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The size of all entries in bytes.</summary>
    public int Length => _bytes.WrittenCount;

    public void Add(string name, Map entry)
    {
        var start = _bytes.WrittenCount;
        encode(name, entry, _bytes);
        _entries.Add((name, start, _bytes.WrittenCount - start));
    }

    /// <summary>The entries by name; valid until the next is added.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Sorted()
    {
        _entries.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        foreach (var (_, start, length) in _entries)
            yield return _bytes.WrittenMemory.Slice(start, length);
    }
}
