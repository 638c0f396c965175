using System.Diagnostics.CodeAnalysis;

namespace KubeSharp.ComponentBase.Events;

/// <summary>A dictionary that forgets what was used longest ago once it holds <paramref name="capacity"/> entries. Not thread-safe.</summary>
internal sealed class LeastRecentlyUsed<T>(int capacity)
{
    private readonly Dictionary<string, LinkedListNode<(string Key, T Value)>> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, T Value)> _order = [];

    public int Count => _nodes.Count;

    public bool TryGet(string key, [MaybeNullWhen(false)] out T value)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            value = default;
            return false;
        }

        _order.Remove(node);
        _order.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    public void Set(string key, T value)
    {
        if (_nodes.Remove(key, out var known))
            _order.Remove(known);
        else if (_nodes.Count == capacity)
        {
            _nodes.Remove(_order.Last!.Value.Key);
            _order.RemoveLast();
        }

        _nodes[key] = _order.AddFirst((key, value));
    }
}
