using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;

namespace KubeSharp.ControllerManager.RootCaCertificatePublisher;

/// <summary>root-ca-certificate-publisher-controller: pods of every namespace find the API server's CA in the ConfigMap
/// <c>kube-root-ca.crt</c> (pkg/controller/certificates/rootcacertpublisher/publisher.go, v1.36).</summary>
public sealed class RootCaCertificatePublisherController : Controller
{
    private const string ConfigMapName = "kube-root-ca.crt";
    private const string DescriptionKey = "kubernetes.io/description";

    /// <summary>Upstream's text, which clients may compare.</summary>
    private const string Description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints"
        + " such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

    private static readonly GroupVersionResource Namespaces = new("", "v1", "namespaces");
    private static readonly GroupVersionResource ConfigMaps = new("", "v1", "configmaps");

    private readonly string _caPem;
    private readonly Lister _configMaps;

    /// <param name="context">Where the controller lives.</param>
    /// <param name="caPem">The PEM certificates to publish.</param>
    public RootCaCertificatePublisherController(ControllerContext context, string caPem)
        : base("root-ca-certificate-publisher-controller", context)
    {
        _caPem = caPem;
        var configMaps = context.Informers.ForResource(ConfigMaps);
        _configMaps = configMaps.Lister;
        configMaps.AddHandler(new ResourceEventHandler
        {
            OnUpdated = (_, map) => EnqueueOwn(map),
            OnDeleted = EnqueueOwn,
        });
        context.Informers.ForResource(Namespaces).AddHandler(new ResourceEventHandler
        {
            OnAdded = EnqueueActive,
            OnUpdated = (_, ns) => EnqueueActive(ns),
        });
    }

    protected override int? MaxRetries => null;

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        var existing = _configMaps.Get(key, ConfigMapName);
        try
        {
            if (existing is null)
            {
                await Context.Client.CreateAsync(new ResourceRequest(ConfigMaps, key), NewConfigMap(key), cancellationToken).ConfigureAwait(false);
                return;
            }

            var data = existing.GetMap("data");
            if (data is { Count: 1 } && data.GetString("ca.crt") == _caPem && ObjectMetaAccessor.GetAnnotation(existing, DescriptionKey) is { Length: > 0 })
                return;
            var changed = existing.ShallowClone();
            changed["data"] = new Map { { "ca.crt", _caPem } };
            changed.EditMap("metadata").EditMap("annotations")[DescriptionKey] = Description;
            await Context.Client.UpdateAsync(new ResourceRequest(ConfigMaps, key, ConfigMapName), changed, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound || exception.IsNamespaceTerminating)
        {
            // The namespace goes away: nothing to publish.
        }
    }

    private Map NewConfigMap(string ns) => new()
    {
        { "apiVersion", "v1" },
        { "kind", "ConfigMap" },
        {
            "metadata", new Map
            {
                { "name", ConfigMapName }, { "namespace", ns }, { "annotations", new Map { { DescriptionKey, Description } } },
            }
        },
        { "data", new Map { { "ca.crt", _caPem } } },
    };

    private void EnqueueOwn(Map configMap)
    {
        if (ObjectMetaAccessor.GetName(configMap) == ConfigMapName)
            Queue.Add(ObjectMetaAccessor.GetNamespace(configMap));
    }

    private void EnqueueActive(Map ns)
    {
        if (ns.GetMap("status")?.GetString("phase") is "Active")
            Queue.Add(ObjectMetaAccessor.GetName(ns));
    }
}
