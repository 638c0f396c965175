using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Fills the defaults of a schema into mutable custom resources, and drops nulls where none may be
/// (apiextensions-apiserver/pkg/apiserver/schema/defaulting/{algorithm.go,prunenulls.go}, v1.36).</summary>
public static class StructuralDefaulter
{
    /// <summary>Defaults a mutable object.</summary>
    public static void Apply(Map obj, JsonSchema schema)
    {
        PruneNulls(obj, schema);
        Default(obj, schema);
    }

    private static void Default(Value value, JsonSchema? schema)
    {
        if (schema is not { HasDefaults: true })
            return;
        if (value.AsMap is { } map)
        {
            foreach (var (name, property) in schema.Properties)
            {
                if (!property.Default.IsUndefined && (!map.TryGetValue(name, out var current) || (current.IsNull && !property.Nullable)))
                    map.Set(name, property.Default.DeepClone());
            }

            for (var i = 0; i < map.Count; i++)
            {
                if (schema.Properties.TryGetValue(map.KeyAt(i), out var property))
                {
                    Default(map.ValueAt(i), property);
                }
                else if (schema.AdditionalProperties is { } additional)
                {
                    if (map.ValueAt(i).IsNull && additional is { Nullable: false, Default.IsUndefined: false })
                        map.SetValueAt(i, additional.Default.DeepClone());
                    Default(map.ValueAt(i), additional);
                }
            }
        }
        else if (value.AsSequence is { } list && schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i].IsNull && items is { Nullable: false, Default.IsUndefined: false })
                    list[i] = items.Default.DeepClone();
                Default(list[i], items);
            }
        }
    }

    /// <summary>Nulls of fields that never may be null, and that no default replaces.</summary>
    private static void PruneNulls(Value value, JsonSchema? schema)
    {
        if (schema is null)
            return;
        if (value.AsMap is { } map)
        {
            for (var i = map.Count - 1; i >= 0; i--)
            {
                var child = schema.Of(map.KeyAt(i));
                if (map.ValueAt(i).IsNull && child is { Nullable: false, Default.IsUndefined: true })
                    map.Remove(map.KeyAt(i));
                else
                    PruneNulls(map.ValueAt(i), child);
            }
        }
        else if (value.AsSequence is { } list)
        {
            foreach (var item in list)
                PruneNulls(item, schema.Items);
        }
    }
}
