using System.Collections.Frozen;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>Where each struct stands in the facts file, and how its lines are read; the format is described in
/// hack/schema/FactsWriter.cs.</summary>
internal sealed class FactsIndex
{
    private const string MetaPackage = "io.k8s.apimachinery.pkg.apis.meta.v1";

    private static readonly FrozenSet<string> MetaKinds = new[]
    {
        "APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "CreateOptions", "DeleteOptions", "GetOptions", "List", "ListOptions",
        "PatchOptions", "Status", "UpdateOptions", "WatchEvent",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly string[] _lines;

    private FactsIndex(string[] lines, Dictionary<string, Position> structs, Dictionary<GroupVersionKind, string> kinds)
    {
        _lines = lines;
        Structs = structs.ToFrozenDictionary(StringComparer.Ordinal);
        Kinds = kinds.ToFrozenDictionary();
        GroupVersions = kinds.Keys.Select(k => k.GroupVersion).ToFrozenSet();
    }

    /// <summary>The line of a struct's header and the package that its local names belong to.</summary>
    internal readonly record struct Position(int Line, string Package);

    public FrozenDictionary<string, Position> Structs { get; }

    public FrozenDictionary<GroupVersionKind, string> Kinds { get; }

    public FrozenSet<GroupVersion> GroupVersions { get; }

    public static bool IsMetaKind(string kind) => MetaKinds.Contains(kind);

    public static FactsIndex Load()
    {
        using var stream = typeof(FactsIndex).Assembly.GetManifestResourceStream("kubernetes-v1.36.facts")!;
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n');
        var structs = new Dictionary<string, Position>(2000, StringComparer.Ordinal);
        var kinds = new Dictionary<GroupVersionKind, string>(600);
        string package = "", group = "", version = "";
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith("package ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                (package, group, version) = (words[1], words[2] == "-" ? "" : words[2], words[3]);
            }
            else if (line.StartsWith("struct ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                var name = $"{package}.{words[1]}";
                structs[name] = new Position(i, package);
                if (line.EndsWith(" kind", StringComparison.Ordinal))
                    kinds[new GroupVersionKind(group, version, words[1])] = name;
            }
        }

        return new FactsIndex(lines, structs, kinds);
    }

    public SchemaType Read(string name, Position position)
    {
        var header = _lines[position.Line].Split(' ');
        var fields = new List<SchemaField>();
        var wire = new List<WireField>();
        for (var i = position.Line + 1; i < _lines.Length && _lines[i].StartsWith(' '); i++)
            ReadField(_lines[i], position.Package, fields, wire);
        return new SchemaType(name, fields, wire)
        {
            IsAtomic = header.Contains("atomic"),
            HasTypeMeta = header.Contains("kind"),
            IsUnion = header.Contains("union"),
        };
    }

    private static void ReadField(string line, string package, List<SchemaField> fields, List<WireField> wire)
    {
        var words = line[1..].Split(' ');
        if (words[0] == "@")
        {
            Inline(ReadType(words[1], package).Struct!, words[1][(words[1].LastIndexOf('.') + 1)..], int.Parse(words[2]), fields, wire);
            return;
        }

        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 4; i < words.Length; i++)
        {
            var equals = words[i].IndexOf('=', StringComparison.Ordinal);
            var key = words[i][..equals];
            // A default is the rest of the line: JSON may hold blanks.
            if (key == "default")
            {
                options[key] = line[(line.IndexOf(" default=", StringComparison.Ordinal) + 9)..];
                break;
            }

            options[key] = words[i][(equals + 1)..];
        }

        string Option(string key) => options.GetValueOrDefault(key, "");
        var field = new SchemaField(words[0], ReadType(words[1], package))
        {
            Number = int.Parse(words[2]),
            OmitEmpty = words[3].Contains('o', StringComparison.Ordinal),
            OmitZero = words[3].Contains('z', StringComparison.Ordinal),
            IsRequired = words[3].Contains('r', StringComparison.Ordinal) || (!words[3].Contains('o', StringComparison.Ordinal) && !words[3].Contains('p', StringComparison.Ordinal)),
            IsUnionDiscriminator = words[3].Contains('u', StringComparison.Ordinal),
            PatchStrategy = Option("patch"),
            PatchMergeKey = Option("key"),
            ListType = Option("list"),
            ListMapKeys = Option("keys") is { Length: > 0 } keys ? keys.Split(',') : [],
            IsAtomic = Option("map") == "atomic" || Option("struct") == "atomic",
            MapType = Option("map") is { Length: > 0 } mapType ? mapType : Option("struct"),
            Enum = Option("enum") is { Length: > 0 } values ? [.. values.Split(',').Select(v => v == "\"\"" ? "" : v.Replace("%20", " ", StringComparison.Ordinal))] : [],
            Default = options.TryGetValue("default", out var text) ? ReadDefault(text) : default,
        };
        fields.Add(field);
        if (field.Number > 0)
            wire.Add(new WireField(field.Number, field, null));
    }

