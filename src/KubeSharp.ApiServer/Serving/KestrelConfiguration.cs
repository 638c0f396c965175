using System.Security.Authentication;
using KubeSharp.ApiServer.Options;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KubeSharp.ApiServer.Serving;

/// <summary>How the port listens (apiserver/pkg/server/secure_serving.go, v1.36).</summary>
internal static class KestrelConfiguration
{
    /// <summary>Upstream's default of --http2-max-streams-per-connection.</summary>
    private const int MaxStreamsPerConnection = 250;

    public static void Apply(KestrelServerOptions kestrel, ApiServerOptions options, ServerCertificates certificates)
    {
        kestrel.AddServerHeader = false;
        // Warnings repeat what clients wrote, in any script.
        kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.UTF8;
        // Watches are slow on purpose, and a body's size is checked where its error can be worded.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MaxRequestHeadersTotalSize = 1024 * 1024;
        kestrel.Limits.MaxRequestLineSize = 128 * 1024;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(90);
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 256 * 1024;
        kestrel.Listen(options.BindAddress, options.SecurePort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificates.Serving;
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                // Any certificate passes the handshake; authentication decides what it is worth.
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (_, _, _) => true;
                https.CheckCertificateRevocation = false;
            });
        });
    }
}
