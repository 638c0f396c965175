using System.CommandLine;
using System.Net;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiServer.Options;

namespace KubeSharp.Commands;

/// <summary>kube-apiserver's flags, by upstream's names (cmd/kube-apiserver/app/options, v1.36).</summary>
internal sealed class ApiServerFlags
{
    private readonly Option<string> _dataDirectory = new("--data-dir") { Description = "Where the embedded store, certificates and kubeconfigs live.", DefaultValueFactory = _ => DefaultDataDirectory };
    private readonly Option<string> _bindAddress = new("--bind-address") { Description = "The address to listen on.", DefaultValueFactory = _ => "0.0.0.0" };
    private readonly Option<string> _advertiseAddress = new("--advertise-address") { Description = "The address to tell the members of the cluster.", DefaultValueFactory = _ => "" };
    private readonly Option<int> _securePort = new("--secure-port") { Description = "The port for HTTPS.", DefaultValueFactory = _ => 6443 };
    private readonly Option<string> _tlsCertFile = new("--tls-cert-file") { Description = "The serving certificate; made below the data directory when absent.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _tlsKeyFile = new("--tls-private-key-file") { Description = "The key of --tls-cert-file.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _clientCaFile = new("--client-ca-file") { Description = "Authorities of client certificates.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _tokenAuthFile = new("--token-auth-file") { Description = "Static tokens: token,user,uid,\"group1,group2\".", DefaultValueFactory = _ => "" };
    private readonly Option<bool> _anonymousAuth = new("--anonymous-auth") { Description = "Let requests without credentials in as system:anonymous.", DefaultValueFactory = _ => true };
    private readonly Option<string> _authorizationMode = new("--authorization-mode") { Description = "Authorization modes in order.", DefaultValueFactory = _ => "Node,RBAC" };
    private readonly Option<string> _enableAdmission = new("--enable-admission-plugins") { Description = "Admission plugins besides the default ones.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _disableAdmission = new("--disable-admission-plugins") { Description = "Default admission plugins to leave out.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _admissionConfig = new("--admission-control-config-file") { Description = "Configuration of admission plugins.", DefaultValueFactory = _ => "" };
    private readonly Option<long> _notReadySeconds = new("--default-not-ready-toleration-seconds") { Description = "How long pods stay on a node that is not ready.", DefaultValueFactory = _ => 300 };
    private readonly Option<long> _unreachableSeconds = new("--default-unreachable-toleration-seconds") { Description = "How long pods stay on a node that cannot be reached.", DefaultValueFactory = _ => 300 };
    private readonly Option<string> _serviceRange = new("--service-cluster-ip-range") { Description = "The range of cluster IPs.", DefaultValueFactory = _ => "10.96.0.0/12" };
    private readonly Option<string> _nodePortRange = new("--service-node-port-range") { Description = "The range of node ports.", DefaultValueFactory = _ => "30000-32767" };
    private readonly Option<string[]> _issuer = new("--service-account-issuer") { Description = "The issuers of service account tokens; the first one signs.", DefaultValueFactory = _ => ["https://kubernetes.default.svc.cluster.local"] };
    private readonly Option<string> _audiences = new("--api-audiences") { Description = "Whom tokens for this server are meant for; the issuers when absent.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _maxTokenExpiration = new("--service-account-max-token-expiration") { Description = "The longest life of a service account token.", DefaultValueFactory = _ => "0s" };
    private readonly Option<bool> _extendTokens = new("--service-account-extend-token-expiration") { Description = "Let pods' tokens live on after the hour that they ask for.", DefaultValueFactory = _ => true };
    private readonly Option<string> _jwksUri = new("--service-account-jwks-uri") { Description = "Where the key set of service account tokens is published.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _proxyCaFile = new("--requestheader-client-ca-file") { Description = "Authorities of trusted proxies' client certificates.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _proxyNames = new("--requestheader-allowed-names") { Description = "Common names that trusted proxies may have.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _proxyUserHeaders = new("--requestheader-username-headers") { Description = "Headers in which trusted proxies name users.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _proxyUidHeaders = new("--requestheader-uid-headers") { Description = "Headers in which trusted proxies give users' uids.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _proxyGroupHeaders = new("--requestheader-group-headers") { Description = "Headers in which trusted proxies name groups.", DefaultValueFactory = _ => "" };
    private readonly Option<string> _proxyExtraPrefixes = new("--requestheader-extra-headers-prefix") { Description = "What the headers for further facts of users begin with.", DefaultValueFactory = _ => "" };
    private readonly Option<bool> _bootstrapTokens = new("--enable-bootstrap-token-auth") { Description = "Let nodes join with tokens in Secrets of kube-system.", DefaultValueFactory = _ => false };
    private readonly Option<string> _signingKey = new("--service-account-signing-key-file") { Description = "The key that signs service account tokens.", DefaultValueFactory = _ => "" };
    private readonly Option<string[]> _accountKeys = new("--service-account-key-file") { Description = "Keys that verify service account tokens.", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _runtimeConfig = new("--runtime-config") { Description = "API versions to turn on or off: api/all=true, apps/v1=false ...", DefaultValueFactory = _ => [] };

    private readonly EtcdFlags _etcd = new();
    private readonly ServingFlags _serving = new();
    private readonly Option<string> _encryptionConfig = new("--encryption-provider-config") { Description = "The file with the providers of encryption at rest.", DefaultValueFactory = _ => "" };
    private readonly Option<bool> _encryptionReload = new("--encryption-provider-config-automatic-reload") { Description = "Read that file again when it changes.", DefaultValueFactory = _ => false };

    /// <summary>Flags of kube-apiserver that are known and have no effect here yet; taken, and said once in the log.</summary>
    private static readonly string[] Accepted =
    [
        "--allow-privileged", "--kubelet-client-certificate", "--kubelet-client-key", "--kubelet-preferred-address-types",
        "--proxy-client-cert-file", "--proxy-client-key-file",
        "--enable-priority-and-fairness", "--v",
    ];

    private readonly List<Option<string?>> _accepted = [.. Accepted.Select(name => new Option<string?>(name) { Hidden = true, Arity = ArgumentArity.ZeroOrOne })];

    /// <summary>Where a server keeps its things that is not told where.</summary>
    internal static string DefaultDataDirectory => Path.Combine(Environment.CurrentDirectory, ".kubesharp");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_dataDirectory, _bindAddress, _advertiseAddress, _securePort, _tlsCertFile, _tlsKeyFile, _clientCaFile, _tokenAuthFile, _anonymousAuth, _authorizationMode, _enableAdmission, _disableAdmission, _admissionConfig, _notReadySeconds, _unreachableSeconds, _serviceRange, _nodePortRange, _issuer, _audiences, _maxTokenExpiration, _extendTokens, _jwksUri, _bootstrapTokens, _proxyCaFile, _proxyNames, _proxyUserHeaders, _proxyUidHeaders, _proxyGroupHeaders, _proxyExtraPrefixes, _signingKey, _accountKeys, _runtimeConfig, _encryptionConfig, _encryptionReload])
            command.Options.Add(option);
        _etcd.AddTo(command);
        _serving.AddTo(command);
        foreach (var option in _accepted)
            command.Options.Add(option);
    }

    /// <summary>The flags that were given and do nothing yet.</summary>
    public IEnumerable<string> WithoutEffect(ParseResult result) =>
        _accepted.Where(o => result.GetResult(o) is not null).Select(o => o.Name);

    /// <exception cref="FormatException">A value that cannot be read.</exception>
    public ApiServerOptions Read(ParseResult result)
    {
        var range = result.GetValue(_nodePortRange)!.Split('-', 2);
        var advertise = result.GetValue(_advertiseAddress)!;
        var options = new ApiServerOptions
        {
            DataDirectory = Path.GetFullPath(result.GetValue(_dataDirectory)!),
            BindAddress = IPAddress.Parse(result.GetValue(_bindAddress)!),
            AdvertiseAddress = advertise.Length > 0 ? IPAddress.Parse(advertise) : null,
            SecurePort = result.GetValue(_securePort),
            TlsCertFile = result.GetValue(_tlsCertFile)!,
            TlsPrivateKeyFile = result.GetValue(_tlsKeyFile)!,
            ClientCaFile = result.GetValue(_clientCaFile)!,
            TokenAuthFile = result.GetValue(_tokenAuthFile)!,
            AnonymousAuth = result.GetValue(_anonymousAuth),
            AuthorizationModes = Words(result.GetValue(_authorizationMode)!),
            EnableAdmissionPlugins = Words(result.GetValue(_enableAdmission)!),
            DisableAdmissionPlugins = Words(result.GetValue(_disableAdmission)!),
            EncryptionProviderConfig = result.GetValue(_encryptionConfig)!,
            EncryptionProviderConfigAutomaticReload = result.GetValue(_encryptionReload),
            AdmissionControlConfigFile = result.GetValue(_admissionConfig)!,
            DefaultNotReadyTolerationSeconds = result.GetValue(_notReadySeconds),
            DefaultUnreachableTolerationSeconds = result.GetValue(_unreachableSeconds),
            ServiceClusterIpRange = result.GetValue(_serviceRange)!,
            ServiceNodePortRange = (int.Parse(range[0]), int.Parse(range[1])),
            ServiceAccountIssuers = result.GetValue(_issuer)!,
            ApiAudiences = Words(result.GetValue(_audiences)!),
            ServiceAccountMaxTokenExpiration = GoDuration.ParseOrNull(result.GetValue(_maxTokenExpiration)!) ?? throw new FormatException("--service-account-max-token-expiration is not a duration"),
            ServiceAccountExtendTokenExpiration = result.GetValue(_extendTokens),
            ServiceAccountJwksUri = result.GetValue(_jwksUri)!,
            EnableBootstrapTokenAuth = result.GetValue(_bootstrapTokens),
            RequestHeader = new RequestHeaderOptions
            {
                ClientCaFile = result.GetValue(_proxyCaFile)!,
                AllowedNames = Words(result.GetValue(_proxyNames)!),
                UsernameHeaders = Words(result.GetValue(_proxyUserHeaders)!),
                UidHeaders = Words(result.GetValue(_proxyUidHeaders)!),
                GroupHeaders = Words(result.GetValue(_proxyGroupHeaders)!),
                ExtraHeaderPrefixes = Words(result.GetValue(_proxyExtraPrefixes)!),
            },
            Etcd = _etcd.Read(result),
            ServiceAccountSigningKeyFile = result.GetValue(_signingKey)!,
            ServiceAccountKeyFiles = result.GetValue(_accountKeys)!,
            RuntimeConfig = result.GetValue(_runtimeConfig)!
                .SelectMany(Words)
                .Select(entry => entry.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair.Length < 2 || bool.Parse(pair[1]), StringComparer.Ordinal),
        };
        return _serving.Apply(options, result);
    }

    private static string[] Words(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
