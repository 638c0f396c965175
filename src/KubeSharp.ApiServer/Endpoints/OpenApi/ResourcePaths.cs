using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The paths and operations of one resource and its subresources
/// (apiserver/pkg/endpoints/installer.go, registerResourceHandlers; v1.36).</summary>
internal sealed class ResourcePaths
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string StatusType = Meta + "Status";

    private static readonly string[] Any = ["*/*"];
    private static readonly string[] ConnectMethods = ["get", "head", "post", "put", "patch", "delete", "options"];

    private readonly OptionParameters _options;
    private readonly OpenApiFeatures _features;
    private readonly OpenApiParameter _pretty;
    private readonly OpenApiParameter _namespace;
    private readonly OpenApiParameter _path;

    public ResourcePaths(Descriptions descriptions, OpenApiFeatures features)
    {
        _options = new OptionParameters(descriptions);
        _features = features;
        _pretty = Parameter("pretty", "query");
        _namespace = Parameter("namespace", "path");
        _path = Parameter("path", "path");

        OpenApiParameter Parameter(string name, string place) => new(name, place, "string", descriptions.Find("parameters", name) ?? "");
    }

    /// <summary>All paths of a resource, in no order.</summary>
    public IEnumerable<OpenApiPath> Of(OpenApiResource resource)
    {
        var root = Root(resource.GroupVersion);
        var scope = resource.Namespaced ? $"namespaces/{{namespace}}/{resource.Resource}" : resource.Resource;
        var inScope = resource.Namespaced ? (OpenApiParameter[])[_pretty, _namespace] : [_pretty];
        OpenApiParameter[] named = [.. inScope, Name(resource.Kind)];
        var verbs = resource.Verbs;
        List<OpenApiOperation> collection = [], item = [];
        if (verbs.Contains("list"))
            collection.Add(List(resource, "list", inScope));
        if (verbs.Contains("create"))
            collection.Add(Create(Target.For(resource), inScope));
        if (verbs.Contains("deletecollection"))
            collection.Add(DeleteCollection(resource, inScope));
        AddItem(item, Target.For(resource), verbs, named);
        if (verbs.Contains("delete"))
            item.Add(Delete(resource, named));
        yield return new OpenApiPath($"{root}{scope}", collection);
        if (item.Count > 0)
            yield return new OpenApiPath($"{root}{scope}/{{name}}", item);
        var everywhere = resource.Namespaced && verbs.Contains("list");
        if (everywhere)
            yield return new OpenApiPath($"{root}{resource.Resource}", [List(resource, "list", [_pretty], everywhere: true)]);
        if (verbs.Contains("watch"))
        {
            yield return new OpenApiPath($"{root}watch/{scope}", [List(resource, "watchlist", inScope)]);
            yield return new OpenApiPath($"{root}watch/{scope}/{{name}}", [List(resource, "watch", named)]);
            if (everywhere)
                yield return new OpenApiPath($"{root}watch/{resource.Resource}", [List(resource, "watchlist", [_pretty], everywhere: true)]);
        }

        foreach (var subresource in resource.Subresources)
        {
            foreach (var path in Subresource(resource, subresource, $"{root}{scope}/{{name}}/{subresource.Name}", inScope))
                yield return path;
        }
    }

    /// <summary>The path that a group version's resources stand below, with a slash at its end.</summary>
    public static string Root(GroupVersion groupVersion) => groupVersion.Group.Length == 0 ? $"/api/{groupVersion.Version}/" : $"/apis/{groupVersion}/";

    private static OpenApiParameter Name(string kind) => new("name", "path", "string", $"name of the {kind}");

    private IEnumerable<OpenApiPath> Subresource(OpenApiResource resource, Subresource subresource, string path, OpenApiParameter[] inScope)
    {
        var kind = (subresource.GroupVersion ?? resource.GroupVersion).WithKind(subresource.Kind.Length == 0 ? resource.Kind : subresource.Kind);
        var type = subresource.Kind.Length == 0 ? resource.TypeName : BuiltInSchema.Find(kind)?.Name ?? resource.TypeName;
        OpenApiParameter[] named = [.. inScope, Name(kind.Kind)];
        var title = char.ToUpperInvariant(subresource.Name[0]) + subresource.Name[1..];
        var target = new Target(resource, kind, type, title, $"{subresource.Name} of ");
        if (subresource.Kind.EndsWith("Options", StringComparison.Ordinal))
        {
            // A connection; one that goes on to any path has a second path for it.
            var anyMethod = subresource.Verbs.Contains("delete");
            OpenApiParameter[] parameters = [.. _options.Of(type), .. named[1..]];
            yield return new OpenApiPath(path, Connect(target, anyMethod, "", parameters));
            if (anyMethod)
                yield return new OpenApiPath(path + "/{path}", Connect(target, anyMethod, "WithPath", [.. parameters, _path]));
            yield break;
        }

        List<OpenApiOperation> operations = [];
        if (subresource.Verbs.Contains("create"))
            operations.Add(Create(target, named));
        if (subresource.Name == "log")
            operations.Add(Log(target, [.. named, .. _options.Of(type + "LogOptions")]));
        else
            AddItem(operations, target, subresource.Verbs, named);
        yield return new OpenApiPath(path, operations);
    }

    private void AddItem(List<OpenApiOperation> operations, Target target, IReadOnlyList<string> verbs, OpenApiParameter[] parameters)
    {
        if (verbs.Contains("get"))
        {
            operations.Add(target.Operation("get", "get", "read", $"read {target.Words}the specified {target.Resource.Kind}") with
            {
                Consumes = Any,
                Produces = MediaTypes(target.Resource),
                Parameters = parameters,
                Responses = [new(200, "OK", target.Type)],
            });
        }

        if (verbs.Contains("update"))
        {
            operations.Add(target.Operation("put", "put", "replace", $"replace {target.Words}the specified {target.Resource.Kind}") with
            {
                Consumes = Any,
                Produces = MediaTypes(target.Resource),
                Parameters = [.. parameters, .. _options.Update],
                Body = target.Type,
                Responses = [new(200, "OK", target.Type), new(201, "Created", target.Type)],
            });
        }

        if (verbs.Contains("patch"))
        {
            operations.Add(target.Operation("patch", "patch", "patch", $"partially update {target.Words}the specified {target.Resource.Kind}") with
            {
                Consumes = PatchTypes(target.Resource),
                Produces = MediaTypes(target.Resource),
                Parameters = [.. parameters, .. _options.Patch],
                Body = Meta + "Patch",
                Responses = [new(200, "OK", target.Type), new(201, "Created", target.Type)],
            });
        }
    }

    private OpenApiOperation Log(Target target, OpenApiParameter[] parameters) =>
        target.Operation("get", "get", "read", $"read {target.Words}the specified {target.Resource.Kind}") with
        {
            Consumes = Any,
            Produces = ["text/plain", .. MediaTypes(target.Resource)],
            Parameters = parameters,
            Responses = [new(200, "OK", "string")],
        };

    private OpenApiOperation Create(Target target, OpenApiParameter[] parameters) =>
        target.Operation("post", "post", "create", $"create {target.Words}".TrimEnd() + OperationNames.Article(target.Resource.Kind) + target.Resource.Kind) with
        {
            Consumes = Any,
            Produces = MediaTypes(target.Resource),
            Parameters = [.. parameters, .. _options.Create],
            Body = target.Type,
            Responses = [new(200, "OK", target.Type), new(201, "Created", target.Type), new(202, "Accepted", target.Type)],
        };

    private OpenApiOperation List(OpenApiResource resource, string action, OpenApiParameter[] parameters, bool everywhere = false)
    {
        var scope = resource.Namespaced && !everywhere ? "Namespaced" : "";
        var suffix = everywhere ? "ForAllNamespaces" : "";
        var deprecated = "deprecated: use the 'watch' parameter with a list operation instead";
        var (verb, rest, description) = action switch
        {
            "list" => ("list", $"{scope}{resource.Kind}{suffix}", $"list {(resource.Verbs.Contains("watch") ? "or watch " : "")}objects of kind {resource.Kind}"),
            "watchlist" => ("watch", $"{scope}{resource.Kind}List{suffix}", $"watch individual changes to a list of {resource.Kind}. {deprecated}."),
            _ => ("watch", $"{scope}{resource.Kind}{suffix}", $"watch changes to an object of kind {resource.Kind}. {deprecated}, filtered to a single item with the 'fieldSelector' parameter."),
        };
        return Target.For(resource).Operation("get", action, verb, description, rest) with
        {
            Consumes = Any,
            Produces = [.. MediaTypes(resource), .. StreamTypes(resource)],
            Parameters = [.. parameters, .. _options.List],
            Responses = [new(200, "OK", action == "list" ? resource.ListTypeName : Meta + "WatchEvent")],
        };
    }

    private OpenApiOperation Delete(OpenApiResource resource, OpenApiParameter[] parameters)
    {
        var answer = resource.DeleteReturnsObject ? resource.TypeName : StatusType;
        return Target.For(resource).Operation("delete", "delete", "delete", $"delete{OperationNames.Article(resource.Kind)}{resource.Kind}") with
        {
            Consumes = Any,
            Produces = MediaTypes(resource),
            Parameters = [.. parameters, .. _options.Delete],
            Body = Meta + "DeleteOptions",
            BodyRequired = false,
            Responses = [new(200, "OK", answer), new(202, "Accepted", answer)],
        };
    }

    private OpenApiOperation DeleteCollection(OpenApiResource resource, OpenApiParameter[] parameters) =>
        Target.For(resource).Operation("delete", "deletecollection", "delete", $"delete collection of {resource.Kind}", $"Collection{(resource.Namespaced ? "Namespaced" : "")}{resource.Kind}") with
        {
            Consumes = Any,
            Produces = MediaTypes(resource),
            Parameters = [.. parameters, .. _options.Delete, .. _options.List.Where(p => p.Name is not ("watch" or "allowWatchBookmarks"))],
            Body = Meta + "DeleteOptions",
            BodyRequired = false,
            Responses = [new(200, "OK", StatusType)],
        };

    private static List<OpenApiOperation> Connect(Target target, bool anyMethod, string suffix, OpenApiParameter[] parameters)
    {
        var operations = new List<OpenApiOperation>();
        foreach (var method in ConnectMethods)
        {
            if (!anyMethod && method is not ("get" or "post"))
                continue;
            var rest = $"{char.ToUpperInvariant(method[0])}{method[1..]}{target.Scope}{target.Resource.Kind}{target.Title}{suffix}";
            operations.Add(target.Operation(method, "connect", "connect", $"connect {method.ToUpperInvariant()} requests to {target.Words}{target.Resource.Kind}", rest) with
            {
                Consumes = Any,
                Produces = Any,
                Parameters = parameters,
                Responses = [new(200, "OK", "string")],
            });
        }

        return operations;
    }

    private IReadOnlyList<string> MediaTypes(OpenApiResource resource)
    {
        List<string> types = ["application/json", "application/yaml"];
        if (resource.HasProtobuf)
            types.Add("application/vnd.kubernetes.protobuf");
        if (_features.Cbor)
            types.Add("application/cbor");
        return types;
    }

    private List<string> StreamTypes(OpenApiResource resource)
    {
        List<string> types = ["application/json;stream=watch"];
        if (resource.HasProtobuf)
            types.Add("application/vnd.kubernetes.protobuf;stream=watch");
        if (_features.Cbor)
            types.Add("application/cbor-seq");
        return types;
    }

    private List<string> PatchTypes(OpenApiResource resource)
    {
        List<string> types = ["application/json-patch+json", "application/merge-patch+json"];
        if (resource.HasProtobuf)
            types.Add("application/strategic-merge-patch+json");
        types.Add("application/apply-patch+yaml");
        if (_features.Cbor)
            types.Add("application/apply-patch+cbor");
        return types;
    }

    /// <summary>What an operation is about: a resource, or one of its subresources, with the subresource's name as ids have it
    /// and as the words in front of the resource's kind in descriptions.</summary>
    private sealed record Target(OpenApiResource Resource, GroupVersionKind Kind, string Type, string Title, string Words)
    {
        public string Scope => Resource.Namespaced ? "Namespaced" : "";

        public static Target For(OpenApiResource resource) => new(resource, resource.GroupVersion.WithKind(resource.Kind), resource.TypeName, "", "");

        public OpenApiOperation Operation(string method, string action, string verb, string description, string? rest = null)
        {
            var (group, version) = Resource.GroupVersion;
            var id = OperationNames.Id(verb, group, version, rest ?? $"{Scope}{Resource.Kind}{Title}");
            return new OpenApiOperation(method, id, OperationNames.Tag(group, version), description) { Action = action, Kind = Kind };
        }
    }
}
