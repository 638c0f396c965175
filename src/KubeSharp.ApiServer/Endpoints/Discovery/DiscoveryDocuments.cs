using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Discovery;

/// <summary>
/// The discovery documents as trees, made from the table of served resources.
/// Source: apiserver/pkg/endpoints/discovery (legacy), .../discovery/aggregated, v1.36; KEP-3352.
/// </summary>
public sealed class DiscoveryDocuments(ServedResources served)
{
    /// <summary>The versions of a group in order of preference.</summary>
    private sealed record Group(string Name, IReadOnlyList<string> Versions);

    /// <summary>What is left of a custom resource whose definition is being deleted (customresource_discovery_controller.go).</summary>
    private static readonly string[] TerminatingVerbs = ["delete", "deletecollection", "get", "list", "watch"];

    private volatile GroupState? _state;

    /// <summary>The groups of one state of the served resources.</summary>
    private sealed record GroupState(IReadOnlyList<ServedResource> All, List<Group> Groups);

    private List<Group> Groups
    {
        get
        {
            var all = served.All;
            if (_state is not { } state || !ReferenceEquals(state.All, all))
            {
                _state = state = new GroupState(all, [.. all
                    .GroupBy(r => r.Resource.Group)
                    .Where(g => g.Key.Length > 0)
                    .Select(g => new Group(g.Key, [.. g.Select(r => r.GroupVersion.Version).Distinct().OrderBy(KubeVersions.Rank).ThenBy(v => v, StringComparer.Ordinal)]))]);
            }

            return state.Groups;
        }
    }

    /// <summary><c>/apis</c>.</summary>
    public Map GroupList()
    {
        var groups = new Sequence();
        foreach (var group in Groups)
            groups.Add(GroupEntry(group));
        return new Map(3) { { "kind", "APIGroupList" }, { "apiVersion", "v1" }, { "groups", groups } };
    }

    /// <summary><c>/apis/{group}</c>, or null.</summary>
    public Map? GroupDocument(string name)
    {
        if (Groups.Find(g => g.Name == name) is not { } group)
            return null;
        var document = new Map(5) { { "kind", "APIGroup" }, { "apiVersion", "v1" } };
        foreach (var (key, value) in GroupEntry(group))
            document.Set(key, value);
        return document;
    }

    /// <summary><c>/api</c>.</summary>
    public static Map CoreVersions(string serverAddress)
    {
        var versions = new Sequence(1);
        versions.Add("v1");
        var addresses = new Sequence(1);
        addresses.Add(new Map(2) { { "clientCIDR", "0.0.0.0/0" }, { "serverAddress", serverAddress } });
        return new Map(3) { { "kind", "APIVersions" }, { "versions", versions }, { "serverAddressByClientCIDRs", addresses } };
    }

    /// <summary><c>/api/v1</c> or <c>/apis/{group}/{version}</c>, or null.</summary>
    public Map? ResourceList(GroupVersion groupVersion)
    {
        var found = served.All.Where(r => r.GroupVersion == groupVersion).ToList();
        if (found.Count == 0)
            return null;
        var entries = new List<(string Name, Map Entry)>();
        foreach (var resource in found)
        {
            entries.Add((resource.Resource.Resource, ResourceEntry(resource)));
            // Those of custom resources stay where they are, the status first.
            foreach (var subresource in resource.Resource.Subresources)
                entries.Add((resource.IsCustom ? resource.Resource.Resource : $"{resource.Resource.Resource}/{subresource.Name}", SubresourceEntry(resource.Resource, subresource)));
        }

        var resources = new Sequence(entries.Count);
        foreach (var (_, entry) in entries.OrderBy(e => e.Name, StringComparer.Ordinal))
            resources.Add(entry);
        var document = new Map(4) { { "kind", "APIResourceList" } };
        // Only groups carry their own version; the core document of old has none.
        if (groupVersion.Group.Length > 0)
            document.Set("apiVersion", "v1");
        document.Set("groupVersion", groupVersion.ToString());
        document.Set("resources", resources);
        return document;
    }

    /// <summary>The aggregated document of <c>/api</c> (core) or <c>/apis</c> (everything else).</summary>
    public Map Aggregated(bool core)
    {
        var items = new Sequence();
        if (core)
        {
            items.Add(new Map(2) { { "metadata", new Map(0) }, { "versions", AggregatedVersions(new Group("", ["v1"])) } });
        }
        else
        {
            foreach (var group in Groups)
            {
                items.Add(new Map(2)
                {
                    { "metadata", new Map(1) { { "name", group.Name } } },
                    { "versions", AggregatedVersions(group) },
                });
            }
        }

        return new Map(4)
        {
            { "kind", "APIGroupDiscoveryList" },
            { "apiVersion", "apidiscovery.k8s.io/v2" },
            { "metadata", new Map(0) },
            { "items", items },
        };
    }

