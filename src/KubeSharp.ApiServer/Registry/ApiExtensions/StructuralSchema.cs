using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.ApiExtensions;

/// <summary>Whether a schema is structural: each field's type is said once, outside of logical junctors
/// (apiextensions-apiserver/pkg/apiserver/schema/{convert,validation,complete}.go, v1.36).</summary>
internal static class StructuralSchema
{
    private enum Level
    {
        Root,
        Item,
        Field,
    }

    /// <summary>Why the schema has no structural form at all; null when it has one.</summary>
    public static string? Problem(Map? schema)
    {
        if (schema is null)
            return null;
        foreach (var (key, word) in ((string, string)[])[("id", "id"), ("$schema", "schema"), ("$ref", "$ref")])
        {
            if (schema.Text(key).Length > 0)
                return $"OpenAPIV3Schema '{word}' is not supported";
        }

        foreach (var key in (ReadOnlySpan<string>)["patternProperties", "dependencies", "additionalItems", "definitions"])
        {
            if (schema.Has(key) && (key == "additionalItems" || schema.Sub(key).Count > 0))
                return $"OpenAPIV3Schema '{key}' is not supported";
        }

        if (schema.GetBoolean("x-kubernetes-preserve-unknown-fields") == false)
            return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
        if (schema.List("items").Count > 0)
            return "OpenAPIV3Schema 'items' must be a schema, but is an array";
        var problem = Problem(schema.GetMap("not")) ?? Problem(schema.GetMap("items")) ?? Problem(schema.GetMap("additionalProperties"));
        foreach (var key in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            foreach (var item in schema.List(key))
                problem ??= Problem(item.AsMap);
        }

        foreach (var (_, property) in schema.Sub("properties"))
            problem ??= Problem(property.AsMap);
        return problem;
    }

    /// <summary>ValidateStructural, whose errors are sorted by their text.</summary>
    public static void Validate(FieldErrorList errors, Map schema, FieldPath path)
    {
        var found = new FieldErrorList();
        ValidateInvariants(found, schema, Level.Root, path);
        ValidateComplete(found, schema, schema, path, path);
        errors.AddRange(found.OrderBy(error => error.Error(), StringComparer.Ordinal));
    }

    private static void ValidateInvariants(FieldErrorList errors, Map? schema, Level level, FieldPath path)
    {
        if (schema is null)
            return;
        var (type, properties) = (schema.Text("type"), schema.Sub("properties"));
        var embedded = schema.Flag("x-kubernetes-embedded-resource");
        var preserves = schema.Flag("x-kubernetes-preserve-unknown-fields");
        var intOrString = schema.Flag("x-kubernetes-int-or-string");
        if (type == "array" && schema.GetMap("items") is null)
            errors.Required(path.Child("items"), "must be specified");
        ValidateInvariants(errors, schema.GetMap("items"), Level.Item, path.Child("items"));
        foreach (var (name, property) in properties)
            ValidateInvariants(errors, property.AsMap, Level.Field, path.Child("properties").Key(name));
        if (schema.Has("additionalProperties"))
        {
            if (level == Level.Root)
                errors.Forbidden(path.Child("additionalProperties"), "must not be used at the root");
            ValidateInvariants(errors, schema.GetMap("additionalProperties"), Level.Field, path.Child("additionalProperties"));
        }

        if (intOrString && preserves)
            errors.Invalid(path.Child("x-kubernetes-preserve-unknown-fields"), true, "must be false if x-kubernetes-int-or-string is true");
        if (intOrString && embedded)
            errors.Invalid(path.Child("x-kubernetes-embedded-resource"), true, "must be false if x-kubernetes-int-or-string is true");
        var allOf = schema.List("allOf");
        ValidateValues(errors, schema, IsIntOrString(schema.List("anyOf")), allOf.Count > 0 && IsIntOrString(allOf.At(0).List("anyOf")), path);
        ValidateType(errors, type, level, path.Child("type"), embedded, intOrString || preserves);
        if (embedded && schema.Has("additionalProperties"))
            errors.Forbidden(path.Child("additionalProperties"), "must not be used if x-kubernetes-embedded-resource is set");
        if (level == Level.Root && type is not ("" or "object"))
            errors.Invalid(path.Child("type"), type, "must be object at the root");
        ValidateMetadata(errors, properties, level, path, level == Level.Root || embedded);
        if (embedded && !preserves && properties.Count == 0)
            errors.Required(path.Child("properties"), "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
    }

    private static void ValidateType(FieldErrorList errors, string type, Level level, FieldPath path, bool embedded, bool free)
    {
        if (embedded && type != "object")
        {
            if (type.Length == 0)
                errors.Required(path, "must be object if x-kubernetes-embedded-resource is true");
            else
                errors.Invalid(path, type, "must be object if x-kubernetes-embedded-resource is true");
        }
        else if (type.Length == 0 && !free)
        {
            errors.Required(path, level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            });
        }
    }

