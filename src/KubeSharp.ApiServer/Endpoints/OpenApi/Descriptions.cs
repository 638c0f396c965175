using System.IO.Compression;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>What the fields and types of the built-in kinds are for, in upstream's words, as the documentation of the
/// KubernetesClient package has them. Read when first asked; let go of with the last reference.</summary>
internal sealed class Descriptions
{
    private const string Resource = "descriptions.gz";

    private static readonly string[] Versions = ["v1", "v1beta2", "v1beta1", "v1alpha3", "v1alpha2", "v1alpha1"];

    private readonly Dictionary<string, Dictionary<string, string>> _types = new(StringComparer.Ordinal);

    private static readonly WeakReference<Descriptions?> Loaded = new(null);

    private Descriptions()
    {
    }

    public static Descriptions Get()
    {
        lock (Loaded)
        {
            if (!Loaded.TryGetTarget(out var descriptions))
                Loaded.SetTarget(descriptions = Load());
            return descriptions;
        }
    }

    private static Descriptions Load()
    {
        var descriptions = new Descriptions();
        using var stream = typeof(Descriptions).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the resource {Resource} is missing from the assembly");
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        Dictionary<string, string>? fields = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                descriptions._types[line[1..]] = fields = new(StringComparer.Ordinal);
                continue;
            }

            var tab = line.IndexOf('\t');
            fields![line[..tab]] = line[(tab + 1)..].Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
        }

        return descriptions;
    }

    /// <summary>The description of a type by its OpenAPI name, or of one of its fields by its JSON name; null when there is none.</summary>
    public string? Find(string type, string field = "")
    {
        if (FindType(type) is not { } fields)
            return null;
        if (field.Length == 0)
            return fields.GetValueOrDefault("");
        // C# names have no dollars and dashes, and those that would be keywords or type names end in "Property".
        var name = field.Replace("-", "", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal).ToLowerInvariant();
        return fields.GetValueOrDefault(name) ?? fields.GetValueOrDefault(name + "property");
    }

    /// <summary>The client's class: version and kind (<c>V1Pod</c>), with the group in front where kinds of two groups
    /// would meet (<c>Corev1Event</c>).</summary>
    private Dictionary<string, string>? FindType(string type)
    {
        var parts = type.ToLowerInvariant().Split('.');
        if (parts.Length < 3)
            return null;
        return Find(parts[^3], parts[^2], parts[^1])
            // A version that the client does not have yet or any more is described by another one.
            ?? Versions.Select(version => Find(parts[^3], version, parts[^1])).FirstOrDefault(found => found is not null);
    }

    private Dictionary<string, string>? Find(string group, string version, string kind) =>
        _types.GetValueOrDefault(version + kind) ?? _types.GetValueOrDefault(group + version + kind);
}
