using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Query parameters that are made of the fields of an options kind (endpoints/installer.go, AddObjectParams; v1.36).</summary>
internal sealed class OptionParameters(Descriptions descriptions)
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private readonly Dictionary<string, IReadOnlyList<OpenApiParameter>> _known = new(StringComparer.Ordinal);

    public IReadOnlyList<OpenApiParameter> List => Of(Meta + "ListOptions");

    public IReadOnlyList<OpenApiParameter> Create => Of(Meta + "CreateOptions");

    public IReadOnlyList<OpenApiParameter> Update => Of(Meta + "UpdateOptions");

    public IReadOnlyList<OpenApiParameter> Patch => Of(Meta + "PatchOptions");

    public IReadOnlyList<OpenApiParameter> Delete => Of(Meta + "DeleteOptions");

    public IReadOnlyList<OpenApiParameter> Of(string type)
    {
        if (_known.TryGetValue(type, out var known))
            return known;
        var parameters = new List<OpenApiParameter>();
        foreach (var field in BuiltInSchema.Get(type).Fields)
        {
            var element = field.Type.Kind == TypeKind.List ? field.Type.Element! : field.Type;
            var name = element.Kind switch
            {
                TypeKind.String => "string",
                TypeKind.Boolean => "boolean",
                TypeKind.Int32 or TypeKind.Int64 => "integer",
                _ => "",
            };
            // Fields that are structs do not become parameters.
            if (name.Length > 0)
                parameters.Add(new OpenApiParameter(field.Name, "query", name, descriptions.Find(type, field.Name) ?? ""));
        }

        return _known[type] = parameters;
    }
}
