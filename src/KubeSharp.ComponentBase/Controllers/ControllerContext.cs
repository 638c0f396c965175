using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Events;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Controllers;

/// <summary>What controllers of one process share.</summary>
/// <param name="Client">The API as this component's user.</param>
/// <param name="Informers">Started by the host once all controllers have asked for theirs.</param>
/// <param name="Events">Queues events for all controllers; each takes a recorder under its name.</param>
/// <param name="Time">The clock of all delays and timestamps.</param>
/// <param name="Loggers">A logger for each controller.</param>
public sealed record ControllerContext(
    IApiClient Client, SharedInformerFactory Informers, EventBroadcaster Events, TimeProvider Time, ILoggerFactory Loggers);
