namespace KubeSharp.ApiServer.Options;

/// <summary>How a trusted proxy names users: the <c>--requestheader-*</c> flags (apiserver/pkg/server/options/authentication.go, v1.36).</summary>
public sealed record RequestHeaderOptions
{
    /// <summary>The authorities of proxies' client certificates; empty: no proxy is trusted.</summary>
    public string ClientCaFile { get; init; } = "";

    /// <summary>The common names that proxies may have; empty: any.</summary>
    public IReadOnlyList<string> AllowedNames { get; init; } = [];

    public IReadOnlyList<string> UsernameHeaders { get; init; } = [];

    public IReadOnlyList<string> UidHeaders { get; init; } = [];

    public IReadOnlyList<string> GroupHeaders { get; init; } = [];

    public IReadOnlyList<string> ExtraHeaderPrefixes { get; init; } = [];
}