    private static void ValidateMetadata(FieldErrorList errors, Map properties, Level level, FieldPath path, bool check)
    {
        foreach (var name in (ReadOnlySpan<string>)["kind", "apiVersion"])
        {
            if (check && properties.GetMap(name) is { } property && property.Text("type") != "string")
                errors.Invalid(path.Child("properties").Key(name).Child("type"), property.Text("type"), "must be string");
        }

        if (properties.GetMap("metadata") is not { } metadata)
            return;
        var at = path.Child("properties").Key("metadata");
        if (check && metadata.Text("type") != "object")
            errors.Invalid(at.Child("type"), metadata.Text("type"), "must be object");
        if (level != Level.Root)
            return;
        foreach (var (key, value) in metadata)
        {
            if (key is "type" or "default" || (key == "properties" && value.AsMap is { } names && names.All(pair => pair.Key is "name" or "generateName")))
                continue;
            errors.Forbidden(at, "must not specify anything other than name and generateName, but metadata is implicitly specified");
            return;
        }
    }

    /// <summary>The one use of types in a junctor that is allowed: an integer or a string.</summary>
    private static bool IsIntOrString(Sequence anyOf) =>
        anyOf.Count == 2 && anyOf.At(0) is { Count: 1 } first && first.Text("type") == "integer" && anyOf.At(1) is { Count: 1 } second && second.Text("type") == "string";

    private static void ValidateValues(FieldErrorList errors, Map schema, bool skipAnyOf, bool skipFirstAnyOf, FieldPath path)
    {
        var (anyOf, allOf, oneOf) = (schema.List("anyOf"), schema.List("allOf"), schema.List("oneOf"));
        for (var i = 0; !skipAnyOf && i < anyOf.Count; i++)
            ValidateNested(errors, anyOf.At(i), false, path.Child("anyOf").Index(i));
        for (var i = 0; i < allOf.Count; i++)
            ValidateNested(errors, allOf.At(i), skipFirstAnyOf && i == 0, path.Child("allOf").Index(i));
        for (var i = 0; i < oneOf.Count; i++)
            ValidateNested(errors, oneOf.At(i), false, path.Child("oneOf").Index(i));
        ValidateNested(errors, schema.GetMap("not"), false, path.Child("not"));
        if (schema.Text("pattern") is { Length: > 0 } pattern && GoRegexp.Problem(pattern) is { } problem)
            errors.Invalid(path.Child("pattern"), pattern, $"must be a valid regular expression, but isn't: {problem}");
    }

    private static void ValidateNested(FieldErrorList errors, Map? schema, bool skipAnyOf, FieldPath path)
    {
        if (schema is null)
            return;
        ValidateValues(errors, schema, skipAnyOf, false, path);
        ValidateNested(errors, schema.GetMap("items"), false, path.Child("items"));
        foreach (var (name, property) in schema.Sub("properties"))
            ValidateNested(errors, property.AsMap, false, path.Child("properties").Key(name));
        if (schema.Text("type").Length > 0)
            errors.Forbidden(path.Child("type"), "must be empty to be structural");
        if (schema.GetMap("additionalProperties") is not null || schema.Flag("additionalProperties"))
            errors.Forbidden(path.Child("additionalProperties"), "must be undefined to be structural");
        if (schema.Has("default"))
            errors.Forbidden(path.Child("default"), "must be undefined to be structural");
        foreach (var key in (ReadOnlySpan<string>)["title", "description"])
        {
            if (schema.Text(key).Length > 0)
                errors.Forbidden(path.Child(key), "must be empty to be structural");
        }

        foreach (var key in (ReadOnlySpan<string>)["nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"])
        {
            if (schema.Flag(key))
                errors.Forbidden(path.Child(key), "must be false to be structural");
        }

        if (schema.List("x-kubernetes-list-map-keys").Count > 0)
            errors.Forbidden(path.Child("x-kubernetes-list-map-keys"), "must be empty to be structural");
        foreach (var key in (ReadOnlySpan<string>)["x-kubernetes-list-type", "x-kubernetes-map-type"])
        {
            if (schema.Has(key))
                errors.Forbidden(path.Child(key), "must be undefined to be structural");
        }

        if (schema.List("x-kubernetes-validations").Count > 0)
            errors.Forbidden(path.Child("x-kubernetes-validations"), "must be empty to be structural");
        if (schema.Sub("properties").Has("metadata"))
            errors.Forbidden(path.Child("properties").Key("metadata"), "must not be specified in a nested context");
    }

    /// <summary>What a junctor speaks of must be declared outside of it.</summary>
    private static void ValidateComplete(FieldErrorList errors, Map value, Map? schema, FieldPath schemaPath, FieldPath valuePath)
    {
        ValidateNestedComplete(errors, value.GetMap("not"), schema, schemaPath, valuePath.Child("not"));
        foreach (var key in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            var list = value.List(key);
            for (var i = 0; i < list.Count; i++)
                ValidateNestedComplete(errors, list.At(i), schema, schemaPath, valuePath.Child(key).Index(i));
        }
    }

    private static void ValidateNestedComplete(FieldErrorList errors, Map? value, Map? schema, FieldPath schemaPath, FieldPath valuePath)
    {
        if (value is null)
            return;
        if (schema is null)
        {
            errors.Required(schemaPath, $"because it is defined in {valuePath}");
            return;
        }

        ValidateComplete(errors, value, schema, schemaPath, valuePath);
        ValidateNestedComplete(errors, value.GetMap("items"), schema.GetMap("items"), schemaPath.Child("items"), valuePath.Child("items"));
        foreach (var (name, property) in value.Sub("properties"))
        {
            ValidateNestedComplete(errors, property.AsMap ?? Map.Empty, schema.Sub("properties").GetMap(name),
                schemaPath.Child("properties").Key(name), valuePath.Child("properties").Key(name));
        }
    }
}
