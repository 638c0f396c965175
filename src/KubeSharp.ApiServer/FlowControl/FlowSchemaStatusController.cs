using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;

namespace KubeSharp.ApiServer.FlowControl;

/// <summary>Says in the condition Dangling of a flow schema whether its priority level is missing
/// (presyncFlowSchemaStatus in apiserver/pkg/util/flowcontrol/apf_controller.go, v1.36).</summary>
internal sealed class FlowSchemaStatusController : Controller
{
    public const string FieldManager = "api-priority-and-fairness-config-consumer-v1";

    private readonly Lister _flowSchemas;
    private readonly Lister _priorityLevels;

    public FlowSchemaStatusController(ControllerContext context)
        : base("priority-and-fairness-config-consumer", context)
    {
        var flowSchemas = context.Informers.ForResource(FlowControlConfiguration.FlowSchemas);
        var priorityLevels = context.Informers.ForResource(FlowControlConfiguration.PriorityLevels);
        (_flowSchemas, _priorityLevels) = (flowSchemas.Lister, priorityLevels.Lister);
        flowSchemas.AddHandler(new ResourceEventHandler
        {
            OnAdded = schema => Queue.Add(ObjectMetaAccessor.GetName(schema)),
            OnUpdated = (_, schema) => Queue.Add(ObjectMetaAccessor.GetName(schema)),
        });
        priorityLevels.AddHandler(new ResourceEventHandler { OnAdded = EnqueueReferrers, OnDeleted = EnqueueReferrers });
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_flowSchemas.Get(key) is not { } schema)
            return;
        var level = LevelOf(schema);
        var (status, reason, text) = _priorityLevels.Get(level) is null
            ? ("True", "NotFound", "but there is no such object")
            : ("False", "Found", "and it exists");
        var message = $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\" {text}";
        foreach (var condition in schema.Sub("status").List("conditions"))
        {
            if (condition.AsMap is { } had && had.Text("type") == "Dangling" && had.Text("status") == status && had.Text("reason") == reason && had.Text("message") == message)
                return;
        }

        var wanted = new Map
        {
            { "type", "Dangling" }, { "status", status },
            { "lastTransitionTime", Context.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) },
            { "reason", reason }, { "message", message },
        };
        var configuration = new Map
        {
            { "apiVersion", FlowControlConfiguration.FlowSchemas.GroupVersion.ToString() },
            { "kind", "FlowSchema" },
            { "metadata", new Map { { "name", key } } },
            { "status", new Map { { "conditions", new Sequence { wanted } } } },
        };
        try
        {
            await Context.Client.PatchAsync(new ResourceRequest(FlowControlConfiguration.FlowSchemas, "", key) { Subresource = "status" }, PatchType.Apply, configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            // It is gone.
        }
    }

    private static string LevelOf(Map schema) => schema.Sub("spec").Sub("priorityLevelConfiguration").Text("name");

    private void EnqueueReferrers(Map level)
    {
        foreach (var schema in _flowSchemas.List())
        {
            if (LevelOf(schema) == level.Name())
                Queue.Add(schema.Name());
        }
    }
}
