using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The OpenAPI v3 document of one group version: paths of its resources and the schemas that they use
/// (apiserver/pkg/endpoints/installer.go for paths and parameters, v1.36).</summary>
internal static class OpenApiV3Document
{
    private static readonly (string Name, string Type)[] ListParameters =
    [
        ("allowWatchBookmarks", "boolean"), ("continue", "string"), ("fieldSelector", "string"), ("labelSelector", "string"), ("limit", "integer"),
        ("resourceVersion", "string"), ("resourceVersionMatch", "string"), ("sendInitialEvents", "boolean"), ("timeoutSeconds", "integer"), ("watch", "boolean"),
    ];

    private static readonly (string Name, string Type)[] WriteParameters = [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")];

    private static readonly (string Name, string Type)[] DeleteParameters =
        [("dryRun", "string"), ("gracePeriodSeconds", "integer"), ("orphanDependents", "boolean"), ("propagationPolicy", "string")];

    public static Map Build(GroupVersion groupVersion, IReadOnlyList<ServedResource> resources)
    {
        var schemas = new OpenApiSchemas();
        var paths = new Map();
        var root = groupVersion.Group.Length == 0 ? $"/api/{groupVersion.Version}" : $"/apis/{groupVersion}";
        foreach (var served in resources)
            AddPaths(paths, root, served, schemas);
        paths.Sort(string.CompareOrdinal);
        var kinds = resources.SelectMany(r => (GroupVersionKind[])[r.Kind, groupVersion.WithKind(r.Resource.ListKind)])
            .GroupBy(k => BuiltInSchema.Find(k)?.Name ?? "")
            .ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        var components = schemas.Build(name => kinds.GetValueOrDefault(name) ?? Enumerable.Empty<GroupVersionKind>());
        return new Map(4)
        {
            { "openapi", "3.0.0" },
            { "info", new Map(2) { { "title", "Kubernetes" }, { "version", VersionHandler.GitVersion } } },
            { "paths", paths },
            { "components", new Map(1) { { "schemas", components } } },
        };
    }

    private static void AddPaths(Map paths, string root, ServedResource served, OpenApiSchemas schemas)
    {
        var resource = served.Resource;
        var scope = resource.Namespaced ? $"{root}/namespaces/{{namespace}}/{resource.Resource}" : $"{root}/{resource.Resource}";
        var collection = new Map();
        var item = new Map();
        foreach (var verb in resource.Verbs)
        {
            switch (verb)
            {
                case "list":
                    collection.Set("get", Operation(served, "list", schemas, resource.ListKind, ListParameters));
                    break;
                case "create":
                    collection.Set("post", Operation(served, "post", schemas, resource.Kind, WriteParameters, body: true));
                    break;
                case "deletecollection":
                    collection.Set("delete", Operation(served, "deletecollection", schemas, "Status", [.. ListParameters, .. DeleteParameters]));
                    break;
                case "get":
                    item.Set("get", Operation(served, "get", schemas, resource.Kind, []));
                    break;
                case "update":
                    item.Set("put", Operation(served, "put", schemas, resource.Kind, WriteParameters, body: true));
                    break;
                case "patch":
                    item.Set("patch", Operation(served, "patch", schemas, resource.Kind, [.. WriteParameters, ("force", "boolean")], body: true));
                    break;
                case "delete":
                    item.Set("delete", Operation(served, "delete", schemas, "Status", DeleteParameters));
                    break;
            }
        }

        Add(paths, scope, collection, resource.Namespaced, named: false);
        if (item.Count > 0)
            Add(paths, $"{scope}/{{name}}", item, resource.Namespaced, named: true);
        if (resource.Namespaced && collection["get"].AsMap is { } list)
            Add(paths, $"{root}/{resource.Resource}", new Map(1) { { "get", list } }, namespaced: false, named: false);
        foreach (var subresource in resource.Subresources)
        {
            var operations = new Map();
            foreach (var verb in subresource.Verbs)
            {
                var method = verb switch { "get" => "get", "create" => "post", "update" => "put", "patch" => "patch", _ => "delete" };
                operations.Set(method, Operation(served, method, schemas, "", verb == "get" ? [] : WriteParameters, body: verb is "create" or "update" or "patch"));
            }

            Add(paths, $"{scope}/{{name}}/{subresource.Name}", operations, resource.Namespaced, named: true);
        }
    }

    private static void Add(Map paths, string path, Map operations, bool namespaced, bool named)
    {
        if (operations.Count == 0)
            return;
        var parameters = new Sequence();
        if (named)
            parameters.Add(Parameter("name", "string", "path"));
        if (namespaced)
            parameters.Add(Parameter("namespace", "string", "path"));
        parameters.Add(Parameter("pretty", "string", "query"));
        operations.Set("parameters", parameters);
        paths.Set(path, operations);
    }

    private static Map Operation(ServedResource served, string action, OpenApiSchemas schemas, string kind, (string Name, string Type)[] parameters, bool body = false)
    {
        var type = kind.Length == 0 ? null : BuiltInSchema.Find(served.GroupVersion.WithKind(kind))?.Name;
        var schema = type is null ? new Map(1) { { "type", "object" } } : schemas.Reference(type);
        var content = new Map(3);
        foreach (var mediaType in (ReadOnlySpan<string>)["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"])
            content.Set(mediaType, new Map(1) { { "schema", schema } });
        var list = new Sequence(parameters.Length);
        foreach (var (name, parameterType) in parameters)
            list.Add(Parameter(name, parameterType, "query"));
        var operation = new Map(8)
        {
            { "operationId", $"{action}{served.GroupVersion.Group.Split('.')[0]}{served.GroupVersion.Version}{(served.Resource.Namespaced ? "Namespaced" : "")}{served.Resource.Kind}" },
            { "parameters", list },
        };
        if (body)
            operation.Set("requestBody", new Map(1) { { "content", new Map(1) { { "*/*", new Map(1) { { "schema", schema } } } } } });
        operation.Set("responses", new Map(1) { { "200", new Map(2) { { "description", "OK" }, { "content", content } } } });
        operation.Set("x-kubernetes-action", action);
        operation.Set("x-kubernetes-group-version-kind", new Map(3) { { "group", served.Resource.Group }, { "kind", served.Resource.Kind }, { "version", served.GroupVersion.Version } });
        return operation;
    }

    private static Map Parameter(string name, string type, string place)
    {
        var parameter = new Map(4) { { "name", name }, { "in", place }, { "schema", new Map(2) { { "type", type }, { "uniqueItems", true } } } };
        if (place == "path")
            parameter.Set("required", true);
        return parameter;
    }
}
