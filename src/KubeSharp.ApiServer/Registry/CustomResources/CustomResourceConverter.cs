using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>Conversion strategy None: another version is another apiVersion, pruned to and defaulted by its own schema
/// (apiextensions-apiserver/pkg/apiserver/conversion/converter.go nopConverter, v1.36).</summary>
/// <param name="schema">The version's schema.</param>
/// <param name="storage">The storage version's schema.</param>
internal sealed class CustomResourceConverter(JsonSchema schema, JsonSchema storage) : IVersionConverter
{
    public Map ToStorage(Map versioned)
    {
        // Frozen parts are shared with somebody else.
        var stored = versioned.DeepClone();
        if (!ReferenceEquals(schema, storage))
            StructuralPruner.Prune(stored, storage, null);
        return stored;
    }

    public Map FromStorage(Map stored)
    {
        var versioned = stored.DeepClone();
        StructuralPruner.Prune(versioned, schema, null);
        StructuralDefaulter.Apply(versioned, schema);
        return versioned;
    }
}
