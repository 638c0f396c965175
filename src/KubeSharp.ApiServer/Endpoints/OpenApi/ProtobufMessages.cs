using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The messages of both OpenAPI protobuf formats, as far as the documents use them
/// (gnostic-models openapiv2/OpenAPIv2.proto, openapiv3/OpenAPIv3.proto).</summary>
internal sealed class ProtobufMessages
{
    public static readonly ProtobufMessages V2 = BuildV2();

    public static readonly ProtobufMessages V3 = BuildV3();

    public required ProtobufMessage Info { get; init; }

    public required ProtobufMessage Path { get; init; }

    public required ProtobufMessage Definition { get; init; }

    public required ProtobufMessage SecurityScheme { get; init; }

    /// <summary>The shared parameters (version 2).</summary>
    public required ProtobufMessage Parameter { get; init; }

    private static ProtobufMessages BuildV2()
    {
        var schema = new ProtobufMessage();
        schema.With(ProtobufKind.Text, "$ref=1", "format=2", "title=3", "description=4", "pattern=13", "discriminator=26")
            .With(ProtobufKind.Number, "multipleOf=6", "maximum=7", "minimum=9")
            .With(ProtobufKind.Integer, "maxLength=11", "minLength=12", "maxItems=14", "minItems=15", "maxProperties=17", "minProperties=18")
            .With(ProtobufKind.Flag, "exclusiveMaximum=8", "exclusiveMinimum=10", "uniqueItems=16", "readOnly=27")
            .With(ProtobufKind.Texts, "required=19")
            .With(ProtobufKind.Any, "default=5", "example=30")
            .With(ProtobufKind.Anys, "enum=20")
            .With("additionalProperties", 21, ProtobufMessage.Choice(v => v.AsMap is null ? (2, null) : (1, schema)))
            .With("type", 22, ProtobufMessage.Choice(_ => (1, null)))
            .With("items", 23, ProtobufMessage.Choice(_ => (1, schema)))
            .With("allOf", 24, schema, repeated: true)
            .With("properties", 25, ProtobufMessage.Entries(schema))
            .With("externalDocs", 29, new ProtobufMessage().With(ProtobufKind.Text, "description=1", "url=2"))
            .WithExtensions(31);
        var body = new ProtobufMessage().With(ProtobufKind.Text, "description=1", "name=2", "in=3").With(ProtobufKind.Flag, "required=4").With("schema", 5, schema);
        var query = new ProtobufMessage().With(ProtobufKind.Text, "in=2", "description=3", "name=4", "type=6").With(ProtobufKind.Flag, "required=1", "uniqueItems=20");
        var path = new ProtobufMessage().With(ProtobufKind.Text, "in=2", "description=3", "name=4", "type=5").With(ProtobufKind.Flag, "required=1", "uniqueItems=19");
        var plain = ProtobufMessage.Choice(v => Is(v, "in", "query") ? (3, query) : (4, path));
        var parameter = ProtobufMessage.Choice(v => Is(v, "in", "body") ? (1, body) : (2, plain));
        var reference = new ProtobufMessage().With(ProtobufKind.Text, "$ref=1", "description=2");
        var parameterItem = ProtobufMessage.Choice(v => IsReference(v) ? (2, reference) : (1, parameter));
        var response = new ProtobufMessage().With(ProtobufKind.Text, "description=1").With("schema", 2, ProtobufMessage.Choice(_ => (1, schema)));
        var operation = new ProtobufMessage()
            .With(ProtobufKind.Texts, "tags=1", "produces=6", "consumes=7", "schemes=10")
            .With(ProtobufKind.Text, "summary=2", "description=3", "operationId=5")
            .With(ProtobufKind.Flag, "deprecated=11")
            .With("parameters", 8, parameterItem, repeated: true)
            .With("responses", 9, ProtobufMessage.Entries(ProtobufMessage.Choice(_ => (1, response))))
            .WithExtensions(13);
        return new ProtobufMessages
        {
            Info = new ProtobufMessage().With(ProtobufKind.Text, "title=1", "version=2"),
            Path = Methods(operation, first: 2).With("parameters", 9, parameterItem, repeated: true),
            Definition = schema,
            Parameter = parameter,
            SecurityScheme = ProtobufMessage.Choice(_ => (2, ApiKey)),
        };
    }

