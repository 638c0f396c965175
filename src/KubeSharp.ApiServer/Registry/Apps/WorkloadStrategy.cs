using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>What the kinds that keep pods from a template at <c>spec.template</c> share
/// (pkg/registry/apps/*/strategy.go, v1.36).</summary>
internal class WorkloadStrategy(KindFacts facts) : FactsStrategy(facts with { TracksGeneration = true })
{
    /// <summary>The path of the template in warnings.</summary>
    protected static readonly FieldPath TemplatePath = MetadataValidation.Spec.Child("template");

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        PodDisabledFields.DropFromTemplate(obj, null, "spec");
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        PodDisabledFields.DropFromTemplate(obj, old, "spec");
        base.PrepareForUpdate(context, obj, old);
    }

    /// <summary>On creation about name and template; later only when the template may have changed.</summary>
    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null)
            WarnOfName(context, obj);
        if (old is null || HasNewGeneration(obj, old))
            PodWarnings.ForTemplate(context, obj.Sub("spec").Sub("template"), TemplatePath);
    }

    /// <summary>Pods and their host names begin with the name, which only a label can do throughout.</summary>
    internal static void WarnOfName(OperationContext context, Map obj)
    {
        if (NameValidation.IsDns1123Label(obj.Name()) is { Count: > 0 } problems)
        {
            context.AddWarning("metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: "
                + $"[{string.Join(' ', problems)}]");
        }
    }

    internal static bool HasNewGeneration(Map obj, Map old) => obj.Sub("metadata").Number("generation") != old.Sub("metadata").Number("generation");

    protected override bool DesiredStateChanged(Map obj, Map old) => !obj["spec"].SemanticallyEquals(old["spec"]);
}

/// <summary>Deployments: their annotations are copied to replica sets, so that they count as desired state.</summary>
internal sealed class DeploymentStrategy() : WorkloadStrategy(new KindFacts
{
    Defaults = DeploymentDefaults.Apply,
    Validate = DeploymentValidation.Validate,
    ValidateUpdate = DeploymentValidation.ValidateUpdate,
    ValidateStatusUpdate = DeploymentValidation.ValidateStatusUpdate,
})
{
    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        obj.EditMap("metadata").Set("labels", old.Sub("metadata")["labels"]);
    }

    protected override bool DesiredStateChanged(Map obj, Map old) =>
        base.DesiredStateChanged(obj, old) || !obj.Sub("metadata")["annotations"].SemanticallyEquals(old.Sub("metadata")["annotations"]);
}

/// <summary>Replica sets.</summary>
internal sealed class ReplicaSetStrategy() : WorkloadStrategy(new KindFacts
{
    Defaults = ReplicaSetDefaults.Apply,
    Validate = ReplicaSetValidation.Validate,
    ValidateUpdate = ReplicaSetValidation.ValidateUpdate,
    ValidateStatusUpdate = ReplicaSetValidation.ValidateStatusUpdate,
});

/// <summary>Stateful sets.</summary>
internal sealed class StatefulSetStrategy() : WorkloadStrategy(new KindFacts
{
    Defaults = StatefulSetDefaults.Apply,
    Validate = StatefulSetValidation.Validate,
    ValidateUpdate = StatefulSetValidation.ValidateUpdate,
    ValidateStatusUpdate = StatefulSetValidation.ValidateStatusUpdate,
})
{
    /// <summary>The kind of claim templates has no place in protobuf.</summary>
    public override void CompleteDecoded(Map obj)
    {
        if (obj.Sub("spec").List("volumeClaimTemplates").Count == 0)
            return;
        var claims = obj.EditMap("spec").EditSequence("volumeClaimTemplates");
        for (var i = 0; i < claims.Count; i++)
            StatefulSetDefaults.SetKind(claims.EditMap(i));
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        DropMaxUnavailable(obj, null);
        base.PrepareForCreate(context, obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        DropMaxUnavailable(obj, old);
        base.PrepareForUpdate(context, obj, old);
    }

    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null || HasNewGeneration(obj, old))
            PodWarnings.ForTemplate(context, obj.Sub("spec").Sub("template"), TemplatePath);
        var claims = obj.Sub("spec").List("volumeClaimTemplates");
        for (var i = 0; i < claims.Count; i++)
        {
            // On update upstream names the field as Go does.
            var path = MetadataValidation.Spec.Child("volumeClaimTemplates").Index(i);
            PersistentVolumeClaimValidation.WarnOfSpec(context, claims.At(i).Sub("spec"), old is null ? path : path.Child("Spec"));
        }

        if (obj.Sub("spec").Number("revisionHistoryLimit") < 0)
            context.AddWarning("spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended");
    }

    /// <summary>The gate MaxUnavailableStatefulSet is off.</summary>
    private static void DropMaxUnavailable(Map obj, Map? old)
    {
        if (obj.Sub("spec").Sub("updateStrategy").Sub("rollingUpdate").Has("maxUnavailable")
            && !old.Sub("spec").Sub("updateStrategy").Sub("rollingUpdate").Has("maxUnavailable"))
            obj.EditMap("spec").EditMap("updateStrategy").EditMap("rollingUpdate").Remove("maxUnavailable");
    }
}
