using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>
/// The schema of a custom resource version as it is used on objects: pruning, defaults, validation, ownership. Immutable.
/// Source: apiextensions-apiserver/pkg/apiserver/schema/structural.go, k8s.io/api apiextensions/v1 JSONSchemaProps; v1.36.
/// </summary>
public sealed class JsonSchema
{
    private JsonSchema()
    {
    }

    /// <summary>The schema that keeps every object as it is.</summary>
    public static JsonSchema Anything { get; } = Read(new Map { { "type", "object" }, { "x-kubernetes-preserve-unknown-fields", true } });

    /// <summary>JSONSchemaProps that this was read from.</summary>
    public Map Source { get; private init; } = Map.Empty;

    /// <summary><c>object</c>, <c>array</c>, <c>string</c>, <c>integer</c>, <c>number</c>, <c>boolean</c>, or empty for any.</summary>
    public string Type { get; private init; } = "";

    public string Format { get; private init; } = "";

    /// <summary>The types that a value may have; empty for any.</summary>
    public IReadOnlyList<string> Types { get; private init; } = [];

    /// <summary>The format where it means something for the type and is known; else empty, and nothing is checked
    /// (apiextensions-apiserver/pkg/apiserver/validation/formats.go).</summary>
    public string CheckedFormat { get; private init; } = "";

    public bool Nullable { get; private init; }

    /// <summary>The value of an absent field, or undefined. JSON's null is no default.</summary>
    public Value Default { get; private set; }

    public IReadOnlyDictionary<string, JsonSchema> Properties { get; private init; } = new Dictionary<string, JsonSchema>(0);

    /// <summary>The schema of other properties; null when there is none.</summary>
    public JsonSchema? AdditionalProperties { get; private init; }

    /// <summary>Whether <c>additionalProperties</c> was given as true or false; null when it was not.</summary>
    public bool? AllowsAdditionalProperties { get; private init; }

    public JsonSchema? Items { get; private init; }

    public IReadOnlyList<string> Required { get; private init; } = [];

    public IReadOnlyList<Value> Enum { get; private init; } = [];

    public double? Minimum { get; private init; }

    public bool ExclusiveMinimum { get; private init; }

    public double? Maximum { get; private init; }

    public bool ExclusiveMaximum { get; private init; }

    public double? MultipleOf { get; private init; }

    public long? MinLength { get; private init; }

    public long? MaxLength { get; private init; }

    public string Pattern { get; private init; } = "";

    /// <summary>The pattern compiled; null when there is none, or none that can be.</summary>
    public Regex? PatternExpression { get; private init; }

    public long? MinItems { get; private init; }

    public long? MaxItems { get; private init; }

    public bool UniqueItems { get; private init; }

    public long? MinProperties { get; private init; }

    public long? MaxProperties { get; private init; }

    public IReadOnlyList<JsonSchema> AllOf { get; private init; } = [];

    public IReadOnlyList<JsonSchema> AnyOf { get; private init; } = [];

    public IReadOnlyList<JsonSchema> OneOf { get; private init; } = [];

    public JsonSchema? Not { get; private init; }

    /// <summary>x-kubernetes-preserve-unknown-fields.</summary>
    public bool PreserveUnknownFields { get; private init; }

    /// <summary>x-kubernetes-embedded-resource: apiVersion, kind and metadata are there besides the properties.</summary>
    public bool EmbeddedResource { get; private init; }

    /// <summary>x-kubernetes-int-or-string.</summary>
    public bool IntOrString { get; private init; }

    /// <summary>x-kubernetes-list-type: <c>atomic</c>, <c>set</c>, <c>map</c>, or empty.</summary>
    public string ListType { get; private init; } = "";

    public IReadOnlyList<string> ListMapKeys { get; private init; } = [];

    /// <summary>x-kubernetes-map-type: <c>atomic</c>, <c>granular</c>, or empty.</summary>
    public string MapType { get; private init; } = "";

    /// <summary>Whether anything here or below has a default: nothing needs to be looked at otherwise.</summary>
    public bool HasDefaults { get; private init; }

    /// <summary>Whether anything here or below has x-kubernetes-embedded-resource.</summary>
    public bool HasEmbeddedResources { get; private init; }

    /// <summary>Whether anything here or below has x-kubernetes-validations.</summary>
    public bool HasRules { get; private init; }

    /// <summary>The schema of a key's value; null when nothing describes it.</summary>
    public JsonSchema? Of(string key) => Properties.TryGetValue(key, out var property) ? property : AdditionalProperties;

    /// <summary>Whether a value may be of a type.</summary>
    public bool Allows(string type)
    {
        for (var i = 0; i < Types.Count; i++)
        {
            if (Types[i] == type)
                return true;
        }

        return false;
    }

    /// <summary>Reads <c>openAPIV3Schema</c> as the API has it. Defaults lose what the schema does not know, so that they
    /// cannot bring it back (apiextensions-apiserver/pkg/apiserver/schema/defaulting/prune.go).</summary>
    public static JsonSchema Read(Map props) => Read(props, true);

