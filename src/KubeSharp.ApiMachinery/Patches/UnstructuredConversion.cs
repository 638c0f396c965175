using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Patches;

/// <summary>Why a tree does not fit its Go type, in the words of the converter that strategic merge patches end in
/// (apimachinery/pkg/runtime/converter.go fromUnstructured, v1.36), and trees as Go's %v prints them.</summary>
public static class UnstructuredConversion
{
    /// <summary>The first thing that does not fit, in the order of the struct's fields; null when all does, or when the
    /// type reads itself (quantities, times).</summary>
    public static string? FirstError(Map tree, SchemaType type)
    {
        foreach (var field in type.Fields)
        {
            var value = tree[field.Name];
            if (!value.IsNullOrUndefined && Check(value, field.Type) is { } error)
                return error;
        }

        return null;
    }

    /// <summary>Cuts integers to the 32 bits of the fields they go into, which the converter does without asking
    /// (reflect.Value.SetInt).</summary>
    /// <param name="tree">A mutable tree, all through; it is changed.</param>
    /// <param name="type">Its schema.</param>
    /// <returns>Whether anything was cut.</returns>
    public static bool Truncate(Map tree, SchemaType type)
    {
        var changed = false;
        foreach (var field in type.Fields)
        {
            var value = tree[field.Name];
            if (Truncate(value, field.Type, out var cut))
            {
                tree.Set(field.Name, cut);
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>The words for a decoder's error, where a type that reads itself names no field.</summary>
    public static string Unplaced(string error)
    {
        const string Field = " into Go struct field ";
        var (start, end) = (error.IndexOf(Field, StringComparison.Ordinal), error.LastIndexOf(" of type ", StringComparison.Ordinal));
        return start < 0 || end < start ? error : $"{error[..start]} into Go value{error[end..]}";
    }

    private static bool Truncate(Value value, TypeRef type, out Value cut)
    {
        cut = value;
        var changed = false;
        switch (type.Kind)
        {
            case TypeKind.Int32 when value.AsInteger is { } number and (< int.MinValue or > int.MaxValue):
                cut = unchecked((int)number);
                return true;
            case TypeKind.Struct when value.AsMap is { } map:
                changed = Truncate(map, type.Struct!);
                break;
            case TypeKind.Map when value.AsMap is { } entries:
                for (var i = 0; i < entries.Count; i++)
                {
                    if (Truncate(entries.ValueAt(i), type.Element!, out var entry))
                    {
                        entries.SetValueAt(i, entry);
                        changed = true;
                    }
                }

                break;
            case TypeKind.List when value.AsSequence is { } items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (Truncate(items[i], type.Element!, out var item))
                    {
                        items[i] = item;
                        changed = true;
                    }
                }

                break;
        }

        return changed;
    }

    /// <summary>Go's %+v: <c>map[a:1 b:[x y]]</c>.</summary>
    public static string GoFormat(Value value) => value.Kind switch
    {
        ValueKind.Map => "map[" + string.Join(' ', value.AsMap!.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}:{GoFormat(e.Value)}")) + "]",
        ValueKind.Sequence => "[" + string.Join(' ', value.AsSequence!.Select(GoFormat)) + "]",
        ValueKind.String => value.AsString!,
        ValueKind.Null or ValueKind.Undefined => "<nil>",
        _ => GoText.Json(value),
    };

    private static string? Check(Value value, TypeRef type)
    {
        switch (type.Kind)
        {
            case TypeKind.Struct:
                return value.AsMap is { } map ? FirstError(map, type.Struct!) : $"cannot restore struct from: {GoKind(value)}";
            case TypeKind.Map:
                if (value.AsMap is not { } entries)
                    return $"cannot restore map from {GoKind(value)}";
                return entries.Where(e => !e.Value.IsNullOrUndefined).Select(e => Check(e.Value, type.Element!)).FirstOrDefault(e => e is not null);
            case TypeKind.List:
                if (value.AsSequence is not { } items)
                    return $"cannot restore slice from {GoKind(value)}";
                return items.Where(i => !i.IsNullOrUndefined).Select(i => Check(i, type.Element!)).FirstOrDefault(e => e is not null);
            case TypeKind.String:
                if (value.AsString is not null)
                    return null;
                // Go converts integers to strings, as code points; JSON does not.
                return value.AsInteger is not null ? $"cannot convert int64 to {type.GoName ?? "string"}" : "unrecognized type: string";
            case TypeKind.Boolean:
                return value.AsBoolean is not null ? null : "unrecognized type: bool";
            case TypeKind.Int32 or TypeKind.Int64:
                if (value.AsInteger is not null)
                    return null;
                var name = type.Kind == TypeKind.Int32 ? "int32" : "int64";
                if (value.Kind != ValueKind.Float)
                    return $"unrecognized type: {name}";
                return value.AsDouble!.Value == Math.Truncate(value.AsDouble.Value) ? null : $"cannot convert float64 to {type.GoName ?? name}";
            case TypeKind.Bytes when value.AsString is { } text:
                var bytes = new byte[(text.Length / 4 * 3) + 3];
                return GoBase64.Decode(text, bytes, out _) is var illegal and >= 0 ? $"error decoding from json: illegal base64 data at input byte {illegal}" : null;
            case TypeKind.Bytes:
                if (value.AsSequence is not { } numbers)
                    return $"cannot restore slice from {GoKind(value)}";
                return numbers.All(number => number.AsInteger is not null || number.IsNullOrUndefined) ? null : "unrecognized type: uint8";
            default:
                return null;
        }
    }

    private static string GoKind(Value value) => value.Kind switch
    {
        ValueKind.String => "string",
        ValueKind.Boolean => "bool",
        ValueKind.Integer => "int64",
        ValueKind.Float => "float64",
        ValueKind.Sequence => "slice",
        _ => "map",
    };
}
