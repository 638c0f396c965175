using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Core;

namespace KubeSharp.ApiServer.Registry;

/// <summary>
/// Rounds the amounts of every ResourceList of an object up to thousandths, in the groups whose defaults do so
/// (SetDefaults_ResourceList in the zz_generated.defaults.go of core, apps, batch and storage, v1.36). Safe for all threads.
/// </summary>
public sealed class ResourceListRounding
{
    private const string ResourceList = "v1.ResourceList";
    private static readonly string[] Packages = ["io.k8s.api.core.", "io.k8s.api.apps.", "io.k8s.api.batch.", "io.k8s.api.storage."];

    private readonly ConcurrentDictionary<SchemaType, bool> _hasLists = new();

    /// <summary>Rounds in place.</summary>
    /// <param name="obj">A mutable tree.</param>
    /// <param name="type">Its kind's schema.</param>
    public void Apply(Map obj, SchemaType type)
    {
        if (Packages.Any(package => type.Name.StartsWith(package, StringComparison.Ordinal)))
            Round(obj, type);
    }

    private void Round(Map obj, SchemaType type)
    {
        if (!HasLists(type))
            return;
        foreach (var field in type.Fields)
        {
            if (field.Type.GoName == ResourceList)
                ResourceAmounts.RoundUp(obj, field.Name);
            else if (field.Type.Struct is { } nested && HasLists(nested))
                Descend(obj, field, nested);
        }
    }

    private void Descend(Map obj, SchemaField field, SchemaType nested)
    {
        if (field.Type.Kind == TypeKind.Struct && obj[field.Name].AsMap is not null)
        {
            Round(obj.EditMap(field.Name), nested);
        }
        else if (field.Type.Kind == TypeKind.List && obj[field.Name].AsSequence is { Count: > 0 })
        {
            var items = obj.EditSequence(field.Name);
            for (var i = 0; i < items.Count; i++)
            {
                if (items[i].AsMap is not null)
                    Round(items.EditMap(i), nested);
            }
        }
    }

    private bool HasLists(SchemaType type) => _hasLists.TryGetValue(type, out var known) ? known : HasLists(type, []);

    private bool HasLists(SchemaType type, HashSet<SchemaType> visiting)
    {
        if (_hasLists.TryGetValue(type, out var known))
            return known;
        if (!visiting.Add(type))
            return false;
        var found = type.Fields.Any(field => field.Type.GoName == ResourceList || (field.Type.Struct is { } nested && HasLists(nested, visiting)));
        // An answer found inside a cycle may be incomplete: only the outermost is kept, or a positive one.
        if (found || visiting.Count == 1)
            _hasLists[type] = found;
        visiting.Remove(type);
        return found;
    }
}
