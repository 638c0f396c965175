using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiServer.Registry.Meta;

/// <summary>
/// A struct as upstream's error messages print it: validation there works on internal types, which have no JSON names, so
/// that all fields appear under their Go names, unset ones too.
/// </summary>
internal static class InternalForm
{
    private const string MetaTypes = "io.k8s.apimachinery.pkg.";

    /// <summary>How Go spells the words that it writes in capitals, when a field's name begins with one.</summary>
    private static readonly (string Start, string Go)[] Initialisms =
    [
        ("api", "API"), ("uid", "UID"), ("ips", "IPs"), ("ip", "IP"), ("tls", "TLS"), ("http", "HTTP"), ("fs", "FS"), ("csi", "CSI"), ("nfs", "NFS"),
        ("rbd", "RBD"), ("fc", "FC"), ("iscsi", "ISCSI"), ("cel", "CEL"), ("url", "URL"), ("dns", "DNS"), ("cidr", "CIDR"), ("cidrs", "CIDRs"), ("json", "JSON"), ("id", "ID"), ("se", "SE"), ("gmsa", "GMSA"),
        ("aws", "AWS"), ("gce", "GCE"), ("pd", "PD"), ("iqn", "IQN"), ("tty", "TTY"), ("os", "OS"), ("grpc", "GRPC"), ("tcp", "TCP"),
    ];

    /// <summary>The field at a path of a built-in kind, as an internal struct; null when it is not set.</summary>
    public static Value Of(Value value, GroupVersionKind kind, params ReadOnlySpan<string> path)
    {
        var type = BuiltInSchema.Find(kind);
        TypeRef? field = null;
        foreach (var name in path)
        {
            field = Find(type, name);
            type = field?.Struct;
        }

        // A path to a list stands for its items too.
        if (field is { Kind: TypeKind.List, Element: { } element } && value.AsMap is not null)
            field = element;
        return field is null ? value : Convert(value, field);
    }

    /// <summary>The difference of two structs at the same path, line by line of their indented JSON (util/diff/diff.go).</summary>
    public static string Difference(Value from, Value to, GroupVersionKind kind, params ReadOnlySpan<string> path) =>
        UnifiedDiff.Of(Indented(Of(from, kind, path)), Indented(Of(to, kind, path)));

    /// <summary>JSON with one blank for each level, as Go's MarshalIndent writes it.</summary>
    public static string Indented(Value value)
    {
        var text = new StringBuilder();
        Write(text, value, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Value value, int depth)
    {
        if (value.AsMap is { Count: > 0 } map)
        {
            text.Append('{');
            var first = true;
            foreach (var (key, entry) in map)
            {
                text.Append(first ? "\n" : ",\n").Append(' ', depth + 1).Append(GoText.Json(key)).Append(": ");
                Write(text, entry, depth + 1);
                first = false;
            }

            text.Append('\n').Append(' ', depth).Append('}');
        }
        else if (value.AsSequence is { Count: > 0 } list)
        {
            text.Append('[');
            for (var i = 0; i < list.Count; i++)
            {
                text.Append(i == 0 ? "\n" : ",\n").Append(' ', depth + 1);
                Write(text, list[i], depth + 1);
            }

            text.Append('\n').Append(' ', depth).Append(']');
        }
        else
        {
            text.Append(GoText.Json(value.IsUndefined ? Value.Null : value));
        }
    }

    private static TypeRef? Find(SchemaType? type, string name)
    {
        foreach (var field in type?.Fields ?? [])
        {
            if (field.Name == name)
                return field.Type;
        }

        return null;
    }

    private static Value Convert(Value value, TypeRef type)
    {
        if (value.IsNullOrUndefined)
            return type.IsPointer ? Value.Null : type is { Kind: TypeKind.Struct, Struct: { } empty } ? ConvertStruct(Map.Empty, empty) : Zero(type);
        switch (type.Kind)
        {
            case TypeKind.Struct when value.AsMap is { } map:
                return ConvertStruct(map, type.Struct!);
            case TypeKind.List when value.AsSequence is { } items:
                var list = new Sequence(items.Count);
                foreach (var item in items)
                    list.Add(Convert(item, type.Element!));
                return list;
            case TypeKind.Map when value.AsMap is { } entries:
                var result = new Map(entries.Count);
                foreach (var (key, entry) in entries)
                    result.Set(key, Convert(entry, type.Element!));
                result.Sort(string.CompareOrdinal);
                return result;
            default:
                return value;
        }
    }

    private static Map ConvertStruct(Map map, SchemaType type)
    {
        // What apimachinery defines is the same type inside the server, JSON names and all.
        if (type.Name.StartsWith(MetaTypes, StringComparison.Ordinal))
        {
            var printed = map.DeepClone();
            NormalForm.Apply(printed, type, Empties.AsPrinted);
            return printed;
        }

        var result = new Map(type.Fields.Count);
        foreach (var field in type.Fields)
            result.Set(GoName(field.Name), Convert(map[field.Name], field.Type));
        return result;
    }

    private static Value Zero(TypeRef type) => type.Kind switch
    {
        TypeKind.String => "",
        TypeKind.Boolean => false,
        TypeKind.Int32 or TypeKind.Int64 or TypeKind.IntOrString => 0,
        TypeKind.Quantity => "0",
        _ => Value.Null,
    };

    public static string GoName(string name)
    {
        foreach (var (start, go) in Initialisms)
        {
            if (name.StartsWith(start, StringComparison.Ordinal) && (name.Length == start.Length || char.IsAsciiLetterUpper(name[start.Length])))
                return go + name[start.Length..];
        }

        return char.ToUpperInvariant(name[0]) + name[1..];
    }
}
