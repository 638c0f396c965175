using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The schema of a custom resource as the OpenAPI documents show it
/// (apiextensions-apiserver/pkg/controller/openapi/{builder/builder.go,v2/conversion.go}, pkg/apiserver/schema/unfold.go; v1.36).</summary>
internal static class PublishedSchema
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string Example = "io.k8s.api.core.v1.Pod";

    /// <summary>What structural schemas do not have.</summary>
    private static readonly string[] Dropped = ["id", "$schema", "$ref", "example", "externalDocs", "definitions", "dependencies", "patternProperties", "additionalItems"];

    /// <summary>The schema of one object.</summary>
    /// <param name="source">JSONSchemaProps; null when the version has none.</param>
    /// <param name="version">The version of OpenAPI.</param>
    public static Map OfObject(Map? source, OpenApiVersion version)
    {
        // Without properties kubectl takes everything; with them, nothing else.
        if (source is null || (version == OpenApiVersion.V2 && source.Flag("x-kubernetes-preserve-unknown-fields")))
            return new Map(2) { { "type", "object" } };
        var schema = source.DeepClone();
        Walk(schema, version);
        SetProperties(schema, "apiVersion", "kind", "metadata", version);
        return schema;
    }

    /// <summary>The schema of a list of objects of a type.</summary>
    public static Map OfList(string listKind, string kind, string plural, string typeName, OpenApiVersion version)
    {
        var items = new Map(3)
        {
            { "description", $"List of {plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md" },
            { "type", "array" },
            { "items", new Map(1) { { "$ref", Prefix(version) + typeName } } },
        };
        var properties = new Map(4)
        {
            { "apiVersion", TypeMeta("apiVersion") },
            { "items", items },
            { "kind", TypeMeta("kind") },
            { "metadata", Reference(Meta + "ListMeta", Descriptions.Get().Find(Example + "List", "metadata"), version) },
        };
        return new Map(5)
        {
            { "description", $"{listKind} is a list of {kind}" }, { "type", "object" }, { "required", new Sequence(1) { "items" } }, { "properties", properties },
        };
    }

    private static string Prefix(OpenApiVersion version) => version == OpenApiVersion.V2 ? "#/definitions/" : "#/components/schemas/";

    private static Map TypeMeta(string name) =>
        new(2) { { "description", Descriptions.Get().Find(Example, name) ?? "" }, { "type", "string" } };

    private static Map Reference(string type, string? description, OpenApiVersion version)
    {
        var reference = new Map(1) { { "$ref", Prefix(version) + type } };
        if (version == OpenApiVersion.V2)
            return new Map(2) { { "description", description ?? "" }, { "$ref", Prefix(version) + type } };
        // In version 3 a reference with siblings has to stand in an allOf.
        return new Map(2) { { "description", description ?? "" }, { "allOf", new Sequence(1) { reference } } };
    }

    private static void SetProperties(Map schema, string apiVersion, string kind, string metadata, OpenApiVersion version)
    {
        var properties = schema.EditMap("properties");
        properties.Set(apiVersion, TypeMeta(apiVersion));
        properties.Set(kind, TypeMeta(kind));
        properties.Set(metadata, Reference(Meta + "ObjectMeta", Descriptions.Get().Find(Example, metadata), version));
        properties.Sort(string.CompareOrdinal);
    }

    private static void Walk(Map schema, OpenApiVersion version)
    {
        foreach (var key in Dropped)
            schema.Remove(key);
        if (version == OpenApiVersion.V2)
            Simplify(schema);
        else
            Unfold(schema);
        foreach (var (_, property) in schema.Sub("properties"))
        {
            if (property.AsMap is { } map)
                Walk(map, version);
        }

        if (schema.GetMap("items") is { } items)
            Walk(items, version);
        if (schema.GetMap("additionalProperties") is { } additional)
            Walk(additional, version);
        if (!schema.Flag("x-kubernetes-embedded-resource") || (version == OpenApiVersion.V2 && schema.Flag("x-kubernetes-preserve-unknown-fields")))
            return;
        SetProperties(schema, "apiVersion", "kind", "metadata", version);
        var required = schema.EditSequence("required");
        foreach (var name in (ReadOnlySpan<string>)["kind", "apiVersion"])
        {
            if (!required.ContainsText(name))
                required.Add(name);
        }
    }

    /// <summary>What x-kubernetes-int-or-string means, in words of JSON schema.</summary>
    private static void Unfold(Map schema)
    {
        if (!schema.Flag("x-kubernetes-int-or-string"))
            return;
        var either = new Sequence(2) { new Map(1) { { "type", "integer" } }, new Map(1) { { "type", "string" } } };
        if (schema.List("anyOf").Count == 0 && schema.List("allOf").Count == 0)
            schema.Set("anyOf", either);
    }

    /// <summary>Version 2, and kubectl that reads it, know less.</summary>
    private static void Simplify(Map schema)
    {
        foreach (var key in (ReadOnlySpan<string>)["allOf", "oneOf", "anyOf", "not", "default"])
            schema.Remove(key);
        if (schema.GetSequence("required") is not null)
        {
            var required = schema.EditSequence("required");
            for (var i = required.Count - 1; i >= 0; i--)
            {
                if (schema.Sub("properties").Sub(required.TextAt(i)).Flag("nullable"))
                    required.RemoveAt(i);
            }

            if (required.Count == 0 || schema.Sub("additionalProperties").Flag("nullable"))
                schema.Remove("required");
        }

        var preserves = schema.Flag("x-kubernetes-preserve-unknown-fields");
        if (schema.Flag("nullable") || preserves)
        {
            schema.Remove("items");
            schema.Remove("properties");
        }

        if (schema.Flag("nullable") || (preserves && schema.Text("type") == "object") || (schema.Text("type") == "array" && !schema.Has("items")))
            schema.Remove("type");
        schema.Remove("nullable");
    }
}