    private static void Inline(SchemaType inner, string goName, int number, List<SchemaField> fields, List<WireField> wire)
    {
        // Fields belong to one type alone (they know their index), so the inlined ones are copies.
        var copies = inner.Fields.ToDictionary(f => f, f => Copy(f, goName));
        fields.AddRange(inner.Fields.Select(f => copies[f]));
        WireField[] layout = [.. inner.Wire.Select(w => Translate(w, copies))];
        if (number > 0)
            wire.Add(new WireField(number, null, layout));
        else
            wire.AddRange(layout);
    }

    private static WireField Translate(WireField wire, Dictionary<SchemaField, SchemaField> copies) => wire.Field is { } field
        ? wire with { Field = copies[field] }
        : wire with { Inlined = [.. wire.Inlined!.Select(w => Translate(w, copies))] };

    private static SchemaField Copy(SchemaField field, string goName) => new(field.Name, field.Type)
    {
        GoPath = $"{goName}.{field.GoPath}",
        Number = field.Number,
        OmitEmpty = field.OmitEmpty,
        OmitZero = field.OmitZero,
        IsRequired = field.IsRequired,
        IsUnionDiscriminator = field.IsUnionDiscriminator,
        PatchStrategy = field.PatchStrategy,
        PatchMergeKey = field.PatchMergeKey,
        ListType = field.ListType,
        ListMapKeys = field.ListMapKeys,
        IsAtomic = field.IsAtomic,
        MapType = field.MapType,
        Enum = field.Enum,
        Default = field.Default,
    };

    private static Value ReadDefault(string json)
    {
        var decoded = JsonDecoder.DecodeValue(System.Text.Encoding.UTF8.GetBytes(json));
        decoded.Freeze();
        return decoded;
    }

    private static TypeRef ReadType(ReadOnlySpan<char> code, string package)
    {
        var letter = code[0];
        code = code[1..];
        string? goName = null;
        var goKeyName = "string";
        if (letter != '.' && code.StartsWith("<"))
            goName = Bracketed(ref code, '>');
        if (letter == '{' && code.StartsWith("("))
            goKeyName = Bracketed(ref code, ')');
        return letter switch
        {
            '*' => ReadType(code, package).AsPointer(),
            '[' => TypeRef.ListOf(ReadType(code, package), goName),
            '{' => TypeRef.MapOf(ReadType(code, package), goName, goKeyName),
            '.' => StructRef(code.ToString(), package),
            _ => TypeRef.Scalar(KindOf(letter), goName),
        };
    }

    private static string Bracketed(ref ReadOnlySpan<char> code, char close)
    {
        var end = code.IndexOf(close);
        var name = string.Intern(code[1..end].ToString());
        code = code[(end + 1)..];
        return name;
    }

    private static TypeKind KindOf(char letter) => letter switch
    {
        's' => TypeKind.String,
        'b' => TypeKind.Boolean,
        'i' => TypeKind.Int32,
        'l' => TypeKind.Int64,
        'd' => TypeKind.Float64,
        'y' => TypeKind.Bytes,
        'q' => TypeKind.Quantity,
        't' => TypeKind.Time,
        'u' => TypeKind.MicroTime,
        'D' => TypeKind.Duration,
        'x' => TypeKind.IntOrString,
        'r' => TypeKind.RawExtension,
        'F' => TypeKind.FieldsV1,
        'j' => TypeKind.Json,
        'B' => TypeKind.SchemaOrBool,
        'A' => TypeKind.SchemaOrArray,
        'S' => TypeKind.SchemaOrStringArray,
        'w' => TypeKind.StringListMessage,
        'a' => TypeKind.Any,
        _ => throw new InvalidDataException($"The facts file has an unknown type {letter}."),
    };

    private static TypeRef StructRef(string name, string package)
    {
        var full = name.Contains('.', StringComparison.Ordinal) ? name : $"{package}.{name}";
        return TypeRef.StructOf(() => BuiltInSchema.Get(full));
    }
}
