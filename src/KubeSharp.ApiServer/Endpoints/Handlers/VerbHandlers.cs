using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Serving;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Which handler answers which verb on which resource and subresource.</summary>
public sealed class VerbHandlers
{
    private readonly Dictionary<string, IVerbHandler> _verbs;
    private readonly ScaleHandler _scale;
    private readonly Dictionary<(string Resource, string Subresource, string Verb), IVerbHandler> _special = [];

    public VerbHandlers(ListReader reader, WriteFlow flow, LifecycleSignals lifecycle, TimeSpan minWatchTimeout, TimeProvider time)
    {
        var delete = new DeleteHandler(flow);
        _scale = new ScaleHandler(flow);
        _verbs = new Dictionary<string, IVerbHandler>(StringComparer.Ordinal)
        {
            ["get"] = new GetHandler(),
            ["list"] = new ListHandler(reader),
            ["watch"] = new WatchHandler(lifecycle, minWatchTimeout, time),
            ["create"] = new CreateHandler(flow),
            ["update"] = new UpdateHandler(flow),
            ["patch"] = new PatchHandler(flow),
            ["delete"] = delete,
            ["deletecollection"] = new DeleteCollectionHandler(reader, delete),
        };
    }

    /// <summary>Adds a handler of its own for a resource (<c>pods</c>, <c>tokenreviews.authentication.k8s.io</c>) and subresource (or none).</summary>
    public void Add(string groupResource, string subresource, string verb, IVerbHandler handler) =>
        _special.Add((groupResource, subresource, verb), handler);

    /// <summary>The handler, or null: 405.</summary>
    public IVerbHandler? Find(ApiResource resource, Subresource? subresource, RequestInfo info)
    {
        var verb = info.Verb is "watch" or "list" or "deletecollection" && info.Parts.Count > 1 && info.Verb != "watch" ? "" : info.Verb;
        // What lies in namespaces is made and deleted inside of one.
        if (resource.Namespaced && info.Namespace.Length == 0 && subresource is null && (verb is "create" or "deletecollection") && !resource.Virtual)
            return null;
        if (_special.TryGetValue((resource.GroupResource.ToString(), subresource?.Name ?? "", verb), out var special))
            return special;
        if (subresource?.Name == "scale" && subresource.Verbs.Contains(verb))
            return _scale;
        if (subresource is not null)
            return subresource.Name == "status" && subresource.Verbs.Contains(verb) ? _verbs.GetValueOrDefault(verb) : null;
        // PUT and PATCH need a name, POST must not have one.
        var needsName = verb is "get" or "update" or "patch" or "delete";
        if ((needsName && info.Parts.Count < 2) || (verb == "create" && info.Parts.Count > 1))
            return null;
        return resource.Verbs.Contains(verb) ? _verbs.GetValueOrDefault(verb) : null;
    }
}
