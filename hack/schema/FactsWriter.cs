using System.Globalization;
using System.Text;

namespace KubeSharp.Hack.Schema;

/// <summary>
/// Writes the facts file: one line per package, struct and field, in an order that makes diffs readable.
/// <code>
/// package NAME GROUP|- VERSION
/// struct NAME [atomic] [kind] [union]
///  @ TYPE NUMBER                  a struct inlined in JSON; in protobuf it is field NUMBER (0: inlined there too)
///  FIELD TYPE NUMBER FLAGS [patch=..] [key=..] [list=..] [keys=..] [map=atomic] [struct=atomic] [enum=..] [default=JSON]
/// </code>
/// Types: s string, b bool, i int32, l int64, d float64, y bytes, q quantity, t time, u micro time, D duration,
/// x int-or-string, r raw extension, F fieldsV1, j JSON, B/A/S the JSONSchemaProps unions, w string list as a message,
/// a anything, .Name a struct; prefixes * pointer, [ list, { map. A code may be followed by the Go name of a named type
/// in angle brackets, for error texts, and that of a map by its named key type in parentheses.
/// Flags: o omitempty, z omitzero, r required although omitempty, p optional without omitempty, u the discriminator
/// of a union, - none.
/// </summary>
internal sealed class FactsWriter(IReadOnlyDictionary<string, GoPackage> packages)
{
    private const string MetaV1 = "k8s.io/apimachinery/pkg/apis/meta/v1";
    private const string ApiExtensions = "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1";

    private readonly StringBuilder _output = new();

    public string Write()
    {
        _output.Append("# Schema facts of Kubernetes v1.36, written by hack/update-schema. Do not edit.\n");
        foreach (var package in packages.Values.OrderBy(p => p.Path, StringComparer.Ordinal))
            WritePackage(package);
        return _output.ToString();
    }

    private void WritePackage(GoPackage package)
    {
        var structs = package.Declarations.Values.Where(d => d.Fields is not null && !IsSpecial(d)).OrderBy(d => d.Name, StringComparer.Ordinal).ToList();
        if (structs.Count == 0)
            return;
        var version = package.Path[(package.Path.LastIndexOf('/') + 1)..];
        _output.Append("package ").Append(OpenApiPackage(package.Path)).Append(' ').Append(package.GroupName.Length == 0 ? "-" : package.GroupName).Append(' ').Append(version).Append('\n');
        foreach (var declaration in structs)
            WriteStruct(package, declaration);
    }

    private void WriteStruct(GoPackage package, GoDeclaration declaration)
    {
        _output.Append("struct ").Append(declaration.Name);
        if (declaration.Markers.Contains("structType=atomic"))
            _output.Append(" atomic");
        if (declaration.Fields!.Any(f => f.Embedded && f.Type is GoType.Named { Name: "TypeMeta" }))
            _output.Append(" kind");
        if (declaration.Markers.Contains("union"))
            _output.Append(" union");
        _output.Append('\n');
        foreach (var field in declaration.Fields!)
        {
            if (!field.Inline)
            {
                if (field.JsonName != "-")
                    WriteField(package, field);
            }
            else if (field.Type is GoType.Named { Name: not "TypeMeta" } named)
            {
                _output.Append(" @ ").Append(Encode(named, package.Path)).Append(' ').Append(field.Protobuf.Length > 0 ? field.Protobuf.Split(',')[1] : "0").Append('\n');
            }
        }
    }

    private void WriteField(GoPackage package, GoField field)
    {
        var name = field.JsonName.Length > 0 ? field.JsonName : field.GoName;
        var number = field.Protobuf.Length > 0 ? field.Protobuf.Split(',')[1] : "0";
        var flags = (field.OmitEmpty ? "o" : "") + (field.OmitZero ? "z" : "") + Requirement(field) + (field.Markers.Contains("unionDiscriminator") ? "u" : "");
        _output.Append(' ').Append(name).Append(' ').Append(Encode(field.Type, package.Path)).Append(' ').Append(number).Append(' ').Append(flags.Length == 0 ? "-" : flags);
        if (field.PatchStrategy.Length > 0)
            _output.Append(" patch=").Append(field.PatchStrategy);
        if (field.PatchMergeKey.Length > 0)
            _output.Append(" key=").Append(field.PatchMergeKey);
        Marker("listType", "list");
        var keys = field.Markers.Where(m => m.StartsWith("listMapKey=", StringComparison.Ordinal)).Select(m => m["listMapKey=".Length..]).ToList();
        if (keys.Count > 0)
            _output.Append(" keys=").AppendJoin(',', keys);
        Marker("mapType", "map");
        Marker("structType", "struct");
        if (EnumOf(field.Type) is { Count: > 0 } values)
            _output.Append(" enum=").AppendJoin(',', values.Select(v => v.Length == 0 ? "\"\"" : v.Replace(" ", "%20", StringComparison.Ordinal)));
        if (Find("default") is { } text)
            _output.Append(" default=").Append(ResolveDefault(package, text));
        _output.Append('\n');

        string? Find(string marker) => field.Markers.FirstOrDefault(m => m.StartsWith(marker + "=", StringComparison.Ordinal))?[(marker.Length + 1)..];

        void Marker(string marker, string label)
        {
            if (Find(marker) is { } value)
                _output.Append(' ').Append(label).Append('=').Append(value.Trim());
        }
    }

