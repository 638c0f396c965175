using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>The paths that are no resources: discovery, the version, and OpenID (apiserver/pkg/endpoints/discovery,
/// pkg/server/routes/version.go, pkg/routes/openidmetadata.go; v1.36).</summary>
internal static class DiscoveryPaths
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly string[] MediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

    /// <summary>The paths by the name of the document that has them.</summary>
    /// <param name="groups">The groups that are served, the core group left out.</param>
    public static IEnumerable<(string Document, OpenApiPath Path)> Roots(IEnumerable<string> groups)
    {
        yield return ("api", Get("/api/", "getCoreAPIVersions", "core", "get available API versions", MediaTypes, Meta + "APIVersions"));
        yield return ("apis", Get("/apis/", "getAPIVersions", "apis", "get available API versions", MediaTypes, Meta + "APIGroupList"));
        yield return ("version", Get("/version/", "getCodeVersion", "version", "get the version information for this server", ["application/json"], "io.k8s.apimachinery.pkg.version.Info"));
        yield return (".well-known/openid-configuration", WithoutConsumes(Get(
            "/.well-known/openid-configuration/", "getServiceAccountIssuerOpenIDConfiguration", "WellKnown", "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'", ["application/json"], "string")));
        yield return ("openid/v1/jwks", WithoutConsumes(Get(
            "/openid/v1/jwks/", "getServiceAccountIssuerOpenIDKeyset", "openid", "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)", ["application/jwk-set+json"], "string")));
        foreach (var group in groups)
            yield return ($"apis/{group}", Get($"/apis/{group}/", OperationNames.Id("get", group, "", "APIGroup"), OperationNames.Tag(group, ""), "get information of a group", MediaTypes, Meta + "APIGroup"));
    }

    /// <summary>The list of a group version's resources.</summary>
    public static OpenApiPath Resources(GroupVersion groupVersion, OpenApiFeatures features)
    {
        var (group, version) = groupVersion;
        return Get(
            ResourcePaths.Root(groupVersion), OperationNames.Id("get", group, version, "APIResources"), OperationNames.Tag(group, version), "get available resources",
            features.Cbor ? [.. MediaTypes, "application/cbor"] : MediaTypes, Meta + "APIResourceList");
    }

    private static OpenApiPath Get(string path, string id, string tag, string description, string[] mediaTypes, string type) => new(path,
    [
        new OpenApiOperation("get", id, tag, description) { Consumes = mediaTypes, Produces = mediaTypes, Responses = [new(200, "OK", type)] },
    ]);

    private static OpenApiPath WithoutConsumes(OpenApiPath path) => path with { Operations = [path.Operations[0] with { Consumes = [] }] };
}
