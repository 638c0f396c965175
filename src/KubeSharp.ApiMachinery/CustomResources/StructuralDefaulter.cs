using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Fills the defaults of a schema into custom resources, and drops nulls where none may be
/// (apiextensions-apiserver/pkg/apiserver/schema/defaulting/{algorithm.go,prunenulls.go}, v1.36).</summary>
public static class StructuralDefaulter
{
    /// <summary>Defaults a mutable object.</summary>
    public static void Apply(Map obj, JsonSchema schema)
    {
        if (schema.HasDefaults)
            Default(obj, schema);
        PruneNulls(obj, schema);
    }

    private static void Default(Value value, JsonSchema? schema)
    {
        if (schema is not { HasDefaults: true })
            return;
        if (value.AsMap is { } map)
        {
            foreach (var (name, property) in schema.Properties)
            {
                if (property.Default.IsUndefined)
                    continue;
                var given = map[name];
                if (given.IsUndefined || (given.IsNull && !property.Nullable))
                    map.Set(name, property.Default.DeepClone());
            }

            for (var i = 0; i < map.Count; i++)
                Default(map.ValueAt(i), schema.Properties.GetValueOrDefault(map.KeyAt(i)) ?? schema.AdditionalProperties);
        }
        else if (value.AsSequence is { } list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i].IsNull && schema.Items is { Nullable: false, Default.IsUndefined: false } items)
                    list[i] = items.Default.DeepClone();
                Default(list[i], schema.Items);
            }
        }
    }

    /// <summary>Nulls of fields that have a default by now or never may be null.</summary>
    private static void PruneNulls(Value value, JsonSchema? schema)
    {
        if (schema is null)
            return;
        if (value.AsMap is { } map)
        {
            for (var i = map.Count - 1; i >= 0; i--)
            {
                var key = map.KeyAt(i);
                if (schema.Properties.TryGetValue(key, out var property) && map.ValueAt(i).IsNull && !property.Nullable)
                    map.Remove(key);
                else
                    PruneNulls(map.ValueAt(i), property ?? schema.AdditionalProperties);
            }
        }
        else if (value.AsSequence is { } list)
        {
            foreach (var item in list)
                PruneNulls(item, schema.Items);
        }
    }
}
