using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>
/// A set of field paths as a tree: each entry may itself be a member, and may have members below it. Immutable; entries
/// are sorted. Follows structured-merge-diff/v6/fieldpath/set.go, with members and children in one list.
/// </summary>
public sealed class FieldSet
{
    private readonly Entry[] _entries;

    internal FieldSet(Entry[] sorted) => _entries = sorted;

    internal readonly record struct Entry(PathElement Element, bool IsMember, FieldSet Children);

    public static FieldSet Empty { get; } = new([]);

    public bool IsEmpty => _entries.Length == 0;

    internal ReadOnlySpan<Entry> Entries => _entries;

    /// <summary>A set of paths of field names.</summary>
    public static FieldSet OfFields(params ReadOnlySpan<string[]> paths)
    {
        var set = Empty;
        foreach (var path in paths)
        {
            var one = new FieldSet([new Entry(PathElement.Field(path[^1]), true, Empty)]);
            for (var i = path.Length - 2; i >= 0; i--)
                one = new FieldSet([new Entry(PathElement.Field(path[i]), false, one)]);
            set = set.Union(one);
        }

        return set;
    }

    /// <summary>Whether the path of field names is a member.</summary>
    public bool Has(params ReadOnlySpan<string> path)
    {
        var set = this;
        for (var i = 0; i < path.Length; i++)
        {
            if (!set.TryFind(PathElement.Field(path[i]), out var entry))
                return false;
            if (i == path.Length - 1)
                return entry.IsMember;
            set = entry.Children;
        }

        return false;
    }

    /// <summary>Whether the element is a member, and what is below it.</summary>
    public (bool IsMember, FieldSet Children) Below(PathElement element) =>
        TryFind(element, out var entry) ? (entry.IsMember, entry.Children) : (false, Empty);

