using System.Collections;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Views;

/// <summary>A map of structs. An absent map is empty; a key that is not there reads as a view that does not exist.</summary>
public readonly record struct ViewMap<T>(Map? Map) : IEnumerable<KeyValuePair<string, T>>
    where T : struct, IView<T>
{
    public int Count => Map?.Count ?? 0;

    public bool IsEmpty => Count == 0;

    public T this[string key]
    {
        get => T.From(Map?.GetMap(key));
        set => Map!.Set(key, value.Map);
    }

    public bool ContainsKey(string key) => Map is not null && Map.ContainsKey(key);

    /// <summary>The struct at a key, made when it is not there, ready to be changed.</summary>
    public T Edit(string key) => T.From(Map!.EditMap(key));

    public bool Remove(string key) => Map!.Remove(key);

    public Enumerator GetEnumerator() => new((Map ?? Map.Empty).GetEnumerator());

    IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<KeyValuePair<string, T>>
    {
        private Map.Enumerator _entries;

        internal Enumerator(Map.Enumerator entries) => _entries = entries;

        public readonly KeyValuePair<string, T> Current => new(_entries.Current.Key, T.From(_entries.Current.Value.AsMap));

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => _entries.MoveNext();

        public void Reset() => _entries.Reset();

        public readonly void Dispose()
        {
        }
    }
}
