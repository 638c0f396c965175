using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Options;

/// <summary>Which store, and how it is kept: the <c>--etcd-*</c> flags (apiserver/pkg/server/options/etcd.go, v1.36).</summary>
public sealed record EtcdOptions
{
    private static readonly string[] Backends = ["etcd3"];
    private static readonly string[] MediaTypes = ["application/json", "application/vnd.kubernetes.protobuf", "application/yaml"];

    /// <summary>The members' addresses; none: the embedded store (ours).</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Other addresses for single resources that are compiled in: <c>group/resource#servers</c>, semicolons between the servers.</summary>
    public IReadOnlyList<string> ServersOverrides { get; init; } = [];

    /// <summary>The servers that the overrides name, each set once.</summary>
    public IReadOnlyList<IReadOnlyList<string>> OverrideServers => [.. ParseOverrides().Select(o => o.Servers).DistinctBy(SetOf)];

    /// <summary>The overridden resources, with the index of their servers in <see cref="OverrideServers"/>.</summary>
    public IReadOnlyList<(GroupResource Resource, int Servers)> Overrides
    {
        get
        {
            var sets = OverrideServers.Select(SetOf).ToList();
            return [.. ParseOverrides().Select(o => (o.Resource, sets.IndexOf(SetOf(o.Servers))))];
        }
    }

    /// <summary>What every key begins with.</summary>
    public string Prefix { get; init; } = "/registry";

    public string CaFile { get; init; } = "";

    public string CertFile { get; init; } = "";

    public string KeyFile { get; init; } = "";

    public string StorageBackend { get; init; } = "";

    public string StorageMediaType { get; init; } = "application/vnd.kubernetes.protobuf";

    /// <summary>How often the store forgets what is older than that; zero: never.</summary>
    public TimeSpan CompactionInterval { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan HealthcheckTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan ReadycheckTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the size of the store is asked for; zero: never.</summary>
    public TimeSpan DbMetricPollInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one lease takes in new keys, at most.</summary>
    public long LeaseReuseDurationSeconds { get; init; } = 60;

    /// <summary>Check all of the embedded store before it is served (ours; by the name of etcd's InitialCorruptCheck).</summary>
    public bool InitialCorruptCheck { get; init; }

    public void Validate(List<string> errors)
    {
        if (StorageBackend.Length > 0 && !Backends.Contains(StorageBackend))
            errors.Add($"--storage-backend invalid, allowed values: {string.Join(", ", Backends)}. If not specified, it will default to 'etcd3'");
        if (ServersOverrides.Count > 0 && Servers.Count == 0)
            errors.Add("--etcd-servers must be specified");
        if (ParseOverrides().Count < ServersOverrides.Count)
            errors.Add("--etcd-servers-overrides invalid, must be of format: group/resource#servers, where servers are URLs, semicolon separated");
        if (StorageMediaType.Length > 0 && !MediaTypes.Contains(StorageMediaType))
            errors.Add($"--storage-media-type \"{StorageMediaType}\" invalid, allowed values: {string.Join(", ", MediaTypes)}");
    }

    /// <summary>Those that can be read (ParseEtcdServersOverrides).</summary>
    private List<(GroupResource Resource, string[] Servers)> ParseOverrides()
    {
        var parsed = new List<(GroupResource, string[])>();
        foreach (var text in ServersOverrides)
        {
            if (text.Split('#') is [var resource, var servers] && resource.Split('/') is [var group, var name] && servers.Split(';') is var list && list.All(s => s.Length > 0))
                parsed.Add((new GroupResource(group, name), list));
        }

        return parsed;
    }

    /// <summary>The same servers in another order are the same.</summary>
    private static string SetOf(IReadOnlyList<string> servers) => string.Join(';', servers.Order(StringComparer.Ordinal));
}
