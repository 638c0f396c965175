using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>Checks an applied configuration against its schema: names, types, keys of list items
/// (structured-merge-diff/v6/typed/validate.go).</summary>
internal static class FieldValidation
{
    /// <exception cref="FieldTypeException">What is wrong: one problem with its path, or several a line each.</exception>
    public static void Validate(Map tree, SchemaType type)
    {
        var errors = new List<FieldTypeException>();
        Walk(tree, MergeType.Of(type), errors);
        if (errors.Count == 1)
            throw errors[0];
        if (errors.Count > 1)
            throw new FieldTypeException("errors:\n" + string.Join('\n', errors.Select(e => "  " + e.Message)));
    }

    private static void Walk(Value value, MergeType type, List<FieldTypeException> errors)
    {
        if (value.IsNull)
            return;
        if (type.Struct is not null)
        {
            if (value.AsMap is { } map)
                WalkStruct(map, type, errors);
            else
                errors.Add(new FieldTypeException($"expected map, got {GoPointer(value)}"));
            return;
        }

        if (type.IsDeduced || type.Type!.Kind == TypeKind.RawExtension)
            return;
        switch (type.Type.Kind)
        {
            case TypeKind.Map:
                if (value.AsMap is not { } entries)
                {
                    errors.Add(new FieldTypeException($"expected map, got {GoPointer(value)}"));
                    return;
                }

                foreach (var (key, entry) in entries)
                    Under(PathElement.Field(key), entry, type.Element, errors);
                return;
            case TypeKind.List or TypeKind.StringListMessage:
                if (value.AsSequence is not { } list)
                    errors.Add(new FieldTypeException($"expected list, got {GoPointer(value)}"));
                else if (type.Type.Kind == TypeKind.List)
                    WalkList(list, type, errors);
                return;
            default:
                if (ScalarError(value, type.Type.Kind) is { } message)
                    errors.Add(new FieldTypeException(message));
                return;
        }
    }

    private static void WalkStruct(Map map, MergeType type, List<FieldTypeException> errors)
    {
        foreach (var (key, value) in map)
        {
            if (!type.HasField(key) && !type.TakesUnknownFields)
            {
                errors.Add(new FieldTypeException("field not declared in schema").Under(PathElement.Field(key)));
                return;
            }

            Under(PathElement.Field(key), value, type.Field(key), errors);
        }
    }

    private static void WalkList(Sequence list, MergeType type, List<FieldTypeException> errors)
    {
        var associative = type.ShapeOf(list) is MergeShape.Associative or MergeShape.Set;
        var seen = new HashSet<PathElement>();
        for (var i = 0; i < list.Count; i++)
        {
            var element = PathElement.Index(i);
            if (associative)
            {
                try
                {
                    element = type.ItemElement(list[i]);
                }
                catch (FieldTypeException exception)
                {
                    errors.Add(new FieldTypeException($"element {i}: {exception.Message}"));
                    return;
                }

                if (!seen.Add(element))
                    errors.Add(new FieldTypeException($"duplicate entries for key {element}"));
            }

            Under(element, list[i], type.Element, errors);
        }
    }

    private static void Under(PathElement element, Value value, MergeType type, List<FieldTypeException> errors)
    {
        var before = errors.Count;
        Walk(value, type, errors);
        for (var i = before; i < errors.Count; i++)
            errors[i] = errors[i].Under(element);
    }

    private static string? ScalarError(Value value, TypeKind kind)
    {
        var isNumber = value.Kind is ValueKind.Integer or ValueKind.Float;
        switch (kind)
        {
            case TypeKind.Int32 or TypeKind.Int64 or TypeKind.Float64:
                return isNumber ? null : $"expected numeric (int or float), got {GoType(value)}";
            case TypeKind.String or TypeKind.Bytes or TypeKind.Duration:
                return value.AsString is not null ? null : $"expected string, got &value.valueUnstructured{{Value:{GoLiteral(value)}}}";
            case TypeKind.Boolean:
                return value.AsBoolean is not null ? null : $"expected boolean, got {GoPointer(value)}";
            default:
                return isNumber || value.AsString is not null || value.AsBoolean is not null ? null : $"expected any scalar, got {GoPointer(value)}";
        }
    }

    private static string GoType(Value value) => value.Kind switch
    {
        ValueKind.String => "string",
        ValueKind.Boolean => "bool",
        ValueKind.Map => "map[string]interface {}",
        ValueKind.Sequence => "[]interface {}",
        _ => "<nil>",
    };

    /// <summary>Go's %v of the pointer to the value's wrapper.</summary>
    private static string GoPointer(Value value) => $"&{{{GoPlain(value)}}}";

    private static string GoPlain(Value value) => value.Kind switch
    {
        ValueKind.Map => "map[" + string.Join(' ', value.AsMap!.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}:{GoPlain(e.Value)}")) + "]",
        ValueKind.Sequence => "[" + string.Join(' ', value.AsSequence!.Select(GoPlain)) + "]",
        ValueKind.String => value.AsString!,
        ValueKind.Null => "<nil>",
        _ => GoText.Json(value),
    };

    /// <summary>Go's %#v of the value.</summary>
    private static string GoLiteral(Value value) => value.Kind switch
    {
        ValueKind.Map => "map[string]interface {}{" + string.Join(", ", value.AsMap!.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{GoText.Quote(e.Key)}:{GoLiteral(e.Value)}")) + "}",
        ValueKind.Sequence => "[]interface {}{" + string.Join(", ", value.AsSequence!.Select(GoLiteral)) + "}",
        ValueKind.String => GoText.Quote(value.AsString!),
        ValueKind.Null => "interface {}(nil)",
        _ => GoText.Json(value),
    };
}
