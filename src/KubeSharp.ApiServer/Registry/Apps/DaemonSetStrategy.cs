using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Apps;

/// <summary>Daemon sets: the template has a generation of its own, which apps/v1 keeps in an annotation
/// (pkg/registry/apps/daemonset/strategy.go and pkg/apis/apps/v1/conversion.go, v1.36).</summary>
internal sealed class DaemonSetStrategy() : WorkloadStrategy(new KindFacts
{
    Defaults = DaemonSetDefaults.Apply,
    Validate = DaemonSetValidation.Validate,
    ValidateUpdate = DaemonSetValidation.ValidateUpdate,
    ValidateStatusUpdate = DaemonSetValidation.ValidateStatusUpdate,
})
{
    internal const string TemplateGeneration = "deprecated.daemonset.template.generation";

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        Set(obj, Math.Max(1, Read(obj)));
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        Set(obj, Read(old) + (IsSameTemplate(obj, old) ? 0 : 1));
    }

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        Set(obj, Read(old));
    }

    public override void Warn(OperationContext context, Map obj, Map? old)
    {
        if (old is null || !IsSameTemplate(obj, old))
            PodWarnings.ForTemplate(context, obj.Sub("spec").Sub("template"), TemplatePath);
    }

    public override bool HasPlainMetadata => false;

    public override Value CommonMetadata(Value metadata)
    {
        if (metadata.AsMap.Sub("annotations").ContainsKey(TemplateGeneration) is false)
            return metadata;
        var common = metadata.AsMap!.ShallowClone();
        var annotations = common.EditMap("annotations");
        annotations.Remove(TemplateGeneration);
        if (annotations.Count == 0)
            common.Remove("annotations");
        return common;
    }

    private static bool IsSameTemplate(Map obj, Map old) => obj.Sub("spec")["template"].SemanticallyEquals(old.Sub("spec")["template"]);

    private static long Read(Map obj) =>
        long.TryParse(obj.Sub("metadata").Sub("annotations").Text(TemplateGeneration), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static void Set(Map obj, long value)
    {
        var annotations = obj.EditMap("metadata").EditMap("annotations");
        annotations.Set(TemplateGeneration, value.ToString(CultureInfo.InvariantCulture));
        annotations.Sort(string.CompareOrdinal);
    }
}
