using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Items of x-kubernetes-list-type map and set lists, which must be distinct
/// (apiextensions-apiserver/pkg/apiserver/schema/listtype/validation.go, v1.36).</summary>
public static class ListKeys
{
    /// <summary>The key fields of an item as text; null for an item that is no object.</summary>
    internal static string? Of(Value item, IReadOnlyList<string> keys)
    {
        if (item.AsMap is not { } map)
            return null;
        var json = new ArrayBufferWriter<byte>(32);
        foreach (var key in keys)
        {
            JsonEncoder.Encode(map[key].IsUndefined ? Value.Null : map[key], json);
            json.Write(","u8);
        }

        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    internal static Dictionary<string, Value> Index(Sequence list, IReadOnlyList<string> keys)
    {
        var index = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var item in list)
        {
            if (Of(item, keys) is { } key)
                index.TryAdd(key, item);
        }

        return index;
    }

    /// <summary>Adds an error for each item that is there already.</summary>
    public static void Validate(FieldErrorList errors, Value value, JsonSchema schema, FieldPath? path)
    {
        if (value.AsMap is { } map)
        {
            foreach (var (key, entry) in map)
            {
                if (schema.Properties.TryGetValue(key, out var property))
                    Validate(errors, entry, property, path is null ? new FieldPath(key) : path.Child(key));
                else if (schema.AdditionalProperties is { } additional)
                    Validate(errors, entry, additional, path is null ? new FieldPath(key) : path.Key(key));
            }
        }
        else if (value.AsSequence is { } list && schema.Items is { } items && path is not null)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < list.Count; i++)
            {
                var key = schema.ListType switch
                {
                    "set" => Of(new Map(1) { { "", list[i] } }, [""]),
                    "map" => Of(list[i], schema.ListMapKeys),
                    _ => null,
                };
                if (key is not null && !seen.Add(key))
                    errors.Add(FieldError.Duplicate(path.Index(i), schema.ListType == "set" ? list[i] : KeyOf(list[i].AsMap!, schema.ListMapKeys)));
                Validate(errors, list[i], items, path.Index(i));
            }
        }
    }

    private static Map KeyOf(Map item, IReadOnlyList<string> keys)
    {
        var key = new Map(keys.Count);
        foreach (var name in keys)
        {
            if (item.TryGetValue(name, out var value))
                key.Set(name, value);
        }

        return key;
    }
}
