using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authentication.ServiceAccounts;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Serving;

namespace KubeSharp.ApiServer.Authentication;

/// <summary>
/// The authenticators that the flags ask for, in upstream's order (pkg/kubeapiserver/authenticator/config.go, v1.36).
/// </summary>
/// <param name="Authenticator">All of them as one.</param>
/// <param name="Tokens">Those of bearer tokens, which TokenReview asks.</param>
public sealed record AuthenticatorChain(UnionAuthenticator Authenticator, BearerTokenAuthenticator Tokens)
{
    internal static AuthenticatorChain Build(ApiServerOptions options, ServerCertificates certificates, ServedResources resources, TimeProvider time)
    {
        ResourceStore Store(string resource) => resources.Find(new GroupVersionResource("", "v1", resource))!.Store;
        var kinds = new List<ITokenAuthenticator>();
        if (options.TokenAuthFile.Length > 0)
            kinds.Add(TokenFileAuthenticator.Load(options.TokenAuthFile));
        var objects = new TokenObjects(Store("serviceaccounts"), Store("secrets"), Store("pods"), Store("nodes"));
        kinds.Add(new ServiceAccountTokenAuthenticator(options.ServiceAccountIssuers, options.EffectiveApiAudiences, certificates.TokenKeys, objects, time));
        if (options.EnableBootstrapTokenAuth)
            kinds.Add(new BootstrapTokenAuthenticator(Store("secrets"), time));
        var tokens = new BearerTokenAuthenticator(kinds, options.EffectiveApiAudiences);

        var authenticators = new List<IAuthenticator>();
        if (options.RequestHeader.ClientCaFile.Length > 0)
        {
            var proxies = new X509Certificate2Collection();
            proxies.ImportFromPemFile(options.RequestHeader.ClientCaFile);
            authenticators.Add(new RequestHeaderAuthenticator(options.RequestHeader, proxies, time));
        }

        if (certificates.ClientAuthorities.Count > 0)
            authenticators.Add(new ClientCertificateAuthenticator(certificates.ClientAuthorities, time));
        authenticators.Add(tokens);
        return new AuthenticatorChain(new UnionAuthenticator(authenticators, options.AnonymousAuth), tokens);
    }
}
