namespace KubeSharp.ApiServer.Authentication;

/// <summary>Tells nodes by user name and group (pkg/auth/nodeidentifier/default.go, v1.36).</summary>
public static class NodeIdentity
{
    public const string Group = "system:nodes";
    public const string UserPrefix = "system:node:";

    /// <summary>True for a node; its name may then still be empty.</summary>
    public static bool TryGet(UserInfo user, out string nodeName)
    {
        nodeName = "";
        if (!user.Name.StartsWith(UserPrefix, StringComparison.Ordinal) || !user.IsIn(Group))
            return false;
        nodeName = user.Name[UserPrefix.Length..];
        return true;
    }
}
