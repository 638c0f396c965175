using System.Collections;
using System.Diagnostics;

namespace KubeSharp.ApiMachinery.Documents;

/// <summary>
/// A JSON object: keys in insertion order (decoding by schema inserts in schema order), each once. Mutable until frozen.
/// A frozen map is shared freely between versions of an object and between threads; <see cref="EditMap"/> and
/// <see cref="EditSequence"/> copy a frozen child on the way down, so that an edit costs what it changes.
/// Not safe for concurrent use before it is frozen.
/// </summary>
[DebuggerDisplay("Count = {Count}")]
public sealed class Map : IEnumerable<KeyValuePair<string, Value>>
{
    /// <summary>From this size on lookups go through an index (label sets and structs stay below it).</summary>
    private const int IndexThreshold = 24;

    private Entry[] _entries;
    private int _count;
    private bool _frozen;
    private Dictionary<string, int>? _index;

    public Map()
        : this(4)
    {
    }

    public Map(int capacity) => _entries = capacity == 0 ? [] : new Entry[capacity];

    private Map(Map source)
    {
        _entries = new Entry[source._count];
        Array.Copy(source._entries, _entries, source._count);
        _count = source._count;
    }

    private readonly record struct Entry(string Key, Value Value);

    /// <summary>An empty map that is frozen.</summary>
    public static Map Empty { get; } = CreateEmpty();

    public int Count => _count;

    public bool IsFrozen => _frozen;

    /// <summary>The value at a key; undefined when there is none.</summary>
    public Value this[string key]
    {
        get
        {
            var at = IndexOf(key);
            return at < 0 ? default : _entries[at].Value;
        }
        set => Set(key, value);
    }

    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    public bool TryGetValue(string key, out Value value)
    {
        var at = IndexOf(key);
        value = at < 0 ? default : _entries[at].Value;
        return at >= 0;
    }

    /// <summary>The key at a position, 0 to <see cref="Count"/> - 1.</summary>
    public string KeyAt(int position) => _entries[Checked(position)].Key;

    /// <summary>The value at a position, 0 to <see cref="Count"/> - 1.</summary>
    public Value ValueAt(int position) => _entries[Checked(position)].Value;

    /// <summary>The position of a key, or -1.</summary>
    public int IndexOf(string key)
    {
        if (_count >= IndexThreshold)
            return IndexOfIndexed(key);
        var entries = _entries;
        for (var i = 0; i < _count; i++)
        {
            var candidate = entries[i].Key;
            if (ReferenceEquals(candidate, key) || (candidate.Length == key.Length && string.Equals(candidate, key)))
                return i;
        }

        return -1;
    }

    public Map? GetMap(string key) => this[key].AsMap;

    public Sequence? GetSequence(string key) => this[key].AsSequence;

    public string? GetString(string key) => this[key].AsString;

    public long? GetInteger(string key) => this[key].AsInteger;

    public bool? GetBoolean(string key) => this[key].AsBoolean;

    /// <summary>Sets or replaces a key; an undefined value removes it.</summary>
    /// <exception cref="InvalidOperationException">The map is frozen.</exception>
    public void Set(string key, Value value)
    {
        ThrowIfFrozen();
        if (value.IsUndefined)
        {
            Remove(key);
            return;
        }

        var at = IndexOf(key);
        if (at >= 0)
            _entries[at] = new Entry(key, value);
        else
            Append(key, value);
    }

