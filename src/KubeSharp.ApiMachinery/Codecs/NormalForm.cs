using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>What becomes of empty lists and maps in the normal form.</summary>
public enum Empties
{
    /// <summary>They are gone: protobuf does not tell them from none.</summary>
    AsStored,

    /// <summary>Those that JSON leaves out are gone; required ones stay.</summary>
    AsPrinted,

    /// <summary>They stay: validation tells them from none, as upstream's Go structs do.</summary>
    Kept,
}

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
    /// <param name="empties">What becomes of empty lists and maps.</param>
    /// <returns>Whether empty lists or maps were kept that the store will lose.</returns>
    public static bool Apply(Map map, SchemaType type, Empties empties = Empties.AsStored)
    {
        // Custom resources are stored as they are, metadata excepted.
        if (type.Custom is not null)
            return map["metadata"].AsMap is { IsFrozen: false } metadata && Apply(metadata, type.FindField("metadata")!.Type.Struct!, empties);
        var (at, kept) = (0, false);
        // What the object is comes before its fields.
        while (type.HasTypeMeta && at < map.Count && map.KeyAt(at) is ("kind" or "apiVersion"))
            at++;
        foreach (var field in type.FieldSpan)
        {
            var inPlace = at < map.Count && ReferenceEquals(map.KeyAt(at), field.Name);
            var value = inPlace ? map.ValueAt(at) : map[field.Name];
            var normal = Normal(value, field, empties, ref kept);
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

        return kept;
    }

    private static Value Normal(Value value, SchemaField field, Empties empties, ref bool kept)
    {
        if (value.IsNullOrUndefined)
            return ZeroValues.WhenAbsent(field);
        switch (field.Type.Kind)
        {
            case TypeKind.Struct:
                if (value.AsMap is { IsFrozen: false } nested)
                    kept |= Apply(nested, field.Type.Struct!, empties);
                break;
            case TypeKind.List when value.AsSequence is { } sequence:
                if (sequence.Count == 0 && !field.Type.IsPointer)
                    return Empty(value, field, empties, ref kept);
                if (!sequence.IsFrozen && field.Type.Element is { Kind: TypeKind.Struct } item)
                {
                    foreach (var element in sequence)
                    {
                        if (element.AsMap is { IsFrozen: false } itemMap)
                            kept |= Apply(itemMap, item.Struct!, empties);
                    }
                }

                return value;
            case TypeKind.Map when value.AsMap is { } entries:
                if (entries.Count == 0 && !field.Type.IsPointer)
                    return Empty(value, field, empties, ref kept);
                if (!entries.IsFrozen && field.Type.Element is { } entry)
                    kept |= ApplyToEntries(entries, entry, empties);
                return value;
        }

        return !field.Type.IsPointer
            && ((field.OmitEmpty && ZeroValues.IsEmpty(value, field.Type)) || (field.OmitZero && ZeroValues.IsZero(value, field.Type)))
            ? default
            : value;
    }

    private static Value Empty(Value value, SchemaField field, Empties empties, ref bool kept)
    {
        if (empties == Empties.AsStored || (empties == Empties.AsPrinted && field.OmitEmpty))
            return ZeroValues.WhenAbsent(field);
        kept = true;
        return value;
    }

    private static bool ApplyToEntries(Map entries, TypeRef type, Empties empties)
    {
        var (kept, sorted) = (false, true);
        for (var i = 0; i < entries.Count; i++)
        {
            var value = entries.ValueAt(i);
            sorted &= i == 0 || string.CompareOrdinal(entries.KeyAt(i - 1), entries.KeyAt(i)) < 0;
            // A map of texts or bytes has no entry without a value.
            if (value.IsNull && !type.IsPointer && type.Kind is TypeKind.String or TypeKind.Bytes)
                entries.SetValueAt(i, "");
            else if (type.Kind == TypeKind.Struct && value.AsMap is { IsFrozen: false } entry)
                kept |= Apply(entry, type.Struct!, empties);
        }

        // Defaults and admission add at the end; Go prints the keys of maps in order.
        if (!sorted)
            entries.Sort(string.CompareOrdinal);
        return kept;
    }
}
