using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Admission;

/// <summary>A new node is tainted as not ready until its conditions say otherwise
/// (plugin/pkg/admission/nodetaint/admission.go, v1.36).</summary>
public sealed class TaintNodesByCondition : IAdmissionPlugin
{
    private const string NotReady = "node.kubernetes.io/not-ready";

    public string Name => "TaintNodesByCondition";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "nodes") || attributes.Object is not { } node)
            return ValueTask.CompletedTask;
        var taints = node.EditMap("spec").EditSequence("taints");
        foreach (var taint in taints)
        {
            if (taint.AsMap?.GetString("key") == NotReady && taint.AsMap.GetString("effect") == "NoSchedule")
                return ValueTask.CompletedTask;
        }

        taints.Add(new Map(2) { { "key", NotReady }, { "effect", "NoSchedule" } });
        return ValueTask.CompletedTask;
    }
}
