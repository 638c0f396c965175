using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.ApiExtensions;

/// <summary>The spec of a definition as upstream's validation sees it, which shows in the paths of errors: what all versions
/// have in common stands at the top, and nowhere else (pkg/apis/apiextensions/v1/conversion.go, v1.36).</summary>
internal sealed class CustomResourceDefinitionSpec
{
    private static readonly (string Versioned, string Shared)[] Movable =
    [
        ("subresources", "subresources"), ("schema", "validation"),
        ("additionalPrinterColumns", "additionalPrinterColumns"), ("selectableFields", "selectableFields"),
    ];

    public CustomResourceDefinitionSpec(Map spec)
    {
        Map = spec;
        var versions = spec.List("versions");
        Versions = new Map[versions.Count];
        for (var i = 0; i < versions.Count; i++)
            Versions[i] = versions.At(i).ShallowClone();
        if (Versions.Length == 0)
            return;
        Version = Versions[0].Text("name");
        foreach (var (versioned, shared) in Movable)
        {
            var value = Versions[0][versioned];
            if (!Array.TrueForAll(Versions, version => Same(version[versioned], value)))
                continue;
            Shared.Set(shared, value);
            foreach (var version in Versions)
                version.Remove(versioned);
        }
    }

    /// <summary>The v1 spec.</summary>
    public Map Map { get; }

    /// <summary>The versions without what is shared.</summary>
    public Map[] Versions { get; }

    /// <summary>What all versions share: validation, subresources, additionalPrinterColumns, selectableFields.</summary>
    public Map Shared { get; } = new();

    /// <summary>The name of the first version.</summary>
    public string Version { get; } = "";

    public bool AnyVersionHas(string key) => Array.Exists(Versions, version => version.Has(key));

    /// <summary>The schema roots, shared or by version.</summary>
    public IEnumerable<Map> Schemas()
    {
        if (Shared.GetMap("validation")?.GetMap("openAPIV3Schema") is { } shared)
            yield return shared;
        foreach (var version in Versions)
        {
            if (version.GetMap("schema")?.GetMap("openAPIV3Schema") is { } schema)
                yield return schema;
        }
    }

    /// <summary>The versions as errors print them: internal structs, every field there.</summary>
    public Value InternalVersions()
    {
        if (Map["versions"].AsSequence is null)
            return Value.Null;
        var list = new Sequence(Versions.Length);
        foreach (var version in Versions)
        {
            var form = new Map { { "Name", version.Text("name") }, { "Served", version.Flag("served") }, { "Storage", version.Flag("storage") }, { "Deprecated", version.Flag("deprecated") } };
            foreach (var (key, go) in ((string, string)[])[("deprecationWarning", "DeprecationWarning"), ("schema", "Schema"), ("subresources", "Subresources"), ("additionalPrinterColumns", "AdditionalPrinterColumns"), ("selectableFields", "SelectableFields")])
                form.Set(go, version.Has(key) ? version[key] : Value.Null);
            list.Add(form);
        }

        return list;
    }

    private static bool Same(Value left, Value right) =>
        left.IsNullOrUndefined == right.IsNullOrUndefined && left.SemanticallyEquals(right);
}
