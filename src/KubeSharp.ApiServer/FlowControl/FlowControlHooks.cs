using KubeSharp.ApiServer.Bootstrap;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;
using KubeSharp.ComponentBase.Events;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.FlowControl;

/// <summary>What flow control does besides requests: its objects, and their status.</summary>
internal static class FlowControlHooks
{
    /// <param name="hooks">Run it.</param>
    /// <param name="clientOf">A client by the name that it has in managed fields.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For the controller.</param>
    public static void Register(PostStartHooks hooks, Func<string, IApiClient> clientOf, TimeProvider time, ILoggerFactory loggers)
    {
        var configuration = new FlowControlConfiguration(clientOf(FlowControlConfiguration.FieldManager));
        hooks.Add("priority-and-fairness-config-producer", configuration.EnsureAsync);
        hooks.AddPeriodic("priority-and-fairness-config-producer", FlowControlConfiguration.Interval, configuration.EnsureAsync);
        hooks.AddLoop("priority-and-fairness-config-consumer", async token =>
        {
            var client = clientOf(FlowSchemaStatusController.FieldManager);
            var informers = new SharedInformerFactory(client, time, loggers);
            using var controller = new FlowSchemaStatusController(new ControllerContext(client, informers, new EventBroadcaster(client, time, loggers.CreateLogger<EventBroadcaster>()), time, loggers));
            informers.Start(token);
            await controller.RunAsync(1, token).ConfigureAwait(false);
            await informers.StoppedAsync().ConfigureAwait(false);
        });
    }
}
