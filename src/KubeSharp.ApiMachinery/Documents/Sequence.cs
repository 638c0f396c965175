using System.Collections;
using System.Diagnostics;

namespace KubeSharp.ApiMachinery.Documents;

/// <summary>A JSON array. Mutable until frozen, then shared between versions and threads; see <see cref="Map"/>.</summary>
[DebuggerDisplay("Count = {Count}")]
public sealed class Sequence : IEnumerable<Value>
{
    private Value[] _items;
    private int _count;
    private bool _frozen;

    public Sequence()
        : this(4)
    {
    }

    public Sequence(int capacity) => _items = capacity == 0 ? [] : new Value[capacity];

    private Sequence(Sequence source)
    {
        _items = source._items.AsSpan(0, source._count).ToArray();
        _count = source._count;
    }

    /// <summary>An empty sequence that is frozen.</summary>
    public static Sequence Empty { get; } = CreateEmpty();

    public int Count => _count;

    public bool IsFrozen => _frozen;

    /// <summary>The item at an index, 0 to <see cref="Count"/> - 1.</summary>
    public Value this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
            return _items[index];
        }

        set
        {
            ThrowIfFrozen();
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
            _items[index] = value;
        }
    }

    /// <summary>The items, valid until the next change.</summary>
    public ReadOnlySpan<Value> AsSpan() => _items.AsSpan(0, _count);

    public void Add(Value value)
    {
        ThrowIfFrozen();
        if (_count == _items.Length)
            Array.Resize(ref _items, Math.Max(4, _count * 2));
        _items[_count++] = value;
    }

    public void Insert(int index, Value value)
    {
        ThrowIfFrozen();
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, (uint)_count, nameof(index));
        if (_count == _items.Length)
            Array.Resize(ref _items, Math.Max(4, _count * 2));
        Array.Copy(_items, index, _items, index + 1, _count - index);
        _items[index] = value;
        _count++;
    }

    public void RemoveAt(int index)
    {
        ThrowIfFrozen();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        _count--;
        Array.Copy(_items, index + 1, _items, index, _count - index);
        _items[_count] = default;
    }

    /// <summary>The map at an index, ready to be changed: a frozen one is replaced by its shallow copy first.</summary>
    /// <exception cref="InvalidOperationException">This sequence is frozen, or the item is no map.</exception>
    public Map EditMap(int index)
    {
        ThrowIfFrozen();
        var current = this[index].AsMap ?? throw new InvalidOperationException("The item is no map.");
        if (!current.IsFrozen)
            return current;
        var editable = current.ShallowClone();
        _items[index] = editable;
        return editable;
    }

    public Sequence Thaw() => _frozen ? new Sequence(this) : this;

    public Sequence ShallowClone() => new(this);

    public Sequence DeepClone()
    {
        var copy = new Sequence(this);
        for (var i = 0; i < copy._count; i++)
            copy._items[i] = copy._items[i].DeepClone();
        return copy;
    }

    public void Freeze()
    {
        if (_frozen)
            return;
        for (var i = 0; i < _count; i++)
            _items[i].Freeze();
        _frozen = true;
    }

    public bool DeepEquals(Sequence other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (_count != other._count)
            return false;
        for (var i = 0; i < _count; i++)
        {
            if (!_items[i].Equals(other._items[i]))
                return false;
        }

        return true;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<Value> IEnumerable<Value>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Sequence CreateEmpty()
    {
        var sequence = new Sequence(0);
        sequence.Freeze();
        return sequence;
    }

    private void ThrowIfFrozen()
    {
        if (_frozen)
            throw new InvalidOperationException("The sequence is frozen; edit a thawed copy.");
    }

    /// <summary>Walks the items in order without allocating.</summary>
    public struct Enumerator : IEnumerator<Value>
    {
        private readonly Sequence _sequence;
        private int _at;

        internal Enumerator(Sequence sequence)
        {
            _sequence = sequence;
            _at = -1;
        }

        public readonly Value Current => _sequence._items[_at];

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => ++_at < _sequence._count;

        public void Reset() => _at = -1;

        public readonly void Dispose()
        {
        }
    }
}
