using System.Collections.Concurrent;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.ManagedFields;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>The field managers of all served resources, one for each version and subresource, made when first needed.</summary>
public sealed class ResourceFieldManagers(ServedResources resources)
{
    private readonly ConcurrentDictionary<(ServedResource, string), FieldManager> _managers = new();

    public FieldManager For(ServedResource served, string subresource) => _managers.GetOrAdd((served, subresource), static (key, resources) =>
        new FieldManager(key.Item1.Kind, key.Item1.Schema, key.Item2, key.Item1.IsStored ? key.Item1.Store.Strategy.ResetFields(key.Item2) : FieldSet.Empty, new Forms(resources, key.Item1)), resources);

    /// <summary>A resource's versions, by way of the stored one.</summary>
    private sealed class Forms(ServedResources resources, ServedResource served) : IVersionForms
    {
        public (Map Tree, SchemaType Schema)? Convert(Map tree, string fromApiVersion, string toApiVersion)
        {
            if (Find(toApiVersion) is not { } to)
                return null;
            if (fromApiVersion == toApiVersion)
                return (tree, to.Schema);
            if (Find(fromApiVersion) is not { } from)
                return null;
            if (!from.NeedsConversion && !to.NeedsConversion)
            {
                // The same shape under another name.
                var copy = tree.ShallowClone();
                copy.Set("apiVersion", toApiVersion);
                return (copy, to.Schema);
            }

            return (to.FromStorage(from.ToStorage(tree)), to.Schema);
        }

        private ServedResource? Find(string apiVersion) =>
            apiVersion == served.GroupVersion.ToString() ? served : 
                resources.All.FirstOrDefault(r => r.IsStored && ReferenceEquals(r.Store, served.Store) && r.GroupVersion.ToString() == apiVersion);
    }
}
