using System.Collections;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Views;

/// <summary>A list of strings. <c>foreach</c> over it allocates nothing; an absent list is empty.</summary>
public readonly record struct StringList(Sequence? Sequence) : IReadOnlyList<string>
{
    /// <summary>Whether the list is set, be it empty.</summary>
    public bool Exists => Sequence is not null;

    public int Count => Sequence?.Count ?? 0;

    public bool IsEmpty => Count == 0;

    public string this[int index] => Sequence![index].AsString ?? "";

    public void Add(string item) => Sequence!.Add(item);

    public bool Contains(string item) => IndexOf(item) >= 0;

    public int IndexOf(string item)
    {
        for (var i = 0; i < Count; i++)
        {
            if (this[i] == item)
                return i;
        }

        return -1;
    }

    /// <summary>Removes the first occurrence; false when there is none.</summary>
    public bool Remove(string item)
    {
        var at = IndexOf(item);
        if (at >= 0)
            Sequence!.RemoveAt(at);
        return at >= 0;
    }

    public Enumerator GetEnumerator() => new((Sequence ?? Sequence.Empty).GetEnumerator());

    IEnumerator<string> IEnumerable<string>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<string>
    {
        private Sequence.Enumerator _items;

        internal Enumerator(Sequence.Enumerator items) => _items = items;

        public readonly string Current => _items.Current.AsString ?? "";

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => _items.MoveNext();

        public void Reset() => _items.Reset();

        public readonly void Dispose()
        {
        }
    }
}

/// <summary>A list of whole numbers; an absent list is empty.</summary>
public readonly record struct IntegerList(Sequence? Sequence)
{
    public int Count => Sequence?.Count ?? 0;

    public long this[int index] => Sequence![index].AsInteger ?? 0;

    public void Add(long item) => Sequence!.Add(item);
}
