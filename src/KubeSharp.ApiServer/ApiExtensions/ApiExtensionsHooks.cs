using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Bootstrap;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Encryption;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Registry.CustomResources;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using KubeSharp.Storage;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.ApiExtensions;

/// <summary>Serves the definitions that the store holds before the server is ready, and follows them from then on.</summary>
internal static class ApiExtensionsHooks
{
    public static void Register(PostStartHooks hooks, ServedResources served, IRevisionedStore store, StoreFeed feed, EncryptionAtRest encryption, IApiClient client, TimeProvider time, ILoggerFactory loggers)
    {
        if (served.Find(CustomResourceDefinitionController.Definitions)?.Store is not { } definitions)
            return;
        var informers = new SharedInformerFactory(client, time, loggers);
        var handler = new CustomResourceHandler(served, store, feed, encryption, time);
#pragma warning disable CA2000 // Runs as long as the server.
        var controller = new CustomResourceDefinitionController(
            new ControllerContext(client, informers, new EventBroadcaster(client, time, loggers.CreateLogger<EventBroadcaster>()), time, loggers), handler);
#pragma warning restore CA2000
        hooks.Add("crd-informer-synced", async token =>
        {
            foreach (var cached in definitions.Cache.Snapshot)
            {
                if (CustomResourceDefinition.HasCondition(cached.Tree(), "Established"))
                    await controller.ServeAsync(cached.Tree(), token).ConfigureAwait(false);
            }
        });
        hooks.AddLoop("start-apiextensions-controllers", async token =>
        {
            informers.Start(token);
            await controller.RunAsync(1, token).ConfigureAwait(false);
            await informers.StoppedAsync().ConfigureAwait(false);
        });
    }
}
