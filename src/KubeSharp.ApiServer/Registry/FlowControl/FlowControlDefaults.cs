using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.FlowControl;

/// <summary>pkg/apis/flowcontrol/v1/defaults.go.</summary>
internal static class FlowControlDefaults
{
    public static void ApplyToFlowSchema(Map obj)
    {
        var spec = obj.EditMap("spec");
        ReplaceZero(spec, "matchingPrecedence", 1000);
    }

    public static void ApplyToPriorityLevel(Map obj) => Sub(obj, "spec", spec =>
    {
        Sub(spec, "exempt", exempt =>
        {
            Default(exempt, "nominalConcurrencyShares", 0);
            Default(exempt, "lendablePercent", 0);
        });
        Sub(spec, "limited", limited =>
        {
            Default(limited, "nominalConcurrencyShares", 30);
            Default(limited, "lendablePercent", 0);
            Sub(limited, "limitResponse", response => Sub(response, "queuing", queuing =>
            {
                ReplaceZero(queuing, "handSize", 8);
                ReplaceZero(queuing, "queues", 64);
                ReplaceZero(queuing, "queueLengthLimit", 50);
            }));
        });
    });

    private static void ReplaceZero(Map map, string key, int value)
    {
        if (map.Number(key) == 0)
            map.Set(key, value);
    }
}