    /// <summary>Reads a schema whose defaults stay as they were written, to be judged.</summary>
    internal static JsonSchema ReadAsWritten(Map props) => Read(props, false);

    private static JsonSchema Read(Map props, bool pruneDefaults)
    {
        var schema = ReadParts(props, pruneDefaults);
        if (pruneDefaults && !schema.Default.IsUndefined)
        {
            var pruned = schema.Default.DeepClone();
            StructuralPruner.PruneValue(pruned, schema);
            pruned.Freeze();
            schema.Default = pruned;
        }

        return schema;
    }

    private static JsonSchema ReadParts(Map props, bool pruneDefaults)
    {
        var properties = new Dictionary<string, JsonSchema>(StringComparer.Ordinal);
        foreach (var (name, value) in props.GetMap("properties") ?? Map.Empty)
            properties[name] = Read(value.AsMap ?? Map.Empty, pruneDefaults);
        var additional = props["additionalProperties"].AsMap is { } other ? Read(other, pruneDefaults) : null;
        // Lists of schemas for items are no structural schema, and not served.
        var items = props["items"].AsMap is { } item ? Read(item, pruneDefaults) : null;
        var pattern = props.GetString("pattern") ?? "";
        var (type, format, intOrString) = (props.GetString("type") ?? "", props.GetString("format") ?? "", props.GetBoolean("x-kubernetes-int-or-string") == true);
        var defaultValue = props["default"].IsNull ? default : props["default"];
        var embedded = props.GetBoolean("x-kubernetes-embedded-resource") == true;
        return new JsonSchema
        {
            Source = props,
            Type = type,
            Format = format,
            Types = intOrString ? ["integer", "string"] : type.Length > 0 ? [type] : [],
            CheckedFormat = FormatFor(intOrString ? "integer,string" : type, format),
            Nullable = props.GetBoolean("nullable") == true,
            Default = defaultValue,
            Properties = properties,
            AdditionalProperties = additional,
            AllowsAdditionalProperties = additional is not null ? true : props["additionalProperties"].AsBoolean,
            Items = items,
            Required = Texts(props.GetSequence("required")),
            Enum = [.. props.GetSequence("enum") ?? Sequence.Empty],
            Minimum = Number(props["minimum"]),
            ExclusiveMinimum = props.GetBoolean("exclusiveMinimum") == true,
            Maximum = Number(props["maximum"]),
            ExclusiveMaximum = props.GetBoolean("exclusiveMaximum") == true,
            MultipleOf = Number(props["multipleOf"]),
            MinLength = props.GetInteger("minLength"),
            MaxLength = props.GetInteger("maxLength"),
            Pattern = pattern,
            PatternExpression = Compile(pattern),
            MinItems = props.GetInteger("minItems"),
            MaxItems = props.GetInteger("maxItems"),
            UniqueItems = props.GetBoolean("uniqueItems") == true,
            MinProperties = props.GetInteger("minProperties"),
            MaxProperties = props.GetInteger("maxProperties"),
            AllOf = Schemas(props, "allOf"),
            AnyOf = Schemas(props, "anyOf"),
            OneOf = Schemas(props, "oneOf"),
            Not = props.GetMap("not") is { } not ? Read(not) : null,
            PreserveUnknownFields = props.GetBoolean("x-kubernetes-preserve-unknown-fields") == true,
            EmbeddedResource = embedded,
            IntOrString = intOrString,
            ListType = props.GetString("x-kubernetes-list-type") ?? "",
            ListMapKeys = Texts(props.GetSequence("x-kubernetes-list-map-keys")),
            MapType = props.GetString("x-kubernetes-map-type") ?? "",
            HasDefaults = !defaultValue.IsUndefined || properties.Values.Any(p => p.HasDefaults) || additional?.HasDefaults == true || items?.HasDefaults == true,
            HasEmbeddedResources = embedded || properties.Values.Any(p => p.HasEmbeddedResources) || additional?.HasEmbeddedResources == true || items?.HasEmbeddedResources == true,
            HasRules = props.GetSequence("x-kubernetes-validations") is { Count: > 0 } || properties.Values.Any(p => p.HasRules) || additional?.HasRules == true || items?.HasRules == true,
        };
    }

    private static string FormatFor(string type, string format) => type switch
    {
        "" or "string" => StringFormats.IsKnown(format) ? format : "",
        "integer" => format is "int32" or "int64" ? format : "",
        "number" => format is "float" or "double" ? format : "",
        _ => "",
    };

    private static JsonSchema[] Schemas(Map props, string key) => [.. (props.GetSequence(key) ?? Sequence.Empty).Select(item => Read(item.AsMap ?? Map.Empty))];

    private static string[] Texts(Sequence? list) => [.. (list ?? Sequence.Empty).Select(item => item.AsString ?? "")];

    private static double? Number(Value value) => value.AsDouble ?? value.AsInteger;

    private static Regex? Compile(string pattern)
    {
        if (pattern.Length == 0)
            return null;
        try
        {
            // Go's expressions run in linear time, and so must these, whatever the objects hold.
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
