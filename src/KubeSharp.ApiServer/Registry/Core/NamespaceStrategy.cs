using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Namespaces: active until deleted, then terminating until their finalizers are gone
/// (pkg/registry/core/namespace, v1.36).</summary>
internal sealed class NamespaceStrategy : FactsStrategy
{
    public const string Finalizer = "kubernetes";

    private const string OrphanFinalizer = "orphan";

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

    /// <summary>A deletion makes a namespace terminating; it goes when its controller has taken the last of
    /// spec.finalizers away (namespace/storage/storage.go Delete).</summary>
    public override Map? MarkTerminating(Map obj, Map options, DateTimeOffset now)
    {
        var metadata = obj.GetMap("metadata")!;
        if (!metadata["deletionTimestamp"].IsNullOrUndefined)
            return (obj.GetMap("spec")?.GetSequence("finalizers")?.Count ?? 0) > 0 ? obj : null;
        var marked = obj.ShallowClone();
        metadata = marked.EditMap("metadata");
        metadata.Set("deletionTimestamp", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        marked.EditMap("status").Set("phase", "Terminating");
        if (ShouldOrphan(options) is not { } orphan)
            return marked;
        var finalizers = new Sequence();
        foreach (var finalizer in metadata.GetSequence("finalizers") ?? Sequence.Empty)
        {
            if (finalizer.AsString != OrphanFinalizer)
                finalizers.Add(finalizer);
        }

        if (orphan)
            finalizers.Add(OrphanFinalizer);
        metadata.Set("finalizers", finalizers.Count > 0 ? finalizers : default(Value));
        return marked;
    }

    private static bool? ShouldOrphan(Map options) => options.GetBoolean("orphanDependents") ?? options.GetString("propagationPolicy") switch
    {
        "Orphan" => true,
        "Background" or "Foreground" => false,
        _ => null,
    };

    public override bool ShouldDeleteDuringUpdate(Map obj) => (obj.GetMap("spec")?.GetSequence("finalizers")?.Count ?? 0) == 0;
}
