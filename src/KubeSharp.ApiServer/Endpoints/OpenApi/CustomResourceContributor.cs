using System.Security.Cryptography;
using System.Text;
using KubeSharp.ApiMachinery.CustomResources;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Publishes the custom resources that are served, one contribution for each group version
/// (apiextensions-apiserver/pkg/controller/openapi/builder/builder.go, v1.36).</summary>
internal sealed class CustomResourceContributor(ServedResources served) : IOpenApiContributor
{
    private volatile State? _state;

    /// <summary>What one state of the served resources contributes.</summary>
    private sealed record State(IReadOnlyList<ServedResource> All, IReadOnlyList<OpenApiContribution> Contributions);

    public IReadOnlyList<OpenApiContribution> Contributions
    {
        get
        {
            var all = served.All;
            if (_state is not { } state || !ReferenceEquals(state.All, all))
                _state = state = new State(all, [.. all.Where(r => r.IsCustom).GroupBy(r => r.GroupVersion).Select(Contribution)]);
            return state.Contributions;
        }
    }

    private static OpenApiContribution Contribution(IGrouping<GroupVersion, ServedResource> resources)
    {
        var all = resources.ToList();
        return new OpenApiContribution(resources.Key, Fingerprint(all), [.. all.Select(Describe)], version => all.SelectMany(r => Definitions(r, version)));
    }

    private static string Fingerprint(List<ServedResource> resources)
    {
        var text = new StringBuilder();
        foreach (var served in resources)
        {
            var resource = served.Resource;
            text.Append(served.GroupVersionResource).Append(' ').Append(served.Kind).Append(' ').Append(resource.ListKind).Append(' ').Append(resource.Scope).Append(' ')
                .AppendJoin(',', resource.Subresources.Select(s => s.Name)).Append(' ').AppendJoin(',', served.Store.Strategy.SelectableFieldNames)
                .Append(' ').Append(GoText.Json(SourceOf(served) ?? Map.Empty)).Append('\n');
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static OpenApiResource Describe(ServedResource served) =>
        new(served.GroupVersion, served.Resource.Resource, served.Resource.Kind, served.Resource.Namespaced, TypeName(served.Kind), TypeName(served.GroupVersion.WithKind(served.Resource.ListKind)))
        {
            // Definitions publish no paths of watches (builder.go generateBuilder).
            Verbs = [.. served.Resource.Verbs.Where(verb => verb != "watch")],
            Subresources = served.Resource.Subresources,
            HasProtobuf = false,
        };

    private static IEnumerable<KeyValuePair<string, Map>> Definitions(ServedResource served, OpenApiVersion version)
    {
        var resource = served.Resource;
        var name = TypeName(served.Kind);
        var obj = PublishedSchema.OfObject(SourceOf(served), version);
        yield return new(name, Finished(obj, served, resource.Kind));
        var list = PublishedSchema.OfList(resource.ListKind, resource.Kind, resource.Resource, name, version);
        yield return new(TypeName(served.GroupVersion.WithKind(resource.ListKind)), Finished(list, served, resource.ListKind));
    }

    private static Map Finished(Map schema, ServedResource served, string kind)
    {
        var type = new Map(3) { { "group", served.GroupVersion.Group }, { "version", served.GroupVersion.Version }, { "kind", kind } };
        schema.Set("x-kubernetes-group-version-kind", new Sequence(1) { type });
        if (served.Store.Strategy.SelectableFieldNames is { Count: > 0 } names)
        {
            var fields = new Sequence(names.Count);
            foreach (var name in names)
                fields.Add(new Map(1) { { "fieldPath", name } });
            schema.Set("x-kubernetes-selectable-fields", fields);
        }

        return schema;
    }

    private static Map? SourceOf(ServedResource served) => ReferenceEquals(served.Schema.Custom, JsonSchema.Anything) ? null : served.Schema.Custom!.Source;

    /// <summary>The group backwards, the version, the kind: <c>com.example.v1.Widget</c>.</summary>
    private static string TypeName(GroupVersionKind kind)
    {
        var parts = kind.Group.Split('.');
        Array.Reverse(parts);
        return $"{string.Join('.', parts)}.{kind.Version}.{kind.Kind}";
    }
}
