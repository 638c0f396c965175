using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

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
            Validate = PodValidation.Validate,
            ValidateUpdate = PodValidation.ValidateUpdate,
            ValidateStatusUpdate = PodStatusValidation.ValidateUpdate,
            Warn = static (context, obj, old) =>
            {
                if (old is null)
                    PodWarnings.ForPod(context, obj);
            },
        })
    {
    }

    public override string TriggerField => "spec.nodeName";

    /// <summary>Old clients say spec.host; the list of addresses may be named, though nothing is ever found by it
    /// (pkg/apis/core/v1/conversion.go).</summary>
    public override string? FieldLabel(ApiResource resource, string label) => label switch
    {
        "spec.host" => "spec.nodeName",
        "status.podIPs" => label,
        _ => base.FieldLabel(resource, label),
    };

    public override void SetDefaults(Map obj) => PodDefaults.Apply(obj);

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        obj.EditMap("metadata").Set("generation", 1);
        var status = new Map(3) { { "phase", "Pending" }, { "qosClass", QosClass.Of(obj) } };
        obj.Set("status", status);
        PodDisabledFields.DropFromPod(obj, null);
        if (obj.Sub("spec").List("schedulingGates").Count > 0)
            status.EditSequence("conditions").Add(SchedulingGated(obj));
        PodLabelKeys.Apply(obj);
        PodAppArmor.Synchronise(context, obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        PodDisabledFields.DropFromPod(obj, old);
        base.PrepareForUpdate(context, obj, old);
    }

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        // Who reports status may not delete by the way, nor touch owners.
        obj.EditMap("metadata").Set("deletionTimestamp", default);
        obj.EditMap("metadata").Set("ownerReferences", old.GetMap("metadata")!["ownerReferences"]);
        var status = obj.EditMap("status");
        if (status.Text("qosClass").Length == 0)
            status.Set("qosClass", old.Sub("status")["qosClass"]);
        KeepObservedGenerations(status, old.Sub("status"));
    }

    public override void PrepareForSubresourceUpdate(OperationContext context, Map obj, Map old)
    {
        if (context.Info.Subresource == "resize")
            PodResizeChange.Prepare(obj, old);
        else
            EphemeralContainersChange.Prepare(obj, old);
        KeepMetadata(obj.EditMap("metadata"), old.Sub("metadata"));
        PodDisabledFields.DropFromPod(obj, old);
        if (DesiredStateChanged(context, obj, old))
            IncrementGeneration(obj, old);
    }

    public override void ValidateSubresourceUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        if (context.Info.Subresource == "resize")
            PodResizeChange.Validate(errors, obj, old);
        else
            EphemeralContainersChange.Validate(errors, obj, old);
    }

    public override void WarnOfStatus(OperationContext context, Map obj)
    {
        foreach (var list in (ReadOnlySpan<string>)["podIPs", "hostIPs"])
        {
            var addresses = obj.Sub("status").List(list);
            for (var i = 0; i < addresses.Count; i++)
                PodWarnings.Add(context, IpValidation.GetWarningsForIp(MetadataValidation.Status.Child(list).Index(i).Child("ip"), addresses.At(i).Text("ip")));
        }
    }

    /// <summary>Of the metadata only what names the object and its managers is the writer's (meta/v1 ResetObjectMetaForStatus).</summary>
    private static void KeepMetadata(Map metadata, Map old)
    {
        foreach (var field in (ReadOnlySpan<string>)["deletionTimestamp", "generation", "selfLink", "labels", "annotations", "finalizers", "ownerReferences"])
            metadata.Set(field, old[field]);
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

    private static Map SchedulingGated(Map obj) => new(6)
    {
        { "type", "PodScheduled" },
        { "status", "False" },
        { "lastProbeTime", Value.Null },
        { "lastTransitionTime", obj.Sub("metadata")["creationTimestamp"] },
        { "reason", "SchedulingGated" },
        { "message", "Scheduling is blocked due to non-empty scheduling gates" },
    };

    /// <summary>Generations that a client does not know are kept rather than cleared (preserveOldObservedGeneration).</summary>
    private static void KeepObservedGenerations(Map status, Map old)
    {
        if (status.Number("observedGeneration") == 0)
            status.Set("observedGeneration", old["observedGeneration"]);
        var before = new Dictionary<string, Queue<Value>>(StringComparer.Ordinal);
        foreach (var item in old.List("conditions"))
        {
            var type = item.AsMap.Text("type");
            if (!before.TryGetValue(type, out var queue))
                before.Add(type, queue = new Queue<Value>());
            queue.Enqueue(item.AsMap!["observedGeneration"]);
        }

        for (var i = 0; i < status.List("conditions").Count; i++)
        {
            var condition = status.List("conditions").At(i);
            if (!before.TryGetValue(condition.Text("type"), out var queue) || !queue.TryDequeue(out var generation))
                continue;
            if (condition.Number("observedGeneration") == 0 && generation.AsInteger is > 0)
                status.EditSequence("conditions").EditMap(i).Set("observedGeneration", generation);
        }
    }
}
