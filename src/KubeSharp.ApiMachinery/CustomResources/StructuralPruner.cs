using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Drops the fields of custom resources that their schema does not know
/// (apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go, v1.36).</summary>
public static class StructuralPruner
{
    /// <summary>Prunes a mutable object; its apiVersion, kind and metadata stay.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="unknown">Takes the paths of what is dropped, sorted; null when nobody asks.</param>
    public static void Prune(Map obj, JsonSchema schema, List<string>? unknown)
    {
        PruneMap(obj, schema, isResource: true, "", unknown);
        unknown?.Sort(StringComparer.Ordinal);
    }

    private static void PruneMap(Map map, JsonSchema? schema, bool isResource, string path, List<string>? unknown)
    {
        for (var i = map.Count - 1; i >= 0; i--)
        {
            var (key, value) = (map.KeyAt(i), map.ValueAt(i));
            if (isResource && key is "apiVersion" or "kind" or "metadata")
                continue;
            var child = path.Length == 0 ? key : $"{path}.{key}";
            if (schema?.Properties.TryGetValue(key, out var property) == true)
            {
                PruneValue(value, property, child, unknown);
            }
            else if (schema?.AdditionalProperties is { } additional)
            {
                PruneValue(value, additional, child, unknown);
            }
            else if (schema?.PreserveUnknownFields != true && schema?.AllowsAdditionalProperties != true)
            {
                unknown?.Add(child);
                map.Remove(key);
            }
        }
    }

    private static void PruneValue(Value value, JsonSchema schema, string path, List<string>? unknown)
    {
        if (value.AsMap is { IsFrozen: false } map)
        {
            PruneMap(map, schema, schema.EmbeddedResource, path, unknown);
        }
        else if (value.AsSequence is { } list && schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
                PruneValue(list[i], items, $"{path}[{i}]", unknown);
        }
    }
}