    /// <summary>What a marker says against the JSON tag, by which a field is required when it is never left out.</summary>
    private static string Requirement(GoField field)
    {
        if (field.OmitEmpty && field.Markers.Contains("required"))
            return "r";
        return !field.OmitEmpty && !field.Markers.Contains("required") && field.Markers.Contains("optional") ? "p" : "";
    }

    /// <summary>A JSON literal, or <c>ref(Constant)</c> of the same package.</summary>
    private static string ResolveDefault(GoPackage package, string text)
    {
        if (!text.StartsWith("ref(", StringComparison.Ordinal))
            return text;
        var name = text[4..^1];
        return $"\"{package.NamedConstants[name[(name.LastIndexOf('.') + 1)..]]}\"";
    }

    internal List<string>? EnumOf(GoType type)
    {
        var inner = type switch { GoType.Pointer pointer => pointer.Element, GoType.List list => list.Element, GoType.Map map => map.Value, _ => type };
        if (inner is not GoType.Named named || !packages.TryGetValue(named.Package, out var package) || !package.Declarations.TryGetValue(named.Name, out var declaration))
            return null;
        return declaration.Markers.Contains("enum") ? package.Constants.GetValueOrDefault(named.Name)?.Order(StringComparer.Ordinal).ToList() : null;
    }

    internal string Encode(GoType type, string package) => type switch
    {
        GoType.Pointer pointer => "*" + Encode(pointer.Element, package),
        GoType.List { Element: GoType.Named { Package: "", Name: "byte" or "uint8" } } => "y",
        GoType.List list => "[" + Encode(list.Element, package),
        GoType.Map map => "{" + (map.Key is GoType.Named { Package.Length: > 0 } key ? $"({GoName(key)})" : "") + Encode(map.Value, package),
        GoType.Named named => EncodeNamed(named, package),
        _ => throw new InvalidOperationException($"No code for {type}."),
    };

    private string EncodeNamed(GoType.Named named, string package)
    {
        switch (named.Package, named.Name)
        {
            case ("", var builtin):
                return Builtin(builtin);
            case ("k8s.io/apimachinery/pkg/api/resource", "Quantity"):
                return "q";
            case ("k8s.io/apimachinery/pkg/util/intstr", "IntOrString"):
                return "x";
            case ("k8s.io/apimachinery/pkg/types", _):
                return $"s<{GoName(named)}>";
            case ("k8s.io/apimachinery/pkg/runtime", "RawExtension" or "Object"):
                return "r";
            case (MetaV1, "Time"):
                return "t";
            case (MetaV1, "MicroTime"):
                return "u";
            case (MetaV1, "Duration"):
                return "D";
            case (MetaV1, "FieldsV1"):
                return "F";
            case (ApiExtensions, "JSON"):
                return "j";
            case (ApiExtensions, "JSONSchemaPropsOrBool"):
                return "B";
            case (ApiExtensions, "JSONSchemaPropsOrArray"):
                return "A";
            case (ApiExtensions, "JSONSchemaPropsOrStringArray"):
                return "S";
        }

        if (!packages.TryGetValue(named.Package, out var owner) || !owner.Declarations.TryGetValue(named.Name, out var declaration))
            throw new InvalidOperationException($"{named.Package}.{named.Name} is not among the sources.");
        if (declaration.Fields is not null)
            return "." + (named.Package == package ? named.Name : TypeName(named));
        if (declaration.Name is "ExtraValue" or "Verbs" && declaration.Underlying is GoType.List)
            return $"w<{GoName(named)}>";
        var code = Encode(declaration.Underlying!, named.Package);
        return declaration.IsAlias || code[0] is '*' or '.' || code.AsSpan(1).StartsWith("<") ? code : $"{code[0]}<{GoName(named)}>{code[1..]}";
    }

    private static string Builtin(string name) => name switch
    {
        "string" => "s",
        "bool" => "b",
        "int32" or "uint32" => "i",
        "int64" or "int" or "uint64" => "l",
        "float64" => "d",
        "interface{}" or "any" => "a",
        _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"No code for the Go type {name}.")),
    };

    internal static bool IsSpecial(GoDeclaration declaration) =>
        declaration.Name is "Time" or "MicroTime" or "Duration" or "FieldsV1" or "Timestamp" or "JSON" or "JSONSchemaPropsOrBool" or "JSONSchemaPropsOrArray" or "JSONSchemaPropsOrStringArray" or "TypeMeta"
        || (declaration.Package == MetaV1 && declaration.Name is "InternalEvent" or "UpdateOptionsX");

    /// <summary>As Go prints the type: <c>v1.Protocol</c>.</summary>
    private static string GoName(GoType.Named named) => $"{named.Package[(named.Package.LastIndexOf('/') + 1)..]}.{named.Name}";

    private static string TypeName(GoType.Named named) => $"{OpenApiPackage(named.Package)}.{named.Name}";

    /// <summary><c>k8s.io/api/core/v1</c> becomes <c>io.k8s.api.core.v1</c>, the names of OpenAPI.</summary>
    internal static string OpenApiPackage(string path)
    {
        var parts = path.Split('/');
        parts[0] = string.Join('.', parts[0].Split('.').Reverse());
        return string.Join('.', parts);
    }
}