    private static ProtobufMessages BuildV3()
    {
        var schema = new ProtobufMessage();
        var reference = new ProtobufMessage().With(ProtobufKind.Text, "$ref=1");
        var schemaOrReference = ProtobufMessage.Choice(v => IsReference(v) ? (2, reference) : (1, schema));
        schema.With(ProtobufKind.Text, "title=9", "pattern=17", "type=25", "description=34", "format=35")
            .With(ProtobufKind.Number, "multipleOf=10", "maximum=11", "minimum=13")
            .With(ProtobufKind.Integer, "maxLength=15", "minLength=16", "maxItems=18", "minItems=19", "maxProperties=21", "minProperties=22")
            .With(ProtobufKind.Flag, "nullable=1", "readOnly=3", "writeOnly=4", "deprecated=8", "exclusiveMaximum=12", "exclusiveMinimum=14", "uniqueItems=20")
            .With(ProtobufKind.Texts, "required=23")
            .With(ProtobufKind.Any, "example=7")
            .With(ProtobufKind.Anys, "enum=24")
            .With("externalDocs", 6, new ProtobufMessage().With(ProtobufKind.Text, "description=1", "url=2"))
            .With("allOf", 26, schemaOrReference, repeated: true)
            .With("oneOf", 27, schemaOrReference, repeated: true)
            .With("anyOf", 28, schemaOrReference, repeated: true)
            .With("not", 29, schema)
            .With("items", 30, ProtobufMessage.Choice(_ => (1, schemaOrReference)))
            .With("properties", 31, ProtobufMessage.Entries(schemaOrReference))
            .With("additionalProperties", 32, ProtobufMessage.Choice(v => v.AsMap is null ? (2, null) : (1, schemaOrReference)))
            .With("default", 33, ProtobufMessage.Choice(v => (v.Kind switch { ValueKind.Integer or ValueKind.Float => 1, ValueKind.Boolean => 2, ValueKind.String => 3, _ => 0 }, null)))
            .WithExtensions(36);
        var content = ProtobufMessage.Entries(new ProtobufMessage().With("schema", 1, schemaOrReference));
        var parameter = new ProtobufMessage().With(ProtobufKind.Text, "name=1", "in=2", "description=3").With(ProtobufKind.Flag, "required=4").With("schema", 10, schemaOrReference);
        var parameterItem = ProtobufMessage.Choice(_ => (1, parameter));
        var body = new ProtobufMessage().With(ProtobufKind.Text, "description=1").With(ProtobufKind.Flag, "required=3").With("content", 2, content);
        var response = new ProtobufMessage().With(ProtobufKind.Text, "description=1").With("content", 3, content);
        var operation = new ProtobufMessage()
            .With(ProtobufKind.Texts, "tags=1")
            .With(ProtobufKind.Text, "summary=2", "description=3", "operationId=5")
            .With(ProtobufKind.Flag, "deprecated=9")
            .With("parameters", 6, parameterItem, repeated: true)
            .With("requestBody", 7, ProtobufMessage.Choice(_ => (1, body)))
            .With("responses", 8, ProtobufMessage.Entries(ProtobufMessage.Choice(_ => (1, response)), number: 2))
            .WithExtensions(13);
        return new ProtobufMessages
        {
            Info = new ProtobufMessage().With(ProtobufKind.Text, "title=1", "version=6"),
            Path = Methods(operation, first: 4).With("parameters", 13, parameterItem, repeated: true),
            Definition = schemaOrReference,
            Parameter = parameterItem,
            SecurityScheme = ProtobufMessage.Choice(_ => (1, SecuritySchemeV3)),
        };
    }

    private static readonly ProtobufMessage ApiKey = new ProtobufMessage().With(ProtobufKind.Text, "type=1", "name=2", "in=3", "description=4");

    private static readonly ProtobufMessage SecuritySchemeV3 = new ProtobufMessage().With(ProtobufKind.Text, "type=1", "description=2", "name=3", "in=4");

    /// <summary>The methods of a path, numbered one after the other in both versions.</summary>
    private static ProtobufMessage Methods(ProtobufMessage operation, int first)
    {
        var path = new ProtobufMessage();
        foreach (var method in (ReadOnlySpan<string>)["get", "put", "post", "delete", "options", "head", "patch"])
            path.With(method, first++, operation);
        return path;
    }

    private static bool Is(Value value, string key, string wanted) => value.AsMap?.GetString(key) == wanted;

    private static bool IsReference(Value value) => value.AsMap?.ContainsKey("$ref") ?? false;
}
