using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Networking;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.Discovery;

/// <summary>Endpoint slices (pkg/registry/discovery/endpointslice/strategy.go, v1.36).</summary>
internal sealed class EndpointSliceStrategy : FactsStrategy
{
    public EndpointSliceStrategy()
        : base(new KindFacts
        {
            TracksGeneration = true,
            Defaults = EndpointSliceDefaults.Apply,
            Validate = EndpointSliceValidation.Validate,
            ValidateUpdate = EndpointSliceValidation.ValidateUpdate,
            Warn = EndpointSliceValidation.Warn,
        })
    {
    }

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        DropTopology(obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        if (!obj["endpoints"].SemanticallyEquals(old["endpoints"]))
            DropTopology(obj);
    }

    /// <summary>Labels count as desired state too.</summary>
    protected override bool DesiredStateChanged(Map obj, Map old) =>
        base.DesiredStateChanged(obj, old) || !obj.Sub("metadata")["labels"].SemanticallyEquals(old.Sub("metadata")["labels"]);

    /// <summary>The topology map is of v1beta1; v1 shows what is stored but takes no new one.</summary>
    private static void DropTopology(Map obj) => Each(obj, "endpoints", endpoint => endpoint.Remove("deprecatedTopology"));
}
