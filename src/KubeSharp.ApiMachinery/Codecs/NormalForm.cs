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
    public static void Apply(Map map, SchemaType type)
    {
        var at = 0;
        foreach (var field in type.FieldSpan)
        {
            var inPlace = at < map.Count && ReferenceEquals(map.KeyAt(at), field.Name);
            var value = inPlace ? map.ValueAt(at) : map[field.Name];
            var normal = Normal(value, field);
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

    private static Value Normal(Value value, SchemaField field)
    {
        if (value.IsNullOrUndefined)
            return ZeroValues.WhenAbsent(field);
        switch (field.Type.Kind)
        {
            case TypeKind.Struct:
                if (value.AsMap is { IsFrozen: false } nested)
                    Apply(nested, field.Type.Struct!);
                break;
            case TypeKind.List when value.AsSequence is { } sequence:
                if (sequence.Count == 0 && !field.Type.IsPointer)
                    return ZeroValues.WhenAbsent(field);
                if (!sequence.IsFrozen && field.Type.Element is { Kind: TypeKind.Struct } item)
                {
                    foreach (var element in sequence)
                    {
                        if (element.AsMap is { IsFrozen: false } itemMap)
                            Apply(itemMap, item.Struct!);
                    }
                }

                return value;
            case TypeKind.Map when value.AsMap is { } entries:
                if (entries.Count == 0 && !field.Type.IsPointer)
                    return ZeroValues.WhenAbsent(field);
                if (!entries.IsFrozen && field.Type.Element is { Kind: TypeKind.Struct } entry)
                {
                    foreach (var (_, element) in entries)
                    {
                        if (element.AsMap is { IsFrozen: false } entryMap)
                            Apply(entryMap, entry.Struct!);
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
