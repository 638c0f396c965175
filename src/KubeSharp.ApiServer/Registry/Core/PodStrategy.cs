using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Pods (pkg/registry/core/pod/strategy.go, v1.36).</summary>
internal sealed class PodStrategy : FactsStrategy, IGracefulDeletion
{
    public PodStrategy()
        : base(new KindFacts
        {
            TracksGeneration = true,
            ReturnDeletedObject = true,
            Fields =
            [
                new SelectableField("spec.nodeName"), new SelectableField("spec.restartPolicy"), new SelectableField("spec.schedulerName"),
                new SelectableField("spec.serviceAccountName"), new SelectableField("spec.hostNetwork", "false"),
                new SelectableField("status.phase"), new SelectableField("status.podIP"), new SelectableField("status.nominatedNodeName"),
            ],
        })
    {
    }

    public override void SetDefaults(Map obj)
    {
        PodSpecDefaults.Sub(obj, "spec", spec =>
        {
            PodSpecDefaults.Apply(spec);
            PodSpecDefaults.Default(spec, "enableServiceLinks", true);
        });
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        obj.EditMap("metadata").Set("generation", 1);
        obj.Set("status", new Map(2) { { "phase", "Pending" }, { "qosClass", QosClass.Of(obj) } });
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        // Containers' requests and limits, and with them the class, are fixed by what was created.
        if (old.GetMap("status")?["qosClass"] is { IsNullOrUndefined: false } qos && obj["status"].AsMap is not null)
            obj.EditMap("status").Set("qosClass", qos);
    }

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        // Who reports status may not delete by the way.
        obj.EditMap("metadata").Set("deletionTimestamp", default);
        obj.EditMap("metadata").Set("ownerReferences", old.GetMap("metadata")!["ownerReferences"]);
        if (old.GetMap("status")?["qosClass"] is { IsNullOrUndefined: false } qos)
            obj.EditMap("status").Set("qosClass", qos);
    }

    /// <summary>No grace for pods that nobody runs, or that have ended.</summary>
    public override long? GracePeriodSeconds(OperationContext context, Map obj, long? requestedSeconds)
    {
        var spec = obj.GetMap("spec");
        var period = requestedSeconds ?? spec?.GetInteger("terminationGracePeriodSeconds") ?? 30;
        if (string.IsNullOrEmpty(spec?.GetString("nodeName")))
            period = 0;
        if (obj.GetMap("status")?.GetString("phase") is "Failed" or "Succeeded")
            period = 0;
        return period < 0 ? 1 : period;
    }
}
