using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Whether a user may do something with a signer: by its name, or with all signers of its domain
/// (pkg/apis/certificates/authorization.go IsAuthorizedForSignerName, v1.36).</summary>
internal static class SignerPermission
{
    public static bool IsGranted(IAuthorizer authorizer, AdmissionAttributes attributes, string verb, string signer) =>
        Ask(authorizer, attributes, verb, signer) || Ask(authorizer, attributes, verb, $"{signer.Split('/')[0]}/*");

    private static bool Ask(IAuthorizer authorizer, AdmissionAttributes attributes, string verb, string name) =>
        authorizer.Authorize(attributes.Context.User, new RequestInfo
        {
            IsResourceRequest = true, Path = "", Verb = verb, ApiGroup = "certificates.k8s.io", ApiVersion = "*", Resource = "signers", Name = name,
        }).Decision == Decision.Allow;
}
