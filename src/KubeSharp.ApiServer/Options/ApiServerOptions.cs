using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace KubeSharp.ApiServer.Options;

/// <summary>
/// How the API server runs: upstream's flags of kube-apiserver that exist here, parsed once, then immutable.
/// An empty path means that the server makes the thing itself below <see cref="DataDirectory"/>.
/// Source: cmd/kube-apiserver/app/options, apiserver/pkg/server/options, v1.36.
/// </summary>
public sealed record ApiServerOptions
{
    /// <summary>Where the embedded store, certificates and kubeconfigs live (<c>--data-dir</c>; ours).</summary>
    public required string DataDirectory { get; init; }

    public IPAddress BindAddress { get; init; } = IPAddress.Any;

    public IPAddress? AdvertiseAddress { get; init; }

    public int SecurePort { get; init; } = 6443;

    public string TlsCertFile { get; init; } = "";

    public string TlsPrivateKeyFile { get; init; } = "";

    public string ClientCaFile { get; init; } = "";

    public string TokenAuthFile { get; init; } = "";

    public bool AnonymousAuth { get; init; } = true;

    public IReadOnlyList<string> AuthorizationModes { get; init; } = ["Node", "RBAC"];

    public IReadOnlyList<string> AuthorizationAlwaysAllowPaths { get; init; } = [];

    public IReadOnlyList<string> EnableAdmissionPlugins { get; init; } = [];

    public IReadOnlyList<string> DisableAdmissionPlugins { get; init; } = [];

    /// <summary>The file with plugins' configuration; empty: all have their defaults.</summary>
    public string AdmissionControlConfigFile { get; init; } = "";

    /// <summary>The plugins that were asked for by name and do nothing yet.</summary>
    public IEnumerable<string> AdmissionPluginsWithoutEffect =>
        EnableAdmissionPlugins.Where(static name => Admission.AdmissionPluginTable.Find(name)?.State == Admission.PluginState.NotYet);

    /// <summary>How long pods stay on a node that is not ready unless they say otherwise.</summary>
    public long DefaultNotReadyTolerationSeconds { get; init; } = 300;

    /// <summary>How long pods stay on a node that cannot be reached unless they say otherwise.</summary>
    public long DefaultUnreachableTolerationSeconds { get; init; } = 300;

    public string ServiceClusterIpRange { get; init; } = "10.96.0.0/12";

    public (int From, int To) ServiceNodePortRange { get; init; } = (30000, 32767);

    /// <summary>The issuers of service account tokens: the first signs, all are believed.</summary>
    public IReadOnlyList<string> ServiceAccountIssuers { get; init; } = ["https://kubernetes.default.svc.cluster.local"];

    /// <summary>Whom tokens for this server are meant for; empty: its issuers.</summary>
    public IReadOnlyList<string> ApiAudiences { get; init; } = [];

    public IReadOnlyList<string> EffectiveApiAudiences => ApiAudiences.Count > 0 ? ApiAudiences : ServiceAccountIssuers;

    /// <summary>The longest life of a token; zero: as requested.</summary>
    public TimeSpan ServiceAccountMaxTokenExpiration { get; init; }

    /// <summary>Whether pods' usual tokens live a year in fact, with a warning after the hour that they asked for.</summary>
    public bool ServiceAccountExtendTokenExpiration { get; init; } = true;

    /// <summary>Where the key set is; empty: this server's own path.</summary>
    public string ServiceAccountJwksUri { get; init; } = "";

    public bool EnableBootstrapTokenAuth { get; init; }

    public RequestHeaderOptions RequestHeader { get; init; } = new();

    public string ServiceAccountSigningKeyFile { get; init; } = "";

    public IReadOnlyList<string> ServiceAccountKeyFiles { get; init; } = [];

    /// <summary>group/version=true|false, api/all, api/ga, api/beta, api/alpha.</summary>
    public IReadOnlyDictionary<string, bool> RuntimeConfig { get; init; } = new Dictionary<string, bool>();

    /// <summary>The file with the providers of encryption at rest; empty: none.</summary>
    public string EncryptionProviderConfig { get; init; } = "";

    /// <summary>Whether that file is read again when it changes.</summary>
    public bool EncryptionProviderConfigAutomaticReload { get; init; }

    /// <summary>How often it is looked at (upstream's EncryptionConfigFileChangePollDuration; no flag).</summary>
    public TimeSpan EncryptionConfigPollInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a request may take that is no watch, log or connection.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A watch that does not say how long it wants to last lasts so long, or up to twice.</summary>
    public TimeSpan MinRequestTimeout { get; init; } = TimeSpan.FromSeconds(1800);

