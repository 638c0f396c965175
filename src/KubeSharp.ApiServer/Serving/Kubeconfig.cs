using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeSharp.ApiServer.Serving;

/// <summary>Writes kubeconfig files (client-go/tools/clientcmd/api/v1) with everything inside.</summary>
public static class Kubeconfig
{
    public static string ForClientCertificate(string server, string caPem, string user, X509Certificate2 certificate)
    {
        var key = certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: kubesharp
              cluster:
                server: {server}
                certificate-authority-data: {Base64(caPem)}
            users:
            - name: {user}
              user:
                client-certificate-data: {Base64(certificate.ExportCertificatePem())}
                client-key-data: {Base64(key)}
            contexts:
            - name: {user}@kubesharp
              context:
                cluster: kubesharp
                user: {user}
            current-context: {user}@kubesharp

            """;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
