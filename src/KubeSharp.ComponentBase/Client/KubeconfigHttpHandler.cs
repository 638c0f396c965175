using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Authentication;

namespace KubeSharp.ComponentBase.Client;

/// <summary>Sends requests with the credentials of a kubeconfig: client certificates in the TLS handshake, tokens (also of
/// files and exec plugins, renewed as they expire) in a header. Only the kubeconfig's CAs are trusted when it names some.</summary>
public sealed class KubeconfigHttpHandler : DelegatingHandler
{
    // As client-go sets them for HTTP/2 (apimachinery/pkg/util/net/http.go).
    private static readonly TimeSpan ReadIdleTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(15);

    private readonly ServiceClientCredentials? _credentials;
    private readonly string? _tlsServerName;

    public KubeconfigHttpHandler(KubernetesClientConfiguration configuration)
        : base(Transport(configuration))
    {
        _credentials = Kubernetes.CreateCredentials(configuration);
        _tlsServerName = configuration.TlsServerName;
    }

    /// <summary>A client for the server that a kubeconfig's current context names, at the very address that it gives (webhooks).</summary>
    /// <param name="kubeconfig">The file's path.</param>
    /// <param name="component">Names the client in the User-Agent header.</param>
    /// <exception cref="FormatException">The file says not enough, or is none.</exception>
    public static HttpClient CreateWebhookClient(string kubeconfig, string component)
    {
        try
        {
            var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
            var http = CreateClient(configuration, component);
            http.BaseAddress = new Uri(configuration.Host);
            return http;
        }
        catch (Exception exception) when (exception is IOException or k8s.Exceptions.KubeConfigException or UriFormatException or ArgumentException)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    internal static HttpClient CreateClient(KubernetesClientConfiguration configuration, string component)
    {
        var http = new HttpClient(new KubeconfigHttpHandler(configuration))
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(component, typeof(HttpApiClient).Assembly.GetName().Version?.ToString(3)));
        return http;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The handler takes the name for the handshake and the certificate's check from the Host header.
        if (!string.IsNullOrEmpty(_tlsServerName))
            request.Headers.Host = _tlsServerName;
        if (_credentials is not null)
            await _credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    [SuppressMessage("Security", "CA5359", Justification = "Only where the kubeconfig says insecure-skip-tls-verify.")]
    private static SocketsHttpHandler Transport(KubernetesClientConfiguration configuration)
    {
        var tls = new SslClientAuthenticationOptions();
        if (configuration.SkipTlsVerify)
            tls.RemoteCertificateValidationCallback = AcceptAny;
        else if (configuration.SslCaCerts is { Count: > 0 } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (ClientCertificate(configuration) is { } certificate)
        {
            tls.ClientCertificates = [certificate];
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new SocketsHttpHandler
        {
            SslOptions = tls,
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = ReadIdleTimeout,
            KeepAlivePingTimeout = PingTimeout,
        };
    }

    // Each half is in the kubeconfig (base64, or plain from an exec plugin) or in a file.
    private static X509Certificate2? ClientCertificate(KubernetesClientConfiguration configuration)
    {
        var certificate = Pem(configuration.ClientCertificateData, configuration.ClientCertificateFilePath);
        var key = Pem(configuration.ClientCertificateKeyData, configuration.ClientKeyFilePath);
        return certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key);
    }

    private static string? Pem(string? data, string? file)
    {
        if (string.IsNullOrWhiteSpace(data))
            return string.IsNullOrWhiteSpace(file) ? null : File.ReadAllText(file);
        return data.Contains("-----BEGIN", StringComparison.Ordinal) ? data : Encoding.ASCII.GetString(Convert.FromBase64String(data));
    }

    // The kubeconfig says insecure-skip-tls-verify.
    private static bool AcceptAny(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;
}
