using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>The paths that a tree sets (structured-merge-diff/v6/typed/tofieldset.go).</summary>
internal static class FieldSetReader
{
    public static FieldSet Read(Map tree, SchemaType type) => Walk(tree, MergeType.Of(type)).Children;

    private static (bool IsLeaf, FieldSet Children) Walk(Value value, MergeType type) => type.ShapeOf(value) switch
    {
        MergeShape.Map => (false, value.AsMap is { } map ? WalkMap(map, type) : FieldSet.Empty),
        MergeShape.Associative or MergeShape.Set => (false, value.AsSequence is { } list ? WalkList(list, type) : FieldSet.Empty),
        _ => (true, FieldSet.Empty),
    };

    private static FieldSet WalkMap(Map map, MergeType type)
    {
        var builder = default(FieldSetBuilder);
        foreach (var (key, value) in map)
        {
            var (isLeaf, children) = Walk(value, type.Field(key));
            builder.Add(PathElement.Field(key), isLeaf || value.IsNull || value.AsMap is { Count: 0 } || !type.HasField(key), children);
        }

        return builder.Build();
    }

    private static FieldSet WalkList(Sequence list, MergeType type)
    {
        var elements = new PathElement[list.Count];
        var counts = new Dictionary<PathElement, int>(list.Count);
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = type.ItemElement(list[i]);
            counts[elements[i]] = counts.GetValueOrDefault(elements[i]) + 1;
        }

        var builder = default(FieldSetBuilder);
        for (var i = 0; i < elements.Length; i++)
        {
            // Items that cannot be told apart are owned as a whole.
            var children = counts[elements[i]] > 1 ? FieldSet.Empty : Walk(list[i], type.Element).Children;
            builder.Add(elements[i], true, children);
        }

        return builder.Build();
    }
}
