using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>What differs between two trees of one type: paths that are gone, changed and new
/// (structured-merge-diff/v6/typed/compare.go).</summary>
public sealed record FieldComparison(FieldSet Removed, FieldSet Modified, FieldSet Added)
{
    public bool IsSame => Removed.IsEmpty && Modified.IsEmpty && Added.IsEmpty;

    public static FieldComparison Of(Map left, Map right, SchemaType type)
    {
        var parts = Walk(left, right, MergeType.Of(type));
        return new FieldComparison(parts.Removed.Children, parts.Modified.Children, parts.Added.Children);
    }

    /// <summary>The comparison without the given fields and what is below them.</summary>
    public FieldComparison Without(FieldSet fields) => fields.IsEmpty
        ? this
        : new FieldComparison(Removed.RecursiveDifference(fields), Modified.RecursiveDifference(fields), Added.RecursiveDifference(fields));

    private readonly record struct Part(bool Self, FieldSet Children)
    {
        public static readonly Part None = new(false, FieldSet.Empty);
        public static readonly Part Whole = new(true, FieldSet.Empty);
    }

    private readonly record struct Parts(Part Removed, Part Modified, Part Added)
    {
        public static readonly Parts Same = new(Part.None, Part.None, Part.None);
    }

    private struct Builders
    {
        private FieldSetBuilder _removed;
        private FieldSetBuilder _modified;
        private FieldSetBuilder _added;

        public void Add(PathElement element, in Parts parts)
        {
            _removed.Add(element, parts.Removed.Self, parts.Removed.Children);
            _modified.Add(element, parts.Modified.Self, parts.Modified.Children);
            _added.Add(element, parts.Added.Self, parts.Added.Children);
        }

        public readonly Parts Build(bool leftMissing, bool rightMissing) => new(
            new Part(rightMissing, _removed.Build()), new Part(false, _modified.Build()), new Part(leftMissing, _added.Build()));
    }

    /// <summary>Compares two values of which one may be undefined.</summary>
    private static Parts Walk(Value left, Value right, MergeType type)
    {
        if (!left.IsUndefined && left.IsSameNode(right))
            return Parts.Same;
        var shape = type.ShapeOf(right.IsNullOrUndefined ? left : right);
        switch (shape)
        {
            case MergeShape.Map when left.AsMap is { Count: > 0 } || right.AsMap is { Count: > 0 }:
                return WalkMap(left, right, type);
            case MergeShape.Associative or MergeShape.Set when left.AsSequence is { Count: > 0 } || right.AsSequence is { Count: > 0 }:
                return WalkList(left, right, type);
            default:
                if (left.IsUndefined)
                    return Parts.Same with { Added = Part.Whole };
                if (right.IsUndefined)
                    return Parts.Same with { Removed = Part.Whole };
                return left == right ? Parts.Same : Parts.Same with { Modified = Part.Whole };
        }
    }

    private static Parts WalkMap(Value left, Value right, MergeType type)
    {
        var builders = default(Builders);
        var (l, r) = (left.AsMap, right.AsMap);
        if (l is not null)
        {
            foreach (var (key, value) in l)
                builders.Add(PathElement.Field(key), Walk(value, r is null ? default : r[key], type.Field(key)));
        }

        if (r is not null)
        {
            foreach (var (key, value) in r)
            {
                if (l is null || !l.ContainsKey(key))
                    builders.Add(PathElement.Field(key), Walk(default, value, type.Field(key)));
            }
        }

        return builders.Build(left.IsUndefined, right.IsUndefined);
    }

    private static Parts WalkList(Value left, Value right, MergeType type)
    {
        var builders = default(Builders);
        var items = new Dictionary<PathElement, (List<Value> Left, List<Value> Right)>();
        Index(left.AsSequence, type, items, isLeft: true);
        Index(right.AsSequence, type, items, isLeft: false);
        foreach (var (element, (l, r)) in items)
        {
            if (l.Count <= 1 && r.Count <= 1)
            {
                builders.Add(element, Walk(l.Count == 0 ? default : l[0], r.Count == 0 ? default : r[0], type.Element));
            }
            else if (l.Count >= 2 && r.Count >= 2)
            {
                if (!l.SequenceEqual(r))
                    builders.Add(element, Parts.Same with { Modified = Part.Whole });
            }
            else if (l.Count >= 2)
            {
                // From several to at most one: the several are gone, the one is new.
                if (r.Count != 0)
                    builders.Add(element, Walk(default, r[0], type.Element));
                builders.Add(element, Parts.Same with { Removed = Part.Whole });
            }
            else
            {
                if (l.Count != 0)
                    builders.Add(element, Walk(l[0], default, type.Element));
                builders.Add(element, Parts.Same with { Added = Part.Whole });
            }
        }

        return builders.Build(left.IsUndefined, right.IsUndefined);
    }

    private static void Index(Sequence? list, MergeType type, Dictionary<PathElement, (List<Value> Left, List<Value> Right)> items, bool isLeft)
    {
        foreach (var item in list ?? Sequence.Empty)
        {
            var element = type.ItemElement(item);
            if (!items.TryGetValue(element, out var both))
                items[element] = both = ([], []);
            (isLeft ? both.Left : both.Right).Add(item);
        }
    }
}
