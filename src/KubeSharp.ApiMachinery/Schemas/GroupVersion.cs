namespace KubeSharp.ApiMachinery.Schemas;

/// <summary>An API group at one version; the core group has the empty name. Follows apimachinery/pkg/runtime/schema.</summary>
public readonly record struct GroupVersion(string Group, string Version)
{
    /// <summary>Reads <c>v1</c> or <c>apps/v1</c>, the forms of <c>apiVersion</c>; false for anything with two slashes.</summary>
    public static bool TryParse(string apiVersion, out GroupVersion groupVersion)
    {
        var slash = apiVersion.IndexOf('/');
        groupVersion = slash < 0
            ? new GroupVersion("", apiVersion)
            : new GroupVersion(apiVersion[..slash], apiVersion[(slash + 1)..]);
        return slash < 0 || apiVersion.IndexOf('/', slash + 1) < 0;
    }

    public GroupVersionKind WithKind(string kind) => new(Group, Version, kind);

    public GroupVersionResource WithResource(string resource) => new(Group, Version, resource);

    /// <summary>The <c>apiVersion</c> form: <c>v1</c>, <c>apps/v1</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>A kind without its version; prints as <c>Deployment.apps</c>.</summary>
public readonly record struct GroupKind(string Group, string Kind)
{
    public override string ToString() => Group.Length == 0 ? Kind : $"{Kind}.{Group}";
}

/// <summary>A resource without its version; prints as <c>deployments.apps</c>.</summary>
public readonly record struct GroupResource(string Group, string Resource)
{
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}

/// <summary>A kind at one version.</summary>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    public GroupVersion GroupVersion => new(Group, Version);

    public GroupKind GroupKind => new(Group, Kind);

    /// <summary>What a document says of itself; empty where it says nothing.</summary>
    public static GroupVersionKind Of(Documents.Map document) =>
        GroupVersion.TryParse(document.GetString("apiVersion") ?? "", out var groupVersion) ? groupVersion.WithKind(document.GetString("kind") ?? "") : default;

    /// <summary>Upstream's print: <c>apps/v1, Kind=Deployment</c>.</summary>
    public override string ToString() => $"{GroupVersionPrefix}, Kind={Kind}";

    private string GroupVersionPrefix => Group.Length == 0 ? $"/{Version}" : $"{Group}/{Version}";
}

/// <summary>A resource at one version.</summary>
public readonly record struct GroupVersionResource(string Group, string Version, string Resource)
{
    public GroupVersion GroupVersion => new(Group, Version);

    public GroupResource GroupResource => new(Group, Resource);

    /// <summary>Upstream's print: <c>apps/v1, Resource=deployments</c>.</summary>
    public override string ToString() =>
        Group.Length == 0 ? $"/{Version}, Resource={Resource}" : $"{Group}/{Version}, Resource={Resource}";
}
