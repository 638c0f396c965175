using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Lists of type set hold each item once, those of type map each key (apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go,
/// v1.36).</summary>
public static class ListTypeValidation
{
    /// <summary>Adds an error for each item that is there already.</summary>
    public static void Validate(FieldErrorList errors, Map obj, JsonSchema? schema) => Walk(errors, obj, schema, null);

    private static void Walk(FieldErrorList errors, Value value, JsonSchema? schema, FieldPath? path)
    {
        if (schema is null)
            return;
        if (value.AsMap is { } map)
        {
            foreach (var (key, entry) in map)
            {
                if (entry.AsMap is null && entry.AsSequence is null)
                    continue;
                if (schema.AdditionalProperties is { } additional)
                    Walk(errors, entry, additional, path?.Key(key) ?? new FieldPath("").Key(key));
                if (schema.Properties.TryGetValue(key, out var property))
                    Walk(errors, entry, property, path?.Child(key) ?? new FieldPath(key));
            }
        }
        else if (value.AsSequence is { } list && path is not null)
        {
            if (schema.ListType == "set")
                ValidateUnique(errors, list, path, list);
            else if (schema.ListType == "map")
                ValidateMap(errors, list, schema, path);
            if (schema.Items is not { } items)
                return;
            for (var i = 0; i < list.Count; i++)
                Walk(errors, list[i], items, path.Index(i));
        }
    }

    private static void ValidateMap(FieldErrorList errors, Sequence list, JsonSchema schema, FieldPath path)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].AsMap is null && !list[i].IsNull)
            {
                errors.Add(FieldError.Invalid(path.Index(i), list[i], "must be an object for an array of list-type map"));
                return;
            }
        }

        var keys = new Sequence(list.Count);
        foreach (var item in list)
        {
            var key = new Map(schema.ListMapKeys.Count);
            foreach (var name in schema.ListMapKeys)
            {
                if (item.AsMap is { } map && map.TryGetValue(name, out var value))
                    key.Set(name, value);
            }

            keys.Add(key);
        }

        ValidateUnique(errors, keys, path, keys);
    }

    /// <summary>Reports the second appearance of an item, and no further one.</summary>
    private static void ValidateUnique(FieldErrorList errors, Sequence items, FieldPath path, Sequence printed)
    {
        if (items.Count <= 1)
            return;
        var seen = new Dictionary<string, int>(items.Count, StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            var text = Canonical(items[i]);
            var times = seen.GetValueOrDefault(text);
            seen[text] = times + 1;
            if (times == 1)
                errors.Add(FieldError.Duplicate(path.Index(i), printed[i]));
        }
    }

    private static string Canonical(Value value)
    {
        var json = new ArrayBufferWriter<byte>(64);
        JsonEncoder.Encode(Sorted(value), json);
        // A number that Go holds as a float is not the integer of the same value.
        return System.Text.Encoding.UTF8.GetString(json.WrittenSpan) + (value.Kind == ValueKind.Float ? "f" : "");
    }

    private static Value Sorted(Value value)
    {
        if (value.AsMap is not { } map)
            return value;
        var copy = new Map(map.Count);
        foreach (var (key, entry) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
            copy.Append(key, Sorted(entry));
        return copy;
    }
}
