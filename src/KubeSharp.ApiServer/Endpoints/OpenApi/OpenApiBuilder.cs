using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The parts of one document: its paths, definitions and shared parameters, each encoded already.</summary>
internal sealed class OpenApiBuilder
{
    private readonly OpenApiFeatures _features;
    private readonly OpenApiSchemas _schemas;
    private readonly OpenApiWriter _writer;
    private readonly ResourcePaths _resources;
    private readonly OpenApiVersion _version;

    public OpenApiBuilder(OpenApiVersion version, OpenApiFeatures features, EntryBuffer paths, EntryBuffer definitions)
    {
        var descriptions = Descriptions.Get();
        (_version, _features, Paths, Definitions) = (version, features, paths, definitions);
        _schemas = new OpenApiSchemas(version, features, descriptions);
        _writer = new OpenApiWriter(version, _schemas);
        _resources = new ResourcePaths(descriptions, features);
    }

    public EntryBuffer Paths { get; }

    public EntryBuffer Definitions { get; }

    public Map Parameters => _writer.Parameters;

    public void Add(OpenApiPath path) => Paths.Add(path.Path, _writer.Path(path));

    /// <summary>Adds a group version: its list of resources, and all paths of the resources.</summary>
    public void Add(GroupVersion groupVersion, IEnumerable<OpenApiResource> resources)
    {
        Add(DiscoveryPaths.Resources(groupVersion, _features));
        foreach (var resource in resources)
        {
            foreach (var path in _resources.Of(resource))
                Add(path);
        }
    }

    /// <summary>Adds a group version that is not built in, with its definitions.</summary>
    public void Add(OpenApiContribution contribution)
    {
        foreach (var (name, schema) in contribution.Definitions(_version))
        {
            if (_schemas.Provide(name))
                Definitions.Add(name, schema);
            foreach (var reference in References(schema))
                _schemas.Require(reference);
        }

        Add(contribution.GroupVersion, contribution.Resources);
    }

    /// <summary>Adds all definitions that anything so far refers to.</summary>
    public void AddDefinitions(GroupVersion? groupVersion)
    {
        while (_schemas.Next(groupVersion, out var name) is { } schema)
            Definitions.Add(name, schema);
    }

    private static IEnumerable<string> References(Value value)
    {
        if (value.AsMap is { } map)
        {
            foreach (var (key, inner) in map)
            {
                if (key == "$ref" && inner.AsString is { } reference)
                    yield return reference[(reference.LastIndexOf('/') + 1)..];
                else
                {
                    foreach (var found in References(inner))
                        yield return found;
                }
            }
        }
        else if (value.AsSequence is { } sequence)
        {
            foreach (var inner in sequence)
            {
                foreach (var found in References(inner))
                    yield return found;
            }
        }
    }
}
