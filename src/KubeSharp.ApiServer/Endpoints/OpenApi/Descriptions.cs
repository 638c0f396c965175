using System.IO.Compression;
using System.Text;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>What the fields and types of the built-in kinds are for, in upstream's words: data that hack/update-schema
/// imports. Read when first asked; let go of with the last reference.</summary>
internal sealed class Descriptions
{
    private const string Resource = "kubernetes-v1.36.descriptions.br";
    private const string EnumHeader = "Possible enum values:";
    private const string TypeMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.TypeMeta";

    private static readonly WeakReference<Descriptions?> Loaded = new(null);

    private readonly Dictionary<string, Dictionary<string, string>> _types = new(1600, StringComparer.Ordinal);

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

    /// <summary>The description of a type by its OpenAPI name, or of one of its fields by its JSON name; null when there is none.</summary>
    public string? Find(string type, string field = "")
    {
        if (_types.TryGetValue(type, out var fields) && fields.TryGetValue(field, out var text))
            return text;
        return field is "kind" or "apiVersion" ? _types[TypeMeta].GetValueOrDefault(field) : null;
    }

    /// <summary>A description without its list of values, as it is where enums are not published.</summary>
    public static string WithoutEnum(string description)
    {
        var header = description.IndexOf(EnumHeader, StringComparison.Ordinal);
        return header < 0 ? description : description[..header].Trim();
    }

    private static Descriptions Load()
    {
        var descriptions = new Descriptions();
        using var stream = typeof(Descriptions).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the resource {Resource} is missing from the assembly");
        using var reader = new StreamReader(new BrotliStream(stream, CompressionMode.Decompress));
        Dictionary<string, string> fields = [];
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#')
            {
                descriptions._types[line[1..]] = fields = new(StringComparer.Ordinal);
                continue;
            }

            var tab = line.IndexOf('\t');
            fields[line[..tab]] = Unescape(line.AsSpan(tab + 1));
        }

        return descriptions;
    }

    private static string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
            return text.ToString();
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            result.Append(text[i] != '\\' ? text[i] : text[++i] == 'n' ? '\n' : text[i]);
        return result.ToString();
    }
}
