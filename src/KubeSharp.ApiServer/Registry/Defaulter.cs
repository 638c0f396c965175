using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>
/// Sets the defaults that the schema facts carry (<c>+default</c> markers) wherever their field is absent, in every
/// struct that is present. What depends on other fields is a strategy's (<see cref="RestStrategy.SetDefaults"/>).
/// Source: the generated zz_generated.defaults.go of each API package, v1.36.
/// </summary>
public sealed class Defaulter
{
    /// <summary>Types below which no field has a default, so that walks end early.</summary>
    private readonly ConcurrentDictionary<SchemaType, bool> _hasDefaults = new();

    public void Apply(Map obj, SchemaType type)
    {
        if (!HasDefaults(type, []))
            return;
        foreach (var field in type.Fields)
        {
            if (!field.Default.IsUndefined && field.Default.AsString is not "" && obj[field.Name].IsNullOrUndefined)
                obj.Set(field.Name, field.Default);
            if (field.Type.Struct is { } nested && HasDefaults(nested, []))
                Descend(obj, field, nested);
        }
    }

    private void Descend(Map obj, SchemaField field, SchemaType nested)
    {
        var value = obj[field.Name];
        switch (field.Type.Kind)
        {
            case TypeKind.Struct when value.AsMap is not null:
                Apply(obj.EditMap(field.Name), nested);
                break;
            case TypeKind.List when value.AsSequence is { Count: > 0 }:
                var sequence = obj.EditSequence(field.Name);
                for (var i = 0; i < sequence.Count; i++)
                {
                    if (sequence[i].AsMap is not null)
                        Apply(sequence.EditMap(i), nested);
                }

                break;
            case TypeKind.Map when value.AsMap is { Count: > 0 }:
                var map = obj.EditMap(field.Name);
                for (var i = 0; i < map.Count; i++)
                {
                    if (map.ValueAt(i).AsMap is not null)
                        Apply(map.EditMap(map.KeyAt(i)), nested);
                }

                break;
        }
    }

    private bool HasDefaults(SchemaType type, HashSet<SchemaType> visiting)
    {
        if (_hasDefaults.TryGetValue(type, out var known))
            return known;
        if (!visiting.Add(type))
            return false;
        var found = false;
        foreach (var field in type.Fields)
        {
            if (!field.Default.IsUndefined || (field.Type.Struct is { } nested && HasDefaults(nested, visiting)))
            {
                found = true;
                break;
            }
        }

        // An answer found inside a cycle may be incomplete: only the outermost is kept, or a positive one.
        if (found || visiting.Count == 1)
            _hasDefaults[type] = found;
        visiting.Remove(type);
        return found;
    }
}
