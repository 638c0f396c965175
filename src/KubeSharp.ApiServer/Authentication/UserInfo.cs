namespace KubeSharp.ApiServer.Authentication;

/// <summary>Who a request comes from (authentication/user/user.go).</summary>
public sealed record UserInfo(string Name, string Uid, IReadOnlyList<string> Groups)
{
    public const string Anonymous = "system:anonymous";
    public const string AllAuthenticated = "system:authenticated";
    public const string AllUnauthenticated = "system:unauthenticated";
    public const string PrivilegedGroup = "system:masters";

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = NoExtra;

    private static readonly Dictionary<string, IReadOnlyList<string>> NoExtra = [];

    public bool IsIn(string group) => Groups.Contains(group);
}
