using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Registry;

/// <summary>Turns objects of one version into the storage version and back. The tree that comes in may be frozen; the
/// one that goes out is the caller's, and may share frozen parts with it.</summary>
public interface IVersionConverter
{
    Map ToStorage(Map versioned);

    Map FromStorage(Map stored);
}

/// <summary>One resource at one version as clients see it, and the store behind it (null for virtual resources).</summary>
public sealed class ServedResource(ApiResource resource, string version, SchemaType schema, ResourceStore? store, IVersionConverter? converter)
{
    public ApiResource Resource { get; } = resource;

    public GroupVersion GroupVersion { get; } = new(resource.Group, version);

    public GroupVersionResource GroupVersionResource => GroupVersion.WithResource(Resource.Resource);

    public GroupVersionKind Kind => GroupVersion.WithKind(Resource.Kind);

    public SchemaType Schema { get; } = schema;

    /// <summary>Whether a definition made this resource.</summary>
    public bool IsCustom => Schema.Custom is not null;

    /// <summary>The columns of a custom resource; null for built-in ones, which have theirs in a table.</summary>
    internal Endpoints.Tables.ITableConvertor? Table { get; init; }

    /// <summary>What to warn of when this version is used, or null (custom resources; built-in ones have a table).</summary>
    internal string? DeprecationWarning { get; init; }

    /// <summary>True while nothing new may be made of a custom resource, because its definition is on its way out.</summary>
    internal bool IsTerminating { get; init; }

    /// <summary>Where a custom resource keeps its replicas; null where that is <c>spec.replicas</c>.</summary>
    internal CustomResources.ScalePaths? Scale { get; init; }

    /// <summary>Applies to this resource at this version and by this schema that changed nothing; they go when the definition changes.</summary>
    internal UnchangedApplies UnchangedApplies => LazyInitializer.EnsureInitialized(ref _unchangedApplies);

    private UnchangedApplies? _unchangedApplies;

    /// <summary>The store; throws for a resource that is never stored.</summary>
    public ResourceStore Store => store ?? throw new InvalidOperationException($"{Resource.Resource} is not stored.");

    public bool IsStored => store is not null;

    /// <summary>True when the stored tree differs from this version in more than apiVersion.</summary>
    public bool NeedsConversion => converter is not null;

    /// <summary>The object at the storage version.</summary>
    public Map ToStorage(Map versioned)
    {
        var stored = converter is null ? versioned.Thaw() : converter.ToStorage(versioned);
        stored.Set("apiVersion", Resource.StorageVersion.ToString());
        stored.Set("kind", Resource.Kind);
        return stored;
    }

    /// <summary>The object at this version. Frozen when nothing had to be changed.</summary>
    public Map FromStorage(Map stored)
    {
        if (converter is null && GroupVersion == Resource.StorageVersion)
            return stored;
        var versioned = converter is null ? stored.ShallowClone() : converter.FromStorage(stored);
        versioned.Set("apiVersion", GroupVersion.ToString());
        versioned.Set("kind", Resource.Kind);
        return versioned;
    }
}
