using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Brings a tree that code has changed into the form that reading it back from the store would give: required fields are
/// there at their zero, empty lists and maps and omitted zeros are gone, keys are in schema order. The API answers with
/// what was stored, and protobuf does not tell an empty list from none. Frozen subtrees are in that form already.
/// </summary>
public static class NormalForm
{
    /// <summary>Normalises a mutable tree in place.</summary>
    /// <param name="map">The tree.</param>
    /// <param name="type">Its schema.</param>
    /// <param name="asStored">False keeps empty lists and maps of required fields, which are only lost in the store.</param>
    public static void Apply(Map map, SchemaType type, bool asStored = true)
    {
        var at = 0;
        foreach (var field in type.FieldSpan)
        {
            var inPlace = at < map.Count && ReferenceEquals(map.KeyAt(at), field.Name);
            var value = inPlace ? map.ValueAt(at) : map[field.Name];
            var normal = Normal(value, field, asStored);
            if (inPlace && !normal.IsUndefined)
            {
                if (normal.IsNull != value.IsNull || normal.Kind != value.Kind)
                    map.SetValueAt(at, normal);
                at++;
                continue;
            }

            if (!value.IsUndefined)
                map.Remove(field.Name);
            if (normal.IsUndefined)
                continue;
            map.InsertAt(at, field.Name, normal);
            at++;
        }
    }

    private static Value Normal(Value value, SchemaField field, bool asStored)
    {
        if (value.IsNullOrUndefined)
            return ZeroValues.WhenAbsent(field);
        switch (field.Type.Kind)
        {
            case TypeKind.Struct:
                if (value.AsMap is { IsFrozen: false } nested)
                    Apply(nested, field.Type.Struct!, asStored);
                break;
            case TypeKind.List when value.AsSequence is { } sequence:
                // An empty list of managed fields says something until it has been read.
                if (sequence.Count == 0 && !field.Type.IsPointer && (asStored || (field.OmitEmpty && field.Name != "managedFields")))
                    return ZeroValues.WhenAbsent(field);
                if (!sequence.IsFrozen && field.Type.Element is { Kind: TypeKind.Struct } item)
                {
                    foreach (var element in sequence)
                    {
                        if (element.AsMap is { IsFrozen: false } itemMap)
                            Apply(itemMap, item.Struct!, asStored);
                    }
                }

                return value;
            case TypeKind.Map when value.AsMap is { } entries:
                if (entries.Count == 0 && !field.Type.IsPointer && (asStored || field.OmitEmpty))
                    return ZeroValues.WhenAbsent(field);
                if (!entries.IsFrozen && field.Type.Element is { Kind: TypeKind.Struct } entry)
                {
                    foreach (var (_, element) in entries)
                    {
                        if (element.AsMap is { IsFrozen: false } entryMap)
                            Apply(entryMap, entry.Struct!, asStored);
                    }
                }

                return value;
        }

        return !field.Type.IsPointer
            && ((field.OmitEmpty && ZeroValues.IsEmpty(value, field.Type)) || (field.OmitZero && ZeroValues.IsZero(value, field.Type)))
            ? default
            : value;
    }
}
