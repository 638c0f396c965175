using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;

namespace KubeSharp.ControllerManager.ServiceAccount;

/// <summary>serviceaccount-controller: every active namespace has a service account called <c>default</c>
/// (pkg/controller/serviceaccount/serviceaccounts_controller.go, v1.36).</summary>
public sealed class ServiceAccountsController : Controller
{
    private const string AccountName = "default";

    private static readonly GroupVersionResource Namespaces = new("", "v1", "namespaces");
    private static readonly GroupVersionResource ServiceAccounts = new("", "v1", "serviceaccounts");

    private readonly Lister _namespaces;
    private readonly Lister _accounts;

    public ServiceAccountsController(ControllerContext context)
        : base("serviceaccount-controller", context)
    {
        var namespaces = context.Informers.ForResource(Namespaces);
        var accounts = context.Informers.ForResource(ServiceAccounts);
        _namespaces = namespaces.Lister;
        _accounts = accounts.Lister;
        namespaces.AddHandler(new ResourceEventHandler
        {
            OnAdded = ns => Queue.Add(ObjectMetaAccessor.GetName(ns)),
            OnUpdated = (_, ns) => Queue.Add(ObjectMetaAccessor.GetName(ns)),
        });
        accounts.AddHandler(new ResourceEventHandler { OnDeleted = account => Queue.Add(ObjectMetaAccessor.GetNamespace(account)) });
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_namespaces.Get(key) is not { } ns || ns.GetMap("status")?.GetString("phase") is not "Active" || _accounts.Get(key, AccountName) is not null)
            return;
        var account = new Map
        {
            { "apiVersion", "v1" },
            { "kind", "ServiceAccount" },
            { "metadata", new Map { { "name", AccountName }, { "namespace", key } } },
        };
        try
        {
            await Context.Client.CreateAsync(new ResourceRequest(ServiceAccounts, key), account, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsAlreadyExists || exception.IsNamespaceTerminating)
        {
            // Someone else was quicker, or there is no need any more.
        }
    }
}
