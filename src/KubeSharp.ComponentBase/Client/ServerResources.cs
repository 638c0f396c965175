using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ComponentBase.Client;

/// <summary>A resource as discovery shows it, at the version that the server prefers.</summary>
public sealed record ServerResource(GroupVersionResource Resource, string Kind, bool Namespaced, IReadOnlySet<string> Verbs);

/// <summary>Reads what a server serves from its two aggregated discovery documents (client-go/discovery/aggregated_discovery.go).</summary>
public static class ServerResources
{
    private const string Accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <summary>All resources, each once, without subresources.</summary>
    public static async Task<IReadOnlyList<ServerResource>> PreferredAsync(HttpApiClient client, CancellationToken cancellationToken)
    {
        var resources = new List<ServerResource>();
        foreach (var path in (string[])["api", "apis"])
            Read(await client.GetDocumentAsync(path, Accept, cancellationToken).ConfigureAwait(false), resources);
        return resources;
    }

    private static void Read(Map document, List<ServerResource> resources)
    {
        foreach (var item in document.GetSequence("items") ?? Sequence.Empty)
        {
            var group = item.AsMap?.GetMap("metadata")?.GetString("name") ?? "";
            var seen = new HashSet<string>(StringComparer.Ordinal);
            // Versions come in the server's order of preference.
            foreach (var version in item.AsMap?.GetSequence("versions") ?? Sequence.Empty)
            {
                var name = version.AsMap?.GetString("version") ?? "";
                foreach (var entry in version.AsMap?.GetSequence("resources") ?? Sequence.Empty)
                {
                    if (entry.AsMap is not { } resource || resource.GetString("resource") is not { } plural || !seen.Add(plural))
                        continue;
                    var verbs = (resource.GetSequence("verbs") ?? Sequence.Empty).Select(v => v.AsString ?? "").ToHashSet(StringComparer.Ordinal);
                    resources.Add(new ServerResource(
                        new GroupVersionResource(group, name, plural), resource.GetMap("responseKind")?.GetString("kind") ?? "",
                        resource.GetString("scope") == "Namespaced", verbs));
                }
            }
        }
    }
}
