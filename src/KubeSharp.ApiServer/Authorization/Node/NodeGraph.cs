using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Cache;

namespace KubeSharp.ApiServer.Authorization.Node;

/// <summary>The kinds of objects that nodes reach through what runs on them.</summary>
internal enum Reference
{
    Pod,
    Secret,
    ConfigMap,
    PersistentVolumeClaim,
    PersistentVolume,
    VolumeAttachment,
    ServiceAccount,
    ResourceClaim,
    ResourceSlice,
    PodCertificateRequest,
}

/// <summary>
/// Which objects belong to which node: those that its pods name, the volumes of their claims and the secrets of those.
/// Follows the watch caches by itself. Source: plugin/pkg/auth/authorizer/node/{graph,graph_populator}.go, v1.36.
/// Safe for concurrent use.
/// </summary>
internal sealed class NodeGraph
{
    private readonly record struct Vertex(Reference Type, string Namespace, string Name);

    private sealed record Owned(string Node, string Uid, int EphemeralContainers, Value ClaimStatuses, Vertex[] References);

    private sealed record Volume(Vertex Claim, Vertex[] Secrets);

    private readonly Lock _lock = new();

    /// <summary>How many owners on a node refer to an object, by object and node.</summary>
    private readonly Dictionary<Vertex, Dictionary<string, int>> _nodes = [];
    private readonly Dictionary<Vertex, Owned> _owners = [];
    private readonly Dictionary<Vertex, Volume> _volumes = [];
    private readonly Dictionary<Vertex, List<Vertex>> _volumesBySecret = [];

    /// <summary>Whether a node may reach an object.</summary>
    public bool HasPath(string node, Reference type, string @namespace, string name)
    {
        var vertex = new Vertex(type, @namespace, name);
        lock (_lock)
        {
            if (IsOn(node, vertex))
                return true;
            if (type == Reference.PersistentVolume)
                return _volumes.TryGetValue(vertex, out var volume) && IsOn(node, volume.Claim);
            if (type != Reference.Secret || !_volumesBySecret.TryGetValue(vertex, out var volumes))
                return false;
            foreach (var used in volumes)
            {
                if (IsOn(node, _volumes[used].Claim))
                    return true;
            }

            return false;
        }
    }

    /// <summary>Follows one cache until cancelled.</summary>
    public async Task FollowAsync(WatchCache cache, Reference type, CancellationToken cancellationToken)
    {
        const int Capacity = 10_000;
        while (!cancellationToken.IsCancellationRequested)
        {
            var (watcher, initial) = cache.Watch(null, Capacity, WatchScope.All);
            using (watcher)
            {
                lock (_lock)
                {
                    // Nothing is known of what happened since a watch before this one ended.
                    foreach (var stale in _owners.Keys.Where(v => v.Type == type).ToList())
                        RemoveOwner(stale);
                    foreach (var stale in _volumes.Keys.Where(v => v.Type == type).ToList())
                        RemoveVolume(stale);
                }

                foreach (var cached in initial!.Snapshot)
                    Apply(type, cached, deleted: false);
                while (await watcher.WaitAsync(cancellationToken).ConfigureAwait(false))
                {
                    while (watcher.TryRead(out var change))
                        Apply(type, change.Object, change.Type == WatchEventType.Deleted);
                }
            }
        }
    }

    private void Apply(Reference type, CachedObject cached, bool deleted) => Apply(type, cached.Namespace, cached.Name, cached.Tree(), deleted);

    /// <summary>Takes in the state of one object, or that it is gone.</summary>
    internal void Apply(Reference type, string @namespace, string name, Map tree, bool deleted)
    {
        var vertex = new Vertex(type, @namespace, name);
        lock (_lock)
        {
            if (type == Reference.PersistentVolume)
            {
                RemoveVolume(vertex);
                if (!deleted)
                    AddVolume(vertex, tree);
            }
            else if (deleted)
            {
                RemoveOwner(vertex);
            }
            else
            {
                AddOwner(vertex, tree);
            }
        }
    }

    private bool IsOn(string node, Vertex vertex) => _nodes.TryGetValue(vertex, out var nodes) && nodes.ContainsKey(node);

    private void AddOwner(Vertex vertex, Map tree)
    {
        var spec = tree.GetMap("spec");
        var node = spec?.GetString("nodeName") ?? "";
        if (node.Length == 0)
        {
            RemoveOwner(vertex);
            return;
        }

        var uid = tree.GetMap("metadata")?.GetString("uid") ?? "";
        var ephemeral = spec?.GetSequence("ephemeralContainers")?.Count ?? 0;
        var claims = tree.GetMap("status")?["resourceClaimStatuses"] ?? default;
        if (_owners.TryGetValue(vertex, out var known))
        {
            if (known.Node == node && known.Uid == uid && known.EphemeralContainers == ephemeral && known.ClaimStatuses == claims)
                return;
            RemoveOwner(vertex);
        }

        var references = new List<Vertex> { vertex };
        if (vertex.Type == Reference.Pod)
            PodReferences.Visit(tree, (type, name) => references.Add(new Vertex(type, vertex.Namespace, name)));
        _owners.Add(vertex, new Owned(node, uid, ephemeral, claims, [.. references]));
        foreach (var reference in references)
        {
            if (!_nodes.TryGetValue(reference, out var nodes))
                _nodes.Add(reference, nodes = new Dictionary<string, int>(1, StringComparer.Ordinal));
            nodes[node] = nodes.GetValueOrDefault(node) + 1;
        }
    }

    private void RemoveOwner(Vertex vertex)
    {
        if (!_owners.Remove(vertex, out var owned))
            return;
        foreach (var reference in owned.References)
        {
            var nodes = _nodes[reference];
            if (--nodes[owned.Node] > 0)
                continue;
            nodes.Remove(owned.Node);
            if (nodes.Count == 0)
                _nodes.Remove(reference);
        }
    }

    private void AddVolume(Vertex vertex, Map tree)
    {
        if (tree.GetMap("spec")?.GetMap("claimRef") is not { } claim)
            return;
        var claimNamespace = claim.GetString("namespace") ?? "";
        var secrets = new List<Vertex>();
        VolumeSecrets.Visit(tree, claimNamespace, (@namespace, name) => secrets.Add(new Vertex(Reference.Secret, @namespace, name)));
        _volumes.Add(vertex, new Volume(new Vertex(Reference.PersistentVolumeClaim, claimNamespace, claim.GetString("name") ?? ""), [.. secrets]));
        foreach (var secret in secrets)
        {
            if (!_volumesBySecret.TryGetValue(secret, out var volumes))
                _volumesBySecret.Add(secret, volumes = []);
            volumes.Add(vertex);
        }
    }

    private void RemoveVolume(Vertex vertex)
    {
        if (!_volumes.Remove(vertex, out var volume))
            return;
        foreach (var secret in volume.Secrets)
        {
            var volumes = _volumesBySecret[secret];
            volumes.Remove(vertex);
            if (volumes.Count == 0)
                _volumesBySecret.Remove(secret);
        }
    }
}
