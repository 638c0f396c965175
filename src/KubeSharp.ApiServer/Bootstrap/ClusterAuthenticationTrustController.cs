using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>
/// The ConfigMap <c>kube-system/extension-apiserver-authentication</c>, by which other servers of the cluster (schedulers, controller
/// managers, aggregated API servers) know whose certificates and whose front proxies to trust. What other API servers have put
/// there stays; expired authorities go.
/// Source: pkg/controlplane/controller/clusterauthenticationtrust/cluster_authentication_trust_controller.go, v1.36.
/// </summary>
/// <param name="client">Writes the object.</param>
/// <param name="clientCa">The authorities of client certificates, PEM.</param>
/// <param name="requestHeader">What is known of front proxies.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterAuthenticationTrustController(IApiClient client, string clientCa, RequestHeaderOptions requestHeader, TimeProvider time)
{
    public const string HookName = "start-cluster-authentication-info-controller";

    /// <summary>Upstream looks every minute, besides at each change.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const string Namespace = "kube-system";
    private const string Name = "extension-apiserver-authentication";

    private static readonly GroupVersionResource ConfigMaps = new("", "v1", "configmaps");

    /// <summary>One round.</summary>
    /// <exception cref="StatusException">The object cannot be read or written.</exception>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        var found = await FindAsync(cancellationToken).ConfigureAwait(false);
        var data = Combined(found?.Sub("data") ?? Map.Empty);
        if (found is not null && found.Sub("data").DeepEquals(data))
            return;
        var next = found?.DeepClone() ?? new Map { { "metadata", new Map { { "name", Name }, { "namespace", Namespace } } } };
        next.Set("data", data);
        if (found is null)
            await client.CreateAsync(new ResourceRequest(ConfigMaps, Namespace), next, cancellationToken).ConfigureAwait(false);
        else
            await client.UpdateAsync(new ResourceRequest(ConfigMaps, Namespace, Name), next, cancellationToken).ConfigureAwait(false);
    }

    private Map Combined(Map existing)
    {
        var data = new Map();
        if (Certificates(existing.Text("client-ca-file"), clientCa) is { Length: > 0 } clients)
            data.Set("client-ca-file", clients);
        var proxyCa = requestHeader.ClientCaFile.Length > 0 ? File.ReadAllText(requestHeader.ClientCaFile) : "";
        if (Certificates(existing.Text("requestheader-client-ca-file"), proxyCa) is not { Length: > 0 } proxies)
            return data;
        data.Set("requestheader-username-headers", Words(existing, "requestheader-username-headers", requestHeader.UsernameHeaders));
        if (Words(existing, "requestheader-uid-headers", requestHeader.UidHeaders) is not "[]" and var uids)
            data.Set("requestheader-uid-headers", uids);
        data.Set("requestheader-group-headers", Words(existing, "requestheader-group-headers", requestHeader.GroupHeaders));
        data.Set("requestheader-extra-headers-prefix", Words(existing, "requestheader-extra-headers-prefix", requestHeader.ExtraHeaderPrefixes));
        data.Set("requestheader-client-ca-file", proxies);
        data.Set("requestheader-allowed-names", Words(existing, "requestheader-allowed-names", requestHeader.AllowedNames));
        return data;
    }

    private static string Words(Map existing, string key, IReadOnlyList<string> own)
    {
        var words = new List<string>();
        if (existing.Text(key) is { Length: > 0 } text)
        {
            using var stored = JsonDocument.Parse(text);
            words.AddRange(stored.RootElement.EnumerateArray().Select(word => word.GetString() ?? ""));
        }

        var json = new StringBuilder("[");
        foreach (var word in words.Concat(own).Distinct(StringComparer.Ordinal))
            json.Append(json.Length > 1 ? "," : "").Append('"').Append(JsonEncodedText.Encode(word)).Append('"');
        return json.Append(']').ToString();
    }

    private string Certificates(string existing, string own)
    {
        var all = new X509Certificate2Collection();
        foreach (var pem in (string[])[existing, own])
        {
            try
            {
                all.ImportFromPem(pem);
            }
            catch (CryptographicException)
            {
                // What somebody else has put there is no certificate: it is left out.
            }
        }

        var text = new StringBuilder();
        foreach (var certificate in all.Where(c => c.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime).DistinctBy(c => c.Thumbprint))
            text.Append(certificate.ExportCertificatePem()).Append('\n');
        foreach (var certificate in all)
            certificate.Dispose();
        return text.ToString();
    }

    private async Task<Map?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(new ResourceRequest(ConfigMaps, Namespace, Name), cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            return null;
        }
    }
}