    /// <summary>How long the server goes on as before when it is told to stop, so that load balancers see that it is not ready.</summary>
    public TimeSpan ShutdownDelayDuration { get; init; }

    /// <summary>Whether new requests get 429 and an answer while the last ones end, instead of a closed port.</summary>
    public bool ShutdownSendRetryAfter { get; init; }

    /// <summary>Over how long watches are ended when the server stops; zero: all at once.</summary>
    public TimeSpan ShutdownWatchTerminationGracePeriod { get; init; }

    /// <summary>Who writes the endpoints of the kubernetes Service: <c>lease</c>, or <c>none</c>.</summary>
    public string EndpointReconcilerType { get; init; } = "lease";

    public TimeSpan EventTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The store.</summary>
    public EtcdOptions Etcd { get; init; } = new();

    /// <summary>The address that clients reach the server by.</summary>
    public IPAddress PublicAddress => AdvertiseAddress ?? (BindAddress.Equals(IPAddress.Any) || BindAddress.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback : BindAddress);

    /// <summary>The address that members of the cluster reach the server by: what is advertised or bound, else that of the
    /// machine; null on a machine that has nothing but loopback (apimachinery/pkg/util/net ResolveBindAddress).</summary>
    public IPAddress? ClusterAddress
    {
        get
        {
            var address = AdvertiseAddress ?? BindAddress;
            if (!IPAddress.IsLoopback(address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
                return address;
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                // The interface with a default route first.
                .OrderByDescending(i => i.GetIPProperties().GatewayAddresses.Count > 0)
                .SelectMany(i => i.GetIPProperties().UnicastAddresses)
                .Select(a => a.Address)
                .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        }
    }

    /// <returns>All that is wrong with the options, in upstream's words where it has some.</returns>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (SecurePort is < 1 or > 65535)
            errors.Add($"--secure-port {SecurePort} must be between 1 and 65535, inclusive. It cannot be turned off with 0");
        if (!IPNetwork.TryParse(ServiceClusterIpRange.Split(',')[0], out _))
            errors.Add($"--service-cluster-ip-range: {ServiceClusterIpRange} is not a valid CIDR");
        if (TlsCertFile.Length > 0 != TlsPrivateKeyFile.Length > 0)
            errors.Add("--tls-cert-file and --tls-private-key-file must be given together");
        Etcd.Validate(errors);
        ValidateServing(errors);
        ValidateAuthorization(errors);
        Admission.AdmissionPlugins.ValidateFlags(EnableAdmissionPlugins, DisableAdmissionPlugins, errors);
        if (ServiceAccountIssuers.Count == 0 || ServiceAccountIssuers.Any(issuer => issuer.Length == 0))
            errors.Add("service-account-issuer is a required flag");
        if (EncryptionProviderConfig.Length == 0 && EncryptionProviderConfigAutomaticReload)
            errors.Add("--encryption-provider-config-automatic-reload must be set with --encryption-provider-config");

        return errors;
    }

    // server_run_options.go Validate, cmd/kube-apiserver/app/options/options.go.
    private void ValidateServing(List<string> errors)
    {
        if (RequestTimeout < TimeSpan.Zero)
            errors.Add("--request-timeout can not be negative value");
        if (MinRequestTimeout < TimeSpan.Zero)
            errors.Add("--min-request-timeout can not be negative value");
        if (ShutdownDelayDuration < TimeSpan.Zero)
            errors.Add("--shutdown-delay-duration can not be negative value");
        if (ShutdownWatchTerminationGracePeriod < TimeSpan.Zero)
            errors.Add("shutdown-watch-termination-grace-period, if provided, can not be a negative value");
        if (EndpointReconcilerType is not ("lease" or "none"))
            errors.Add(EndpointReconcilerType == "master-count" ? "--endpoint-reconciler-type master-count is not supported" : $"--endpoint-reconciler-type: unknown endpoint reconciler type {EndpointReconcilerType}");
    }

    private void ValidateAuthorization(List<string> errors)
    {
        if (AuthorizationModes.Count == 0)
            errors.Add("at least one authorization-mode must be passed");
        foreach (var mode in AuthorizationModes)
        {
            // Refused rather than left out: who asks for a mode relies on it.
            if (mode is "ABAC" or "Webhook")
                errors.Add($"authorization-mode {mode} is not supported yet");
            else if (mode is not ("Node" or "RBAC" or "AlwaysAllow" or "AlwaysDeny"))
                errors.Add($"authorization-mode \"{mode}\" is not a valid mode");
        }

        if (AuthorizationModes.Distinct().Count() < AuthorizationModes.Count)
            errors.Add($"authorization-mode [\"{string.Join("\" \"", AuthorizationModes)}\"] has mode specified more than once");
    }
}
