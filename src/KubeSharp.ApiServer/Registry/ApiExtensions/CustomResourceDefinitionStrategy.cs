using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiServer.ApiExtensions;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.ApiExtensions;

/// <summary>Definitions of custom resources (apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go,
/// pkg/apis/apiextensions/v1/defaults.go; v1.36).</summary>
internal sealed class CustomResourceDefinitionStrategy : FactsStrategy
{
    private static readonly HashSet<string> Formats = new(StringComparer.Ordinal)
    {
        "bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3", "uuid4", "uuid5", "isbn", "isbn10", "isbn13",
        "creditcard", "ssn", "hexcolor", "rgbcolor", "byte", "password", "date", "duration", "datetime", "k8sshortname", "k8slongname",
    };

    public CustomResourceDefinitionStrategy()
        : base(new KindFacts
        {
            TracksGeneration = true,
            RequiresResourceVersion = true,
            Defaults = ApplyDefaults,
            Validate = CustomResourceDefinitionValidation.Validate,
            ValidateUpdate = CustomResourceDefinitionValidation.ValidateUpdate,
            ValidateStatusUpdate = CustomResourceDefinitionValidation.ValidateStatusUpdate,
            Warn = WarnOfFormats,
        })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        AddStorageVersion(obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        AddStorageVersion(obj);
    }

    /// <summary>A definition goes after its objects (registry/customresourcedefinition/etcd.go Delete).</summary>
    public override Map? MarkTerminating(Map obj, Map options, DateTimeOffset now)
    {
        if (obj.Sub("metadata").Has("deletionTimestamp"))
            return obj.Sub("metadata").List("finalizers").Count > 0 ? obj : null;
        var time = now.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var marked = obj.ShallowClone();
        var metadata = marked.EditMap("metadata");
        metadata.Set("deletionTimestamp", time);
        if (!metadata.List("finalizers").ContainsText(CustomResourceDefinitionController.CleanupFinalizer))
            metadata.EditSequence("finalizers").Add(CustomResourceDefinitionController.CleanupFinalizer);
        DefinitionConditions.Set(marked, "Terminating", "True", "InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", time);
        return marked;
    }

    private static void ApplyDefaults(Map obj)
    {
        var spec = obj.EditMap("spec");
        if (spec.GetMap("names") is { } names)
        {
            var kind = names.Text("kind");
            if (kind.Length > 0)
            {
                Default(spec.EditMap("names"), "singular", kind.ToLowerInvariant());
                Default(spec.EditMap("names"), "listKind", kind + "List");
            }
        }

        Default(spec, "conversion", new Map { { "strategy", "None" } });
        Sub(spec, "conversion", conversion => Sub(conversion, "webhook", webhook => Sub(webhook, "clientConfig", config =>
            Sub(config, "service", service => Default(service, "port", 443)))));
        if (obj.Sub("status").List("storedVersions").Count == 0)
            AddStorageVersion(obj);
    }

    /// <summary>The version that objects are stored at joins those that they may have been stored at.</summary>
    private static void AddStorageVersion(Map obj)
    {
        foreach (var item in obj.Sub("spec").List("versions"))
        {
            if (item.AsMap is not { } version || !version.Flag("storage"))
                continue;
            var name = version.Text("name");
            if (!obj.Sub("status").List("storedVersions").ContainsText(name))
                obj.EditMap("status").EditSequence("storedVersions").Add(name);
            return;
        }
    }

    private static void WarnOfFormats(OperationContext context, Map obj, Map? old)
    {
        var before = new List<string>();
        if (old is not null)
            CollectFormats(old, before);
        var now = new List<string>();
        CollectFormats(obj, now);
        foreach (var format in now)
        {
            if (!before.Contains(format))
                context.AddWarning($"unrecognized format {GoText.Quote(format)}");
        }
    }

    private static void CollectFormats(Map obj, List<string> formats)
    {
        foreach (var schema in new CustomResourceDefinitionSpec(obj.Sub("spec")).Schemas())
            Collect(schema, formats);
    }

    private static void Collect(Map? schema, List<string> formats)
    {
        if (schema is null)
            return;
        if (schema.Text("format") is { Length: > 0 } format && !IsKnown(format, schema.Text("type")))
            formats.Add(format);
        Collect(schema.GetMap("items"), formats);
        foreach (var key in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            foreach (var item in schema.List(key))
                Collect(item.AsMap, formats);
        }

        Collect(schema.GetMap("not"), formats);
        foreach (var (_, property) in schema.Sub("properties"))
            Collect(property.AsMap, formats);
        Collect(schema.GetMap("additionalProperties"), formats);
    }

    private static bool IsKnown(string format, string type) => type switch
    {
        "" or "string" => Formats.Contains(format.Replace("-", "", StringComparison.Ordinal)),
        "integer" => format is "int32" or "int64",
        "number" => format is "float" or "double",
        _ => false,
    };
}
