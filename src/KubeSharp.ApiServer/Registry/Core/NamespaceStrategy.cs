using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Namespaces: active until deleted, then terminating until their finalizers are gone
/// (pkg/registry/core/namespace, v1.36).</summary>
internal sealed class NamespaceStrategy : FactsStrategy
{
    public const string Finalizer = "kubernetes";

    public NamespaceStrategy()
        : base(new KindFacts
        {
            ReturnDeletedObject = true,
            Fields = [new SelectableField("status.phase")],
            Validate = NamespaceValidation.Validate,
            ValidateUpdate = NamespaceValidation.ValidateUpdate,
            ValidateStatusUpdate = NamespaceValidation.ValidateStatusUpdate,
        })
    {
    }

    public override ValidateName NameRule => NameRules.DnsLabel;

    /// <summary>Every namespace carries its name as a label.</summary>
    public override void SetDefaults(Map obj)
    {
        var metadata = obj.EditMap("metadata");
        if (metadata.GetString("name") is { Length: > 0 } name)
            metadata.EditMap("labels").Set("kubernetes.io/metadata.name", name);
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        // A name that was generated gets its label here.
        SetDefaults(obj);
        obj.Set("status", new Map(1) { { "phase", "Active" } });
        var finalizers = obj.EditMap("spec").EditSequence("finalizers");
        foreach (var finalizer in finalizers)
        {
            if (finalizer.AsString == Finalizer)
                return;
        }

        finalizers.Add(Finalizer);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        if (old.GetMap("spec") is { } oldSpec && oldSpec.ContainsKey("finalizers"))
            obj.EditMap("spec").Set("finalizers", oldSpec["finalizers"]);
        obj.Set("status", old["status"]);
    }

    public override bool ShouldDeleteDuringUpdate(Map obj) => (obj.GetMap("spec")?.GetSequence("finalizers")?.Count ?? 0) == 0;
}
