using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.ApiExtensions;

/// <summary>
/// OpenAPI schemas of custom resources (ValidateCustomResourceDefinitionOpenAPISchema in apiextensions-apiserver's
/// pkg/apis/apiextensions/validation/validation.go, v1.36). Not done yet: compiling rules.
/// </summary>
internal static class SchemaValidation
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];
    private static readonly string[] ListTypes = ["atomic", "set", "map"];
    private static readonly string[] MapTypes = ["atomic", "granular"];
    private static readonly string[] Reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

    /// <summary>What stands at the root beside a status subresource, by Go's names and by JSON's.</summary>
    private const string RootFields =
        "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]";

    private static readonly HashSet<string> RootKeys = new(StringComparer.Ordinal)
    {
        "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
        "maxItems", "minItems", "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    };

    /// <summary>Where in the tree a schema is: whether it may have defaults, and else why not.</summary>
    private readonly record struct Place(bool AllowDefaults, string Reason, bool InsideMetadata, bool IsRoot);

    public static void Validate(FieldErrorList errors, Map schema, FieldPath path, bool statusEnabled)
    {
        var before = errors.Count;
        if (statusEnabled)
            ValidateRoot(errors, schema, path);
        if (schema.Flag("nullable"))
            errors.Forbidden(path.Child("openAPIV3Schema.nullable"), "nullable cannot be true at the root");
        var root = path.Child("openAPIV3Schema");
        var problem = StructuralSchema.Problem(schema);
        if (problem is null)
        {
            var structural = new FieldErrorList();
            StructuralSchema.Validate(structural, schema, root);
            if (structural.Count == 0)
                DefaultValidation.Validate(structural, schema, root);
            errors.AddRange(structural);
        }

        ValidateSchema(errors, schema, root, new Place(true, "", false, true));
        if (errors.Count == before && problem is not null)
            errors.Invalid(root, "", problem);
    }

    private static void ValidateRoot(FieldErrorList errors, Map schema, FieldPath path)
    {
        if (schema.Has("type") && schema.Text("type") != "object")
        {
            errors.Invalid(path.Child("openAPIV3Schema.type"), schema.Text("type"),
                "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
            return;
        }

        foreach (var (key, _) in schema)
        {
            if (RootKeys.Contains(key))
                continue;
            errors.Invalid(path.Child("openAPIV3Schema"), schema, $"only {RootFields} fields are allowed at the root of the schema if the status subresource is enabled");
            return;
        }
    }

    private static void ValidateSchema(FieldErrorList errors, Map? schema, FieldPath path, Place place)
    {
        if (schema is null)
            return;
        var inner = place with { IsRoot = false };
        ValidateStandard(errors, schema, path, place);
        if (schema.Flag("uniqueItems"))
            errors.Forbidden(path.Child("uniqueItems"), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        ValidateProperties(errors, schema, path, place, inner);
        ValidateSchema(errors, schema.GetMap("not"), path.Child("not"), inner);
        foreach (var key in (ReadOnlySpan<string>)["allOf", "oneOf", "anyOf"])
        {
            var list = schema.List(key);
            for (var i = 0; i < list.Count; i++)
                ValidateSchema(errors, list.At(i), path.Child(key).Index(i), inner);
        }

        foreach (var (name, definition) in schema.Sub("definitions"))
            ValidateSchema(errors, definition.AsMap, path.Child("definitions").Key(name), inner);
        ValidateSchema(errors, schema.GetMap("items"), path.Child("items"), inner);
        var items = schema.List("items");
        for (var i = 0; i < items.Count; i++)
            ValidateSchema(errors, items.At(i), path.Child("items").Index(i), inner);
        foreach (var (name, dependency) in schema.Sub("dependencies"))
            ValidateSchema(errors, dependency.AsMap, path.Child("dependencies").Key(name), inner);
        if (schema.GetBoolean("x-kubernetes-preserve-unknown-fields") == false)
            errors.Invalid(path.Child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined");
        ValidateTopology(errors, schema, path);
        ValidateRules(errors, schema, path);
    }

    private static void ValidateStandard(FieldErrorList errors, Map schema, FieldPath path, Place place)
    {
        var type = schema.Text("type");
        if (type.Length > 0 && !Types.Contains(type))
            errors.NotSupported(path.Child("type"), type, Types);
        if (schema.Has("default") && !place.AllowDefaults)
            errors.Forbidden(path.Child("default"), place.Reason.Length > 0 ? $"must not be set {place.Reason}" : "must not be set");
        if (schema.Text("id").Length > 0)
            errors.Forbidden(path.Child("id"), "id is not supported");
        if (schema.Has("additionalItems"))
            errors.Forbidden(path.Child("additionalItems"), "additionalItems is not supported");
        if (schema.Sub("patternProperties").Count > 0)
            errors.Forbidden(path.Child("patternProperties"), "patternProperties is not supported");
        if (schema.Sub("definitions").Count > 0)
            errors.Forbidden(path.Child("definitions"), "definitions is not supported");
        if (schema.Has("dependencies"))
            errors.Forbidden(path.Child("dependencies"), "dependencies is not supported");
        if (schema.Has("$ref"))
            errors.Forbidden(path.Child("$ref"), "$ref is not supported");
        if (type == "null")
            errors.Forbidden(path.Child("type"), "type cannot be set to null, use nullable as an alternative");
        if (schema.List("items").Count > 0)
            errors.Forbidden(path.Child("items"), "items must be a schema object and not an array");
        if (place.InsideMetadata && schema.Flag("x-kubernetes-embedded-resource"))
            errors.Forbidden(path.Child("x-kubernetes-embedded-resource"), "must not be used inside of resource meta");
    }

    private static void ValidateProperties(FieldErrorList errors, Map schema, FieldPath path, Place place, Place inner)
    {
        var properties = schema.Sub("properties");
        if (schema.Has("additionalProperties"))
        {
            if (properties.Count > 0 && schema.GetBoolean("additionalProperties") != true)
                errors.Forbidden(path.Child("additionalProperties"), "additionalProperties and properties are mutual exclusive");
            var below = place.InsideMetadata ? inner with { AllowDefaults = false, Reason = "inside additionalProperties applying to object metadata" } : inner;
            ValidateSchema(errors, schema.GetMap("additionalProperties"), path.Child("additionalProperties"), below);
        }

        foreach (var (name, property) in properties)
        {
            var below = inner;
            if ((place.IsRoot || schema.Flag("x-kubernetes-embedded-resource")) && name is ("metadata" or "kind" or "apiVersion"))
            {
                below = below with { InsideMetadata = true };
                if (place.IsRoot)
                    below = below with { AllowDefaults = false, Reason = $"in top-level {name}" };
            }

            ValidateSchema(errors, property.AsMap, path.Child("properties").Key(name), below);
        }
    }

    private static void ValidateTopology(FieldErrorList errors, Map schema, FieldPath path)
    {
        RequireType(errors, schema, path, "x-kubernetes-map-type", "object");
        if (schema.GetString("x-kubernetes-map-type") is { } mapType)
            errors.OneOf(path, "x-kubernetes-map-type", mapType, MapTypes);
        var listType = schema.GetString("x-kubernetes-list-type");
        var items = schema.GetMap("items");
        if (!RequireType(errors, schema, path, "x-kubernetes-list-type", "array") && listType == "set" && items is not null)
            ValidateSetItems(errors, items, path.Child("items"));
        if (listType is not null)
            errors.OneOf(path, "x-kubernetes-list-type", listType, ListTypes);
        var keys = schema.List("x-kubernetes-list-map-keys");
        if (keys.Count > 0 && listType is null)
            errors.Required(path.Child("x-kubernetes-list-type"), "must be map if x-kubernetes-list-map-keys is non-empty");
        else if (keys.Count > 0 && listType != "map")
            errors.Invalid(path.Child("x-kubernetes-list-type"), listType, "must be map if x-kubernetes-list-map-keys is non-empty");
        if (listType == "map")
            ValidateMapList(errors, schema, items, keys, path);
        if (items is not null && listType is ("set" or "map"))
            ValidateKeysAreThere(errors, items, listType, keys, path.Child("items"));
    }

    private static bool RequireType(FieldErrorList errors, Map schema, FieldPath path, string extension, string type)
    {
        if (!schema.Has(extension) || schema.Text("type") == type)
            return false;
        if (schema.Text("type").Length == 0)
            errors.Required(path.Child("type"), $"must be {type} if {extension} is specified");
        else
            errors.Invalid(path.Child("type"), schema.Text("type"), $"must be {type} if {extension} is specified");
        return true;
    }

    private static void ValidateSetItems(FieldErrorList errors, Map items, FieldPath path)
    {
        const string Detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        var listType = items.Has("x-kubernetes-list-type") ? items["x-kubernetes-list-type"] : Value.Null;
        if (items.Text("type") == "array" && listType.AsString is not (null or "atomic"))
            errors.Invalid(path.Child("x-kubernetes-list-type"), listType, Detail);
        else if (items.Text("type") == "object" && items.GetString("x-kubernetes-map-type") != "atomic")
            errors.Invalid(path.Child("x-kubernetes-map-type"), listType, Detail);
    }

    private static void ValidateMapList(FieldErrorList errors, Map schema, Map? items, Sequence keys, FieldPath path)
    {
        if (keys.Count == 0)
            errors.Required(path.Child("x-kubernetes-list-map-keys"), "must not be empty if x-kubernetes-list-type is map");
        if (!schema.Has("items"))
            errors.Required(path.Child("items"), "must have a schema if x-kubernetes-list-type is map");
        else if (items is null)
            errors.Invalid(path.Child("items"), schema["items"], "must only have a single schema if x-kubernetes-list-type is map");
        else if (items.Text("type") != "object")
            errors.Invalid(path.Child("items", "type"), items.Text("type"), "must be object if parent array's x-kubernetes-list-type is map");
        if (items is null || items.Text("type") != "object")
            return;
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys.TextAt(i);
            if (items.Sub("properties").GetMap(key) is not { } property)
                errors.Invalid(path.Child("x-kubernetes-list-map-keys"), keys, "entries must all be names of item properties");
            else if (property.Text("type") is "array" or "object")
                errors.Invalid(path.Child("items", "properties").Key(key).Child("type"), items.Text("type"), "must be a scalar type if parent array's x-kubernetes-list-type is map");
            if (!seen.Add(key))
                errors.Invalid(path.Child("x-kubernetes-list-map-keys"), keys, "must not contain duplicate entries");
        }
    }

    private static void ValidateKeysAreThere(FieldErrorList errors, Map items, string listType, Sequence keys, FieldPath path)
    {
        if (items.Flag("nullable"))
            errors.Forbidden(path.Child("nullable"), $"cannot be nullable when x-kubernetes-list-type is {listType}");
        for (var i = 0; listType == "map" && i < keys.Count; i++)
        {
            var key = keys.TextAt(i);
            if (items.Sub("properties").GetMap(key) is not { } property)
                continue;
            if (!items.List("required").ContainsText(key) && !property.Has("default"))
            {
                errors.Required(path.Child("properties").Key(key).Child("default"),
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }

            if (property.Flag("nullable"))
                errors.Forbidden(path.Child("properties").Key(key).Child("nullable"), "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
        }
    }

    private static void ValidateRules(FieldErrorList errors, Map schema, FieldPath path)
    {
        var rules = schema.List("x-kubernetes-validations");
        for (var i = 0; i < rules.Count; i++)
            ValidateRule(errors, schema, rules.At(i), path.Child("x-kubernetes-validations").Index(i));
    }

    private static void ValidateRule(FieldErrorList errors, Map schema, Map rule, FieldPath path)
    {
        var (expression, message, field) = (rule.Text("rule").Trim(), rule.Text("message"), rule.Text("fieldPath"));
        if (expression.Length == 0)
            errors.Required(path.Child("rule"), "rule is not specified");
        else if (message.Length > 0 && message.Trim().Length == 0)
            errors.Invalid(path.Child("message"), message, "must be non-empty if specified");
        else if (HasNewlines(message.Trim()))
            errors.Invalid(path.Child("message"), message, "must not contain line breaks");
        else if (HasNewlines(expression) && message.Trim().Length == 0)
            errors.Required(path.Child("message"), "message must be specified if rule contains line breaks");
        if (rule.Text("messageExpression") is { Length: > 0 } messageExpression && messageExpression.Trim().Length == 0)
            errors.Required(path.Child("messageExpression"), "messageExpression must be non-empty if specified");
        if (rule.GetString("reason") is { } reason)
            errors.OneOf(path, "reason", reason, Reasons);
        if (field.Length > 0 && field.Trim().Length == 0)
            errors.Invalid(path.Child("fieldPath"), field, "must be non-empty if specified");
        if (HasNewlines(field))
            errors.Invalid(path.Child("fieldPath"), field, "must not contain line breaks");
        if (field.Length > 0 && StructuralSchema.Problem(schema) is null && !SchemaFieldPath.TryFind(field, schema, true, out _, out _))
            errors.Invalid(path.Child("fieldPath"), field, "must be a valid path");
    }

    private static bool HasNewlines(string text) => text.AsSpan().IndexOfAny('\n', '\r') >= 0;
}
