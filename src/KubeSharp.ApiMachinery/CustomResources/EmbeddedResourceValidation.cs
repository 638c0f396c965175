using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>What embedded resources must have (apiextensions-apiserver/pkg/apiserver/schema/objectmeta/validation.go, v1.36).</summary>
public static class EmbeddedResourceValidation
{
    public static void Validate(FieldErrorList errors, Value value, JsonSchema? schema, FieldPath? path)
    {
        if (schema is not { HasEmbeddedResources: true })
            return;
        if (value.AsMap is { } map)
        {
            if (schema.EmbeddedResource)
                ValidateOne(errors, map, path);
            foreach (var (key, entry) in map)
            {
                if (schema.Properties.TryGetValue(key, out var property))
                    Validate(errors, entry, property, ObjectMetaCoercion.Child(path, key));
                else if (schema.AdditionalProperties is { } additional)
                    Validate(errors, entry, additional, path?.Key(key));
            }
        }
        else if (value.AsSequence is { } list && schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
                Validate(errors, list[i], items, path?.Index(i));
        }
    }

    private static void ValidateOne(FieldErrorList errors, Map map, FieldPath? path)
    {
        FieldPath Child(string name) => ObjectMetaCoercion.Child(path, name);
        foreach (var key in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (!map.TryGetValue(key, out var value))
                errors.Add(FieldError.Required(Child(key), ""));
            else if (value.AsString is not { } text)
                errors.Add(FieldError.Invalid(Child(key), value, "must be a string"));
            else if (text.Length == 0)
                errors.Add(FieldError.Invalid(Child(key), text, "must not be empty"));
            else if (key == "apiVersion" && !GroupVersion.TryParse(text, out _))
                errors.Add(FieldError.Invalid(Child(key), text, $"unexpected GroupVersion string: {text}"));
            else if (key == "kind" && NameValidation.IsDns1035Label(text.ToLowerInvariant()) is { Count: > 0 } messages)
                errors.Add(FieldError.Invalid(Child(key), text, "may have mixed case, but should otherwise match: " + string.Join(",", messages)));
        }

        if (!map.TryGetValue("metadata", out var metadata))
            return;
        var decoded = ObjectMetaCoercion.Decode(metadata, false);
        if (decoded.Root is not { } root)
        {
            errors.Add(FieldError.Invalid(Child("metadata"), metadata, decoded.Error ?? ""));
            return;
        }

        if (string.IsNullOrEmpty(root.GetString("name")))
            root.Set("name", "fakename");
        ObjectMetaValidation.Validate(errors, root, !string.IsNullOrEmpty(root.GetString("namespace")), NameRules.PathSegment, Child("metadata"));
    }
}