    public FieldSet Union(FieldSet other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other))
            return this;
        if (IsEmpty)
            return other;
        var merged = new List<Entry>(_entries.Length + other._entries.Length);
        int i = 0, j = 0;
        while (i < _entries.Length && j < other._entries.Length)
        {
            var order = _entries[i].Element.CompareTo(other._entries[j].Element);
            if (order < 0)
            {
                merged.Add(_entries[i++]);
            }
            else if (order > 0)
            {
                merged.Add(other._entries[j++]);
            }
            else
            {
                merged.Add(new Entry(_entries[i].Element, _entries[i].IsMember || other._entries[j].IsMember, _entries[i].Children.Union(other._entries[j].Children)));
                i++;
                j++;
            }
        }

        merged.AddRange(_entries.AsSpan(i));
        merged.AddRange(other._entries.AsSpan(j));
        return new FieldSet([.. merged]);
    }

    public FieldSet Intersection(FieldSet other) => Combine(other, keepOthers: false, static (a, b) =>
        new Entry(a.Element, a.IsMember && b.IsMember, a.Children.Intersection(b.Children)));

    /// <summary>The members that are not in the other set.</summary>
    public FieldSet Difference(FieldSet other) => other.IsEmpty ? this : Combine(other, keepOthers: true, static (a, b) =>
        new Entry(a.Element, a.IsMember && !b.IsMember, a.Children.Difference(b.Children)));

    /// <summary>The members that are neither in the other set nor below a member of it.</summary>
    public FieldSet RecursiveDifference(FieldSet other) => other.IsEmpty ? this : Combine(other, keepOthers: true, static (a, b) =>
        b.IsMember ? new Entry(a.Element, false, Empty) : a with { Children = a.Children.RecursiveDifference(b.Children) });

    /// <summary>The set with every named field of the schema that has members below it as a member too.</summary>
    internal FieldSet WithNamedFields(MergeType type)
    {
        if (IsEmpty)
            return this;
        var entries = new Entry[_entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = _entries[i];
            var named = entry.Element.Kind == PathElementKind.Field && !entry.Children.IsEmpty && type.HasField(entry.Element.Name);
            entries[i] = new Entry(entry.Element, entry.IsMember || named, entry.Children.WithNamedFields(type.Below(entry.Element)));
        }

        return new FieldSet(entries);
    }

    /// <summary>Calls back with every member, as elements from the root.</summary>
    public void ForEach(Action<IReadOnlyList<PathElement>> member) => ForEach(member, []);

    /// <summary>Writes the set as FieldsV1 has it.</summary>
    public Map ToMap() => ToMap(false);

    /// <summary>Reads FieldsV1. Elements of unknown kinds are skipped.</summary>
    /// <exception cref="FormatException">An element is malformed.</exception>
    public static FieldSet FromMap(Map map)
    {
        var builder = default(FieldSetBuilder);
        foreach (var (key, value) in map)
        {
            if (key == "." || !PathElement.TryParse(key, out var element))
                continue;
            var below = value.AsMap ?? Map.Empty;
            var children = FromMap(below);
            builder.Add(element, children.IsEmpty || below.ContainsKey("."), children);
        }

        return builder.Build();
    }

    private void ForEach(Action<IReadOnlyList<PathElement>> member, List<PathElement> path)
    {
        // As upstream iterates: the members of a level, then what is below.
        foreach (var entry in _entries)
        {
            if (!entry.IsMember)
                continue;
            path.Add(entry.Element);
            member(path);
            path.RemoveAt(path.Count - 1);
        }

        foreach (var entry in _entries)
        {
            if (entry.Children.IsEmpty)
                continue;
            path.Add(entry.Element);
            entry.Children.ForEach(member, path);
            path.RemoveAt(path.Count - 1);
        }
    }

    private Map ToMap(bool includeSelf)
    {
        var map = new Map(_entries.Length + (includeSelf ? 1 : 0));
        if (includeSelf && _entries.Length > 0)
            map.Append(".", Map.Empty);
        foreach (var entry in _entries)
            map.Append(entry.Element.Serialize(), entry.Children.IsEmpty ? Map.Empty : entry.Children.ToMap(entry.IsMember));
        return map;
    }

    private bool TryFind(PathElement element, out Entry found)
    {
        int low = 0, high = _entries.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _entries[middle].Element.CompareTo(element);
            if (order == 0)
            {
                found = _entries[middle];
                return true;
            }

            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        found = default;
        return false;
    }

    private FieldSet Combine(FieldSet other, bool keepOthers, Func<Entry, Entry, Entry> both)
    {
        var result = new List<Entry>(_entries.Length);
        var j = 0;
        foreach (var entry in _entries)
        {
            var order = 1;
            while (j < other._entries.Length && (order = other._entries[j].Element.CompareTo(entry.Element)) < 0)
                j++;
            if (j < other._entries.Length && order == 0)
            {
                var combined = both(entry, other._entries[j]);
                if (combined.IsMember || !combined.Children.IsEmpty)
                    result.Add(combined);
            }
            else if (keepOthers)
            {
                result.Add(entry);
            }
        }

        return result.Count == 0 ? Empty : new FieldSet([.. result]);
    }
}

/// <summary>Collects the entries of one level in any order.</summary>
internal struct FieldSetBuilder
{
    private List<FieldSet.Entry>? _entries;
    private bool _unsorted;

    public void Add(PathElement element, bool isMember, FieldSet children)
    {
        if (!isMember && children.IsEmpty)
            return;
        _entries ??= [];
        if (_entries.Count > 0 && _entries[^1].Element.CompareTo(element) >= 0)
            _unsorted = true;
        _entries.Add(new FieldSet.Entry(element, isMember, children));
    }

    public readonly FieldSet Build()
    {
        if (_entries is null)
            return FieldSet.Empty;
        if (!_unsorted)
            return new FieldSet([.. _entries]);
        _entries.Sort(static (a, b) => a.Element.CompareTo(b.Element));
        // The same element twice: one entry.
        for (var i = _entries.Count - 1; i > 0; i--)
        {
            if (_entries[i].Element != _entries[i - 1].Element)
                continue;
            _entries[i - 1] = new FieldSet.Entry(_entries[i].Element, _entries[i].IsMember || _entries[i - 1].IsMember, _entries[i].Children.Union(_entries[i - 1].Children));
            _entries.RemoveAt(i);
        }

        return new FieldSet([.. _entries]);
    }
}
