using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>One resource at one version, as far as paths and operations depend on it; the type names are those of the
/// definitions of one object and of a list.</summary>
public sealed record OpenApiResource(GroupVersion GroupVersion, string Resource, string Kind, bool Namespaced, string TypeName, string ListTypeName)
{
    public IReadOnlyList<string> Verbs { get; init; } = ApiVerbs.All;

    public IReadOnlyList<Subresource> Subresources { get; init; } = [];

    /// <summary>True when DELETE answers with the object rather than with a Status.</summary>
    public bool DeleteReturnsObject { get; init; }

    /// <summary>False for custom resources, which have no protobuf.</summary>
    public bool HasProtobuf { get; init; } = true;
}

/// <summary>What custom resources and other late comers add to the documents: one group version. The fingerprint changes
/// whenever the rest does (the document's hash is made of it). Definitions are the schemas by name in the asked-for version;
/// references look like <c>#/definitions/NAME</c> in version 2 and <c>#/components/schemas/NAME</c> in version 3. Built-in
/// types that they refer to are added by themselves.</summary>
public sealed record OpenApiContribution(GroupVersion GroupVersion, string Fingerprint, IReadOnlyList<OpenApiResource> Resources, Func<OpenApiVersion, IEnumerable<KeyValuePair<string, Map>>> Definitions);

/// <summary>Adds group versions to <c>/openapi/v2</c> and <c>/openapi/v3</c> while the server runs.</summary>
public interface IOpenApiContributor
{
    /// <summary>The group versions at this moment. Asked for on each request: hand out a snapshot.</summary>
    IReadOnlyList<OpenApiContribution> Contributions { get; }
}