    /// <summary>Adds a key that the caller knows to be absent (decoders that track duplicates themselves).</summary>
    public void Append(string key, Value value)
    {
        ThrowIfFrozen();
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(4, _count * 2));
        _entries[_count] = new Entry(key, value);
        _index?.Add(key, _count);
        _count++;
    }

    /// <summary>Inserts a key that the caller knows to be absent at a position (decoders that keep schema order).</summary>
    public void InsertAt(int position, string key, Value value)
    {
        ThrowIfFrozen();
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(4, _count * 2));
        Array.Copy(_entries, position, _entries, position + 1, _count - position);
        _entries[position] = new Entry(key, value);
        _count++;
        _index = null;
    }

    /// <summary>Replaces the value at a position.</summary>
    public void SetValueAt(int position, Value value)
    {
        ThrowIfFrozen();
        _entries[Checked(position)] = new Entry(_entries[position].Key, value);
    }

    /// <summary>Removes a key; false when it was not there.</summary>
    /// <exception cref="InvalidOperationException">The map is frozen.</exception>
    public bool Remove(string key)
    {
        ThrowIfFrozen();
        var at = IndexOf(key);
        if (at < 0)
            return false;
        _count--;
        Array.Copy(_entries, at + 1, _entries, at, _count - at);
        _entries[_count] = default;
        _index = null;
        return true;
    }

    /// <summary>The child map at a key, ready to be changed: a frozen one is replaced by its shallow copy first.
    /// An absent key, null or another kind of value is replaced by an empty map.</summary>
    public Map EditMap(string key)
    {
        ThrowIfFrozen();
        var current = this[key].AsMap;
        if (current is { _frozen: false })
            return current;
        var editable = current is null ? new Map() : new Map(current);
        Set(key, editable);
        return editable;
    }

    /// <summary>The child sequence at a key, ready to be changed; see <see cref="EditMap"/>.</summary>
    public Sequence EditSequence(string key)
    {
        ThrowIfFrozen();
        var current = this[key].AsSequence;
        if (current is { IsFrozen: false })
            return current;
        var editable = current is null ? new Sequence() : current.ShallowClone();
        Set(key, editable);
        return editable;
    }

    /// <summary>This map when it may be changed, else a shallow copy whose children are still shared.</summary>
    public Map Thaw() => _frozen ? new Map(this) : this;

    /// <summary>A mutable copy that shares its children with this map.</summary>
    public Map ShallowClone() => new(this);

    /// <summary>A mutable copy that shares no mutable node; frozen children are copied too.</summary>
    public Map DeepClone()
    {
        var copy = new Map(this);
        for (var i = 0; i < copy._count; i++)
            copy._entries[i] = new Entry(copy._entries[i].Key, copy._entries[i].Value.DeepClone());
        return copy;
    }

    /// <summary>Makes this map and all below it immutable. Stops at nodes that are frozen already.</summary>
    public void Freeze()
    {
        if (_frozen)
            return;
        for (var i = 0; i < _count; i++)
            _entries[i].Value.Freeze();
        if (_count >= IndexThreshold)
            _index ??= BuildIndex();
        _frozen = true;
    }

    /// <summary>Equality without regard to key order; shared nodes are equal without being looked into.</summary>
    public bool DeepEquals(Map other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (_count != other._count)
            return false;
        for (var i = 0; i < _count; i++)
        {
            // The same object at two versions has its keys at the same places, mostly.
            var key = _entries[i].Key;
            var there = ReferenceEquals(other._entries[i].Key, key) ? i : other.IndexOf(key);
            if (there < 0 || !_entries[i].Value.Equals(other._entries[there].Value))
                return false;
        }

        return true;
    }

    /// <summary>Orders the entries by a comparison of keys (sorted output, schema order).</summary>
    public void Sort(Comparison<string> comparison)
    {
        ThrowIfFrozen();
        _entries.AsSpan(0, _count).Sort((a, b) => comparison(a.Key, b.Key));
        _index = null;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<string, Value>> IEnumerable<KeyValuePair<string, Value>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Lets collection initialisers write <c>new Map { { "key", value } }</c>.</summary>
    public void Add(string key, Value value) => Set(key, value);

    private static Map CreateEmpty()
    {
        var map = new Map(0);
        map.Freeze();
        return map;
    }

    private int IndexOfIndexed(string key)
    {
        var index = _index ??= BuildIndex();
        return index.TryGetValue(key, out var at) ? at : -1;
    }

    private Dictionary<string, int> BuildIndex()
    {
        var index = new Dictionary<string, int>(_count, StringComparer.Ordinal);
        for (var i = 0; i < _count; i++)
            index[_entries[i].Key] = i;
        return index;
    }

    private int Checked(int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)position, (uint)_count, nameof(position));
        return position;
    }

    private void ThrowIfFrozen()
    {
        if (_frozen)
            throw new InvalidOperationException("The map is frozen; edit a thawed copy.");
    }

    /// <summary>Walks the entries in order without allocating.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<string, Value>>
    {
        private readonly Map _map;
        private int _at;

        internal Enumerator(Map map)
        {
            _map = map;
            _at = -1;
        }

        public readonly KeyValuePair<string, Value> Current => new(_map._entries[_at].Key, _map._entries[_at].Value);

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => ++_at < _map._count;

        public void Reset() => _at = -1;

        public readonly void Dispose()
        {
        }
    }
}