    /// <summary>All group versions that are served, for <c>/</c>.</summary>
    public IEnumerable<GroupVersion> GroupVersions() => served.All.Select(r => r.GroupVersion).Distinct();

    private Sequence AggregatedVersions(Group group)
    {
        var versions = new Sequence();
        foreach (var version in group.Versions)
        {
            var resources = new Sequence();
            foreach (var resource in served.All
                .Where(r => r.Resource.Group == group.Name && r.GroupVersion.Version == version)
                .OrderBy(r => r.Resource.Resource, StringComparer.Ordinal))
            {
                resources.Add(AggregatedResource(resource));
            }

            versions.Add(new Map(3) { { "version", version }, { "resources", resources }, { "freshness", "Current" } });
        }

        return versions;
    }

    private static Map AggregatedResource(ServedResource served)
    {
        var resource = served.Resource;
        // Definitions say the group and version of their kinds, built-in resources leave them to the place.
        var (group, version) = served.IsCustom ? (served.GroupVersion.Group, served.GroupVersion.Version) : ("", "");
        var entry = new Map(8)
        {
            { "resource", resource.Resource },
            { "responseKind", ResponseKind(group, version, resource.Kind) },
            { "scope", resource.Namespaced ? "Namespaced" : "Cluster" },
            { "singularResource", resource.Singular },
            { "verbs", Strings(VerbsOf(served)) },
        };
        if (resource.ShortNames.Count > 0)
            entry.Set("shortNames", Strings(resource.ShortNames));
        if (resource.Categories.Count > 0)
            entry.Set("categories", Strings(resource.Categories));
        if (resource.Subresources.Count > 0)
        {
            var subresources = new Sequence();
            foreach (var subresource in served.IsCustom ? resource.Subresources : [.. resource.Subresources.OrderBy(s => s.Name, StringComparer.Ordinal)])
            {
                subresources.Add(new Map(3)
                {
                    { "subresource", subresource.Name },
                    { "responseKind", ResponseKind(subresource.GroupVersion?.Group ?? group, subresource.GroupVersion?.Version ?? version, KindOf(resource, subresource)) },
                    { "verbs", Strings(subresource.Verbs) },
                });
            }

            entry.Set("subresources", subresources);
        }

        return entry;
    }

    private static Map ResponseKind(string group, string version, string kind) =>
        new(3) { { "group", group }, { "version", version }, { "kind", kind } };

    private static Map GroupEntry(Group group)
    {
        var versions = new Sequence(group.Versions.Count);
        foreach (var version in group.Versions)
            versions.Add(Version(group.Name, version));
        return new Map(3) { { "name", group.Name }, { "versions", versions }, { "preferredVersion", Version(group.Name, group.Versions[0]) } };
    }

    private static Map Version(string group, string version) =>
        new(2) { { "groupVersion", $"{group}/{version}" }, { "version", version } };

    private static IReadOnlyList<string> VerbsOf(ServedResource served) => served.IsTerminating ? TerminatingVerbs : served.Resource.Verbs;

    private static Map ResourceEntry(ServedResource served)
    {
        var resource = served.Resource;
        var entry = new Map(8)
        {
            { "name", resource.Resource },
            { "singularName", resource.Singular },
            { "namespaced", resource.Namespaced },
            { "kind", resource.Kind },
            { "verbs", Strings(VerbsOf(served)) },
        };
        if (resource.ShortNames.Count > 0)
            entry.Set("shortNames", Strings(resource.ShortNames));
        if (resource.Categories.Count > 0)
            entry.Set("categories", Strings(resource.Categories));
        if (!resource.Virtual)
            entry.Set("storageVersionHash", resource.StorageVersionHash);
        return entry;
    }

    private static Map SubresourceEntry(ApiResource resource, Subresource subresource)
    {
        var entry = new Map(7) { { "name", $"{resource.Resource}/{subresource.Name}" }, { "singularName", "" }, { "namespaced", resource.Namespaced } };
        if (subresource.GroupVersion is { } groupVersion)
        {
            entry.Set("group", groupVersion.Group);
            entry.Set("version", groupVersion.Version);
        }

        entry.Set("kind", KindOf(resource, subresource));
        entry.Set("verbs", Strings(subresource.Verbs));
        return entry;
    }

    private static string KindOf(ApiResource resource, Subresource subresource) => subresource.Kind.Length > 0 ? subresource.Kind : resource.Kind;

    private static Sequence Strings(IReadOnlyList<string> items)
    {
        var sequence = new Sequence(items.Count);
        foreach (var item in items)
            sequence.Add(item);
        return sequence;
    }
}
