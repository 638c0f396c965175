using System.Collections;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views;

namespace KubeSharp.ComponentBase.Quota;

/// <summary>Quantities by resource name, in the order of names, with quota's arithmetic
/// (apiserver/pkg/quota/v1/resources.go, v1.36). Not thread-safe.</summary>
public sealed class ResourceList : IEnumerable<KeyValuePair<string, Quantity>>
{
    private readonly SortedDictionary<string, Quantity> _values = new(StringComparer.Ordinal);

    public int Count => _values.Count;

    public IReadOnlyCollection<string> Names => _values.Keys;

    /// <summary>The quantity; zero for a name that is not there.</summary>
    public Quantity this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set => _values[name] = value;
    }

    /// <summary>Reads a map of quantities as objects have them; null is empty. What is no quantity is left out.</summary>
    public static ResourceList From(StringMap map)
    {
        var list = new ResourceList();
        foreach (var (name, text) in map)
        {
            if (Quantity.TryParse(text, out var quantity, out _))
                list._values[name] = quantity;
        }

        return list;
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public bool TryGet(string name, out Quantity quantity) => _values.TryGetValue(name, out quantity);

    public void Add(string name, Quantity quantity) => _values[name] = quantity;

    /// <summary>Adds another list to this one.</summary>
    public void AddAll(ResourceList other)
    {
        foreach (var (name, quantity) in other._values)
            _values[name] = _values.TryGetValue(name, out var own) ? own + quantity : quantity;
    }

    /// <summary>Raises this list to the other where that has more.</summary>
    public void RaiseTo(ResourceList other)
    {
        foreach (var (name, quantity) in other._values)
        {
            if (!_values.TryGetValue(name, out var own) || quantity > own)
                _values[name] = quantity;
        }
    }

    /// <summary>The sum of both.</summary>
    public ResourceList Plus(ResourceList other)
    {
        var sum = Clone();
        sum.AddAll(other);
        return sum;
    }

    /// <summary>This less the other, and zero where that would be less than nothing.</summary>
    public ResourceList MinusNonNegative(ResourceList other)
    {
        var difference = new ResourceList();
        var zero = Quantity.FromInt64(0);
        foreach (var (name, quantity) in _values)
        {
            var rest = other.TryGet(name, out var less) ? quantity - less : quantity;
            difference._values[name] = rest.Sign > 0 ? rest : zero;
        }

        foreach (var name in other._values.Keys)
            difference._values.TryAdd(name, zero);
        return difference;
    }

    /// <summary>The part with these names.</summary>
    public ResourceList Masked(IEnumerable<string> names)
    {
        var part = new ResourceList();
        foreach (var name in names)
        {
            if (_values.TryGetValue(name, out var quantity))
                part._values[name] = quantity;
        }

        return part;
    }

    public ResourceList WithoutZeros()
    {
        var rest = new ResourceList();
        foreach (var (name, quantity) in _values)
        {
            if (!quantity.IsZero)
                rest._values[name] = quantity;
        }

        return rest;
    }

    /// <summary>The names of which there is more than the limits allow.</summary>
    public IReadOnlyList<string> Exceeding(ResourceList limits)
    {
        var exceeding = new List<string>();
        foreach (var (name, quantity) in _values)
        {
            if (limits.TryGet(name, out var limit) && quantity > limit)
                exceeding.Add(name);
        }

        return exceeding;
    }

    public bool HasSameValues(ResourceList other)
    {
        if (Count != other.Count)
            return false;
        foreach (var (name, quantity) in _values)
        {
            if (!other.TryGet(name, out var theirs) || quantity != theirs)
                return false;
        }

        return true;
    }

    public ResourceList Clone()
    {
        var copy = new ResourceList();
        foreach (var (name, quantity) in _values)
            copy._values[name] = quantity;
        return copy;
    }

    /// <summary>As objects have it, names in order.</summary>
    public Map ToMap()
    {
        var map = new Map(Count);
        foreach (var (name, quantity) in _values)
            map.Append(name, quantity.ToString());
        return map;
    }

    /// <summary><c>cpu=1,memory=2Gi</c>.</summary>
    public override string ToString() => string.Join(',', _values.Select(static pair => $"{pair.Key}={pair.Value}"));

    public IEnumerator<KeyValuePair<string, Quantity>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
