using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>Takes the members of a set out of a tree (structured-merge-diff/v6/typed/remove.go). The tree given is not
/// changed; what stays is shared with it.</summary>
internal static class FieldRemoval
{
    public static Map Remove(Map tree, FieldSet set, SchemaType type) => set.IsEmpty ? tree : RemoveFromMap(tree, set, MergeType.Of(type)).AsMap ?? new Map();

    private static Value Remove(Value value, FieldSet set, MergeType type)
    {
        switch (type.ShapeOf(value))
        {
            case MergeShape.Map:
                return value.AsMap is { Count: > 0 } map ? RemoveFromMap(map, set, type) : default;
            case MergeShape.Associative or MergeShape.Set:
                return value.AsSequence is { Count: > 0 } list ? RemoveFromList(list, set, type) : default;
            default:
                // Items of atomic lists and maps cannot be taken out one by one.
                return value.AsMap is not null || value.AsSequence is not null ? default : value;
        }
    }

    private static Value RemoveFromMap(Map map, FieldSet set, MergeType type)
    {
        var result = new Map(map.Count);
        var descended = false;
        foreach (var (key, value) in map)
        {
            var (isMember, below) = set.Below(PathElement.Field(key));
            if (isMember)
                continue;
            if (below.IsEmpty)
            {
                result.Append(key, value);
                continue;
            }

            descended = true;
            result.Append(key, OrEmpty(Remove(value, below, type.Field(key)), value));
        }

        return result.Count > 0 || descended ? result : default(Value);
    }

    private static Value RemoveFromList(Sequence list, FieldSet set, MergeType type)
    {
        var result = new Sequence(list.Count);
        var descended = false;
        foreach (var item in list)
        {
            var (isMember, below) = set.Below(type.ItemElement(item));
            if (isMember)
                continue;
            if (below.IsEmpty)
            {
                result.Add(item);
                continue;
            }

            descended = true;
            result.Add(OrEmpty(Remove(item, below, type.Element), item));
        }

        return result.Count > 0 || descended ? result : default(Value);
    }

    /// <summary>What has lost all its content is empty, not null.</summary>
    private static Value OrEmpty(Value removed, Value original) =>
        !removed.IsNullOrUndefined ? removed : original.AsMap is not null ? new Map(0) : original.AsSequence is not null ? new Sequence(0) : Value.Null;
}
