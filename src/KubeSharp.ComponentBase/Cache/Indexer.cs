using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>The values under which an object is found in an index; none leaves it out.</summary>
public delegate IEnumerable<string> IndexFunction(Map obj);

/// <summary>
/// A thread-safe store of frozen objects by key (<c>namespace/name</c>, or the name alone), with named indices. Lists are
/// snapshots that the caller owns. Follows client-go/tools/cache/thread_safe_store.go.
/// </summary>
public sealed class Indexer
{
    /// <summary>The index by namespace that every indexer has.</summary>
    public const string NamespaceIndex = "namespace";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Index> _indices = new(StringComparer.Ordinal)
    {
        [NamespaceIndex] = new(obj => [ObjectMetaAccessor.GetNamespace(obj)]),
    };

    private Dictionary<string, Map> _objects = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_lock)
                return _objects.Count;
        }
    }

    /// <summary>Adds an index; objects that are here already enter it.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void AddIndex(string name, IndexFunction function)
    {
        lock (_lock)
        {
            var index = new Index(function);
            _indices.Add(name, index);
            foreach (var (key, obj) in _objects)
                index.Update(key, null, obj);
        }
    }

    /// <summary>Adds an index unless there is one of this name, which is taken to be the same.</summary>
    public void EnsureIndex(string name, IndexFunction function)
    {
        lock (_lock)
        {
            if (!_indices.ContainsKey(name))
                AddIndex(name, function);
        }
    }

    /// <summary>The object at a key, or null.</summary>
    public Map? Get(string key)
    {
        lock (_lock)
            return _objects.GetValueOrDefault(key);
    }

    public IReadOnlyList<Map> List()
    {
        lock (_lock)
            return [.. _objects.Values];
    }

    public IReadOnlyList<string> ListKeys()
    {
        lock (_lock)
            return [.. _objects.Keys];
    }

    /// <summary>The objects for which the index function gives this value.</summary>
    /// <exception cref="KeyNotFoundException">There is no such index.</exception>
    public IReadOnlyList<Map> ByIndex(string name, string value)
    {
        lock (_lock)
            return _indices[name].Find(value) is { } found ? [.. found.Values] : [];
    }

    /// <summary>The values that some object has in this index.</summary>
    /// <exception cref="KeyNotFoundException">There is no such index.</exception>
    public IReadOnlyList<string> IndexValues(string name)
    {
        lock (_lock)
            return [.. _indices[name].Values];
    }

    /// <summary>Stores an object and returns the one it replaces.</summary>
    public Map? Set(Map obj)
    {
        obj.Freeze();
        var key = ObjectMetaAccessor.GetKey(obj);
        lock (_lock)
        {
            var old = _objects.GetValueOrDefault(key);
            _objects[key] = obj;
            foreach (var index in _indices.Values)
                index.Update(key, old, obj);
            return old;
        }
    }

    /// <summary>Removes the object at a key and returns it.</summary>
    public Map? Remove(string key)
    {
        lock (_lock)
        {
            if (!_objects.Remove(key, out var old))
                return null;
            foreach (var index in _indices.Values)
                index.Update(key, old, null);
            return old;
        }
    }

    /// <summary>Makes the store hold these objects only, at once for readers, and returns what it held.</summary>
    public IReadOnlyDictionary<string, Map> Replace(IReadOnlyList<Map> objects)
    {
        var next = new Dictionary<string, Map>(objects.Count, StringComparer.Ordinal);
        foreach (var obj in objects)
        {
            obj.Freeze();
            next[ObjectMetaAccessor.GetKey(obj)] = obj;
        }

        lock (_lock)
        {
            var old = _objects;
            _objects = next;
            foreach (var index in _indices.Values)
            {
                index.Clear();
                foreach (var (key, obj) in next)
                    index.Update(key, null, obj);
            }

            return old;
        }
    }

    private sealed class Index(IndexFunction function)
    {
        private readonly Dictionary<string, Dictionary<string, Map>> _byValue = new(StringComparer.Ordinal);

        public IEnumerable<string> Values => _byValue.Keys;

        public Dictionary<string, Map>? Find(string value) => _byValue.GetValueOrDefault(value);

        public void Clear() => _byValue.Clear();

        public void Update(string key, Map? old, Map? obj)
        {
            if (old is not null)
            {
                foreach (var value in function(old))
                {
                    if (_byValue.TryGetValue(value, out var members) && members.Remove(key) && members.Count == 0)
                        _byValue.Remove(value);
                }
            }

            if (obj is null)
                return;
            foreach (var value in function(obj))
            {
                if (!_byValue.TryGetValue(value, out var members))
                    _byValue[value] = members = new(StringComparer.Ordinal);
                members[key] = obj;
            }
        }
    }
}
