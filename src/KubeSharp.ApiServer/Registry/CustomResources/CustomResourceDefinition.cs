using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.ApiExtensions;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>One version of a definition as it is served.</summary>
/// <param name="Name">The version.</param>
/// <param name="Served">Whether clients may use it.</param>
/// <param name="Storage">Whether objects are kept in it.</param>
/// <param name="Schema">Its schema; one that keeps everything when there is none.</param>
/// <param name="HasStatus">Whether it has the status subresource.</param>
/// <param name="Scale">Its scale subresource, or null.</param>
/// <param name="Columns">additionalPrinterColumns.</param>
/// <param name="SelectableFields">The paths that field selectors may use.</param>
/// <param name="IsDeprecated">Whether clients are warned of using it.</param>
/// <param name="DeprecationWarning">The warning; empty for upstream's own words.</param>
internal sealed record CustomResourceVersion(
    string Name, bool Served, bool Storage, JsonSchema Schema, bool HasStatus, ScalePaths? Scale, Sequence Columns, IReadOnlyList<string> SelectableFields,
    bool IsDeprecated, string DeprecationWarning);

/// <summary>A CustomResourceDefinition that has been read once (apiextensions/v1 types.go, v1.36).</summary>
internal sealed class CustomResourceDefinition
{
    public CustomResourceDefinition(Map definition)
    {
        var spec = definition.Sub("spec");
        // What was accepted is what is served, whatever is asked for by now.
        var names = definition.Sub("status").Sub("acceptedNames");
        Name = definition.Name();
        Uid = definition.Sub("metadata").Text("uid");
        Group = spec.Text("group");
        Namespaced = spec.Text("scope") == "Namespaced";
        Plural = names.Text("plural");
        Singular = names.Text("singular");
        Kind = names.Text("kind");
        ListKind = names.Text("listKind");
        ShortNames = Texts(names.List("shortNames"));
        Categories = Texts(names.List("categories"));
        Versions = [.. spec.List("versions").Select(version => Read(version.AsMap ?? Map.Empty, spec.Text("preserveUnknownFields") == "true"))];
        IsEstablished = HasCondition(definition, "Established");
        IsTerminating = definition.Sub("metadata").Has("deletionTimestamp");
    }

    public string Name { get; }

    public string Uid { get; }

    public string Group { get; }

    public bool Namespaced { get; }

    public string Plural { get; }

    public string Singular { get; }

    public string Kind { get; }

    public string ListKind { get; }

    public IReadOnlyList<string> ShortNames { get; }

    public IReadOnlyList<string> Categories { get; }

    public IReadOnlyList<CustomResourceVersion> Versions { get; }

    public bool IsEstablished { get; }

    /// <summary>Whether it is on its way out: nothing new may be made of it.</summary>
    public bool IsTerminating { get; }

    public CustomResourceVersion StorageVersion => Versions.First(version => version.Storage);

    public GroupVersionKind KindOf(CustomResourceVersion version) => new(Group, version.Name, Kind);

    /// <summary>What to warn of when a version is used, or null (defaultDeprecationWarning in
    /// apiextensions-apiserver/pkg/apiserver/customresource_handler.go).</summary>
    public string? WarningOf(CustomResourceVersion version)
    {
        if (!version.IsDeprecated)
            return null;
        if (version.DeprecationWarning.Length > 0)
            return version.DeprecationWarning;
        var newer = Versions.Where(v => v is { Served: true, IsDeprecated: false }).OrderBy(v => KubeVersions.Rank(v.Name)).FirstOrDefault();
        var text = $"{Group}/{version.Name} {Kind} is deprecated";
        return newer is not null && KubeVersions.Rank(newer.Name).CompareTo(KubeVersions.Rank(version.Name)) < 0 ? $"{text}; use {Group}/{newer.Name} {Kind}" : text;
    }

    /// <summary>Whether a condition of a definition is True.</summary>
    public static bool HasCondition(Map definition, string type) => DefinitionConditions.Find(definition, type).Text("status") == "True";

    private static CustomResourceVersion Read(Map version, bool preserve)
    {
        var subresources = version.Sub("subresources");
        var schema = version.Sub("schema").GetMap("openAPIV3Schema") is { } props && !preserve ? JsonSchema.Read(props) : JsonSchema.Anything;
        return new CustomResourceVersion(
            version.Text("name"), version.Flag("served"), version.Flag("storage"), schema, subresources.Has("status"), ScalePaths.Read(subresources.GetMap("scale")),
            version.List("additionalPrinterColumns"), [.. version.List("selectableFields").Select(field => field.AsMap.Text("jsonPath"))],
            version.Flag("deprecated"), version.Text("deprecationWarning"));
    }

    private static string[] Texts(Sequence list) => [.. list.Select(item => item.AsString ?? "")];
}
