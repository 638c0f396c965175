using System.Collections;
using System.Diagnostics.CodeAnalysis;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Views;

/// <summary>A map of strings (labels, quantities by resource). An absent map is empty.</summary>
public readonly record struct StringMap(Map? Map) : IEnumerable<KeyValuePair<string, string>>
{
    /// <summary>Whether the map is set, be it empty.</summary>
    public bool Exists => Map is not null;

    public int Count => Map?.Count ?? 0;

    public bool IsEmpty => Count == 0;

    /// <summary>The value at a key, or null.</summary>
    public string? this[string key]
    {
        get => Map?[key].AsString;
        set => Map!.Set(key, value);
    }

    public bool ContainsKey(string key) => Map is not null && Map.ContainsKey(key);

    public bool TryGetValue(string key, [NotNullWhen(true)] out string? value) => (value = Map?[key].AsString) is not null;

    public bool Remove(string key) => Map!.Remove(key);

    public Enumerator GetEnumerator() => new((Map ?? Map.Empty).GetEnumerator());

    IEnumerator<KeyValuePair<string, string>> IEnumerable<KeyValuePair<string, string>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator : IEnumerator<KeyValuePair<string, string>>
    {
        private Map.Enumerator _entries;

        internal Enumerator(Map.Enumerator entries) => _entries = entries;

        public readonly KeyValuePair<string, string> Current => new(_entries.Current.Key, _entries.Current.Value.AsString ?? "");

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => _entries.MoveNext();

        public void Reset() => _entries.Reset();

        public readonly void Dispose()
        {
        }
    }
}
