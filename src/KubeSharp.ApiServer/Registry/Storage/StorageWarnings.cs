using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Storage;

/// <summary>Topologies that name node labels of old (pkg/api/storage/util.go, v1.36).</summary>
internal static class StorageWarnings
{
    public static void WarnOfClass(OperationContext context, Map obj, Map? old)
    {
        var terms = obj.List("allowedTopologies");
        for (var i = 0; i < terms.Count; i++)
        {
            var expressions = terms.At(i).List("matchLabelExpressions");
            for (var j = 0; j < expressions.Count; j++)
            {
                if (NodeSelectorValidation.DeprecatedLabel(expressions.At(j).Text("key")) is { } message)
                    context.AddWarning($"allowedTopologies[{i}].matchLabelExpressions[{j}].key: {message}");
            }
        }
    }

    public static void WarnOfCapacity(OperationContext context, Map obj, Map? old)
    {
        var topology = obj.Sub("nodeTopology");
        var expressions = topology.List("matchExpressions");
        for (var i = 0; i < expressions.Count; i++)
        {
            var key = expressions.At(i).Text("key");
            if (NodeSelectorValidation.DeprecatedLabel(key) is { } message)
                context.AddWarning($"nodeTopology.matchExpressions[{i}].key: {key} is {message}");
        }

        foreach (var (label, _) in topology.Sub("matchLabels"))
        {
            if (NodeSelectorValidation.DeprecatedLabel(label) is { } message)
                context.AddWarning($"nodeTopology.matchLabels.{label}: {message}");
        }
    }
}
