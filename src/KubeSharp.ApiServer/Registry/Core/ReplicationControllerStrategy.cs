using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Apps;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Replication controllers (pkg/registry/core/replicationcontroller/strategy.go, v1.36).</summary>
internal sealed class ReplicationControllerStrategy() : WorkloadStrategy(new KindFacts
{
    GarbageCollection = GarbageCollectionPolicy.OrphanDependents,
    Fields = [new SelectableField("status.replicas", "0")],
    Defaults = ReplicationControllerDefaults.Apply,
    Validate = ReplicationControllerValidation.Validate,
    ValidateUpdate = ReplicationControllerValidation.ValidateUpdate,
    ValidateStatusUpdate = ReplicaSetValidation.ValidateStatusUpdate,
})
{
    /// <summary>On update upstream looks at the template that was there before.</summary>
    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null)
            WarnOfName(context, obj);
        if (old is null || HasNewGeneration(obj, old))
            PodWarnings.ForTemplate(context, (old ?? obj).Sub("spec").Sub("template"), TemplatePath);
    }
}
