namespace KubeSharp.Storage.Etcd;

/// <summary>Where etcd is and how to talk to it (apiserver/pkg/storage/storagebackend TransportConfig, factory/etcd3.go, v1.36).</summary>
public sealed record EtcdStoreOptions
{
    /// <summary>The client addresses of the members: <c>http://</c>, <c>https://</c> or <c>unix://</c>; a bare host and port is http.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>What stands in etcd for the <c>/registry</c> that keys here begin with (<c>--etcd-prefix</c>).</summary>
    public string Prefix { get; init; } = EtcdKeys.Registry;

    /// <summary>PEM of the authorities that signed the members' certificates; empty: the system's.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>PEM of the client certificate; empty: none.</summary>
    public string CertFile { get; init; } = "";

    public string KeyFile { get; init; } = "";

    /// <summary>Whether watches bring the state before each change, which costs as many bytes again.</summary>
    public bool PreviousValues { get; init; } = true;

    /// <summary>How long a read may take at one member before another is asked.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a write may take; after that its outcome is not known. etcd itself gives up after 5 s and two elections.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a quiet connection is tried, and how long its answer may take (upstream: 30 s, 10 s).</summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
