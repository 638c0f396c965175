using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>
/// Who owns the replicas of an object, as the scale subresource shows it and as the object records it: the same owners
/// under another path and version (managedfields/scalehandler.go, v1.36).
/// </summary>
/// <param name="apiVersion">The object's version that the subresource belongs to.</param>
/// <param name="pathOf">Where an object's version has its replicas (<c>spec</c>, <c>replicas</c>); null for a version that is not known.</param>
public sealed class ScaleManagedFields(string apiVersion, Func<string, string[]?> pathOf)
{
    private const string ScaleVersion = "autoscaling/v1";

    private static readonly string[] ScalePath = ["spec", "replicas"];

    /// <summary>The managed fields of the Scale; undefined when nobody owns the replicas.</summary>
    /// <exception cref="FormatException">An entry is malformed.</exception>
    public Value ToSubresource(Sequence? parent)
    {
        var scale = new ManagedTable();
        foreach (var (key, value) in ManagedTable.Read(parent))
        {
            if (pathOf(value.ApiVersion) is { } path && value.Fields.Has(path))
                scale[key] = new ManagerFields(ScaleVersion, FieldSet.OfFields(ScalePath), value.Time);
        }

        return scale.Write();
    }

    /// <summary>The managed fields of the object after a write of its Scale; undefined when nobody owns anything.</summary>
    /// <param name="parent">The object's before.</param>
    /// <param name="scale">The Scale's after.</param>
    /// <exception cref="FormatException">An entry is malformed.</exception>
    public Value ToParent(Sequence? parent, Sequence? scale)
    {
        var before = ManagedTable.Read(parent);
        var owners = ManagedTable.Read(scale);
        var after = new ManagedTable();
        foreach (var (key, value) in before)
        {
            if (pathOf(value.ApiVersion) is not { } path)
                continue;
            if (!value.Fields.Has(path) || owners.Remove(key))
            {
                after[key] = value;
                continue;
            }

            // Somebody else took the replicas.
            var rest = value.Fields.Difference(FieldSet.OfFields(path));
            if (!rest.IsEmpty)
                after[key] = value with { Fields = rest };
        }

        foreach (var (key, value) in owners)
        {
            if (value.Fields.Has(ScalePath) && pathOf(apiVersion) is { } path)
                after[key] = new ManagerFields(apiVersion, FieldSet.OfFields(path), before.GetValueOrDefault(key)?.Time);
        }

        return after.Write();
    }
}
