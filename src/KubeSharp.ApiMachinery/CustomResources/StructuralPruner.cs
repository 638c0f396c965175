using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Drops what a schema does not know from mutable trees. An object, and embedded resources, keep apiVersion, kind
/// and metadata (apiextensions-apiserver/pkg/apiserver/schema/pruning/algorithm.go, v1.36).</summary>
public static class StructuralPruner
{
    /// <summary>Prunes a mutable object.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="unknown">Takes the paths of what is dropped, sorted; null when nobody asks.</param>
    public static void Prune(Map obj, JsonSchema schema, List<string>? unknown)
    {
        var paths = unknown is null ? null : new UnknownFieldPaths();
        Walk(obj, schema, true, paths);
        if (paths is not null)
            unknown!.AddRange(paths.TakeSorted());
    }

    /// <summary>Prunes a value that stands somewhere in an object.</summary>
    internal static void PruneValue(Value value, JsonSchema schema) => Walk(value, schema, schema.EmbeddedResource, null);

    private static bool IsMeta(string key) => key is "apiVersion" or "kind" or "metadata";

    private static void Walk(Value value, JsonSchema? schema, bool embedded, UnknownFieldPaths? unknown)
    {
        if (value.AsMap is { } map)
        {
            var keep = schema?.PreserveUnknownFields == true;
            for (var i = map.Count - 1; i >= 0; i--)
            {
                var key = map.KeyAt(i);
                if (embedded && IsMeta(key))
                    continue;
                if (schema is not null && (schema.AllowsAdditionalProperties is not null || schema.Properties.ContainsKey(key)))
                {
                    var child = schema.Of(key);
                    unknown?.PushKey(key);
                    Walk(map.ValueAt(i), child, child?.EmbeddedResource == true, unknown);
                    unknown?.Pop();
                }
                else if (!keep)
                {
                    if (unknown is not null && (!IsMeta(key) || !unknown.IsRoot))
                        unknown.Record(key);
                    map.Remove(key);
                }
            }
        }
        else if (value.AsSequence is { } list)
        {
            // Below a list that may hold anything nothing is pruned, unless items have a schema of their own.
            if (schema is { PreserveUnknownFields: true, Items: null })
                return;
            for (var i = 0; i < list.Count; i++)
            {
                unknown?.PushIndex(i);
                Walk(list[i], schema?.Items, schema?.Items?.EmbeddedResource == true, unknown);
                unknown?.Pop();
            }
        }
    }
}
