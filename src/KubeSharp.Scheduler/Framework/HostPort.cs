namespace KubeSharp.Scheduler.Framework;

/// <summary>A port of the node that a container takes. Follows <c>HostPortInfo</c> of k8s.io/kube-scheduler/framework/types.go.</summary>
internal readonly record struct HostPort(string Ip, string Protocol, int Port)
{
    public const string AnyIp = "0.0.0.0";

    /// <summary>With upstream's defaults for what is empty.</summary>
    public static HostPort Create(string ip, string protocol, int port) =>
        new(ip.Length == 0 ? AnyIp : ip, protocol.Length == 0 ? "TCP" : protocol, port);

    /// <summary>Both cannot be on one node: the same port and protocol, and one address or all.</summary>
    public bool ConflictsWith(HostPort other) =>
        Port == other.Port && Protocol == other.Protocol && (Ip == AnyIp || other.Ip == AnyIp || Ip == other.Ip);
}
