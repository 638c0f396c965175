using System.Collections;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Views;

/// <summary>A list of structs. <c>foreach</c> over it allocates nothing; an absent list is empty.</summary>
public readonly record struct ViewList<T>(Sequence? Sequence) : IReadOnlyList<T>
    where T : struct, IView<T>
{
    public int Count => Sequence?.Count ?? 0;

    public bool IsEmpty => Count == 0;

    public T this[int index] => T.From(Sequence![index].AsMap);

    /// <summary>The item, ready to be changed.</summary>
    public T Edit(int index) => T.From(Sequence!.EditMap(index));

    public void Add(T item) => Sequence!.Add(item.Map);

    /// <summary>Adds an empty item and returns it, ready to be filled.</summary>
    public T AddNew()
    {
        var map = new Map();
        Sequence!.Add(map);
        return T.From(map);
    }

    public void RemoveAt(int index) => Sequence!.RemoveAt(index);

    /// <summary>The first item that the predicate accepts; a view that does not exist when there is none.</summary>
    public T Find(Func<T, bool> predicate)
    {
        foreach (var item in this)
        {
            if (predicate(item))
                return item;
        }

        return T.From(null);
    }

    public Enumerator GetEnumerator() => new((Sequence ?? Sequence.Empty).GetEnumerator());

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<T>
    {
        private Sequence.Enumerator _items;

        internal Enumerator(Sequence.Enumerator items) => _items = items;

        public readonly T Current => T.From(_items.Current.AsMap);

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => _items.MoveNext();

        public void Reset() => _items.Reset();

        public readonly void Dispose()
        {
        }
    }
}
