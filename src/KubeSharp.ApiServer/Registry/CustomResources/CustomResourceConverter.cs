using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>Conversion strategy None: another version is another apiVersion, pruned to and defaulted by its own schema
/// (apiextensions-apiserver/pkg/apiserver/conversion/converter.go nopConverter, v1.36).</summary>
internal sealed class CustomResourceConverter(JsonSchema schema) : IVersionConverter
{
    public Map ToStorage(Map versioned) => versioned.Thaw();

    public Map FromStorage(Map stored)
    {
        var versioned = stored.DeepClone();
        StructuralPruner.Prune(versioned, schema, null);
        StructuralDefaulter.Apply(versioned, schema);
        return versioned;
    }
}
