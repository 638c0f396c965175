using System.Globalization;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Conditions that the API server itself sets on pods (pkg/api/pod/util.go UpdatePodCondition).</summary>
internal static class PodConditions
{
    /// <summary>Adds the condition to a status, or updates the one of its type; the transition time moves when its status does.</summary>
    public static void Update(Map status, string type, string value, string reason, string message, DateTimeOffset now)
    {
        var condition = new Map(6) { { "type", type }, { "status", value }, { "lastProbeTime", Value.Null }, { "lastTransitionTime", Format(now) } };
        if (reason.Length > 0)
            condition.Set("reason", reason);
        if (message.Length > 0)
            condition.Set("message", message);
        var conditions = status.EditSequence("conditions");
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].AsMap is not { } existing || existing.GetString("type") != type)
                continue;
            if (existing.GetString("status") == value)
                condition.Set("lastTransitionTime", existing["lastTransitionTime"]);
            conditions[i] = condition;
            return;
        }

        conditions.Add(condition);
    }

    public static bool IsReady(Map pod)
    {
        foreach (var condition in pod.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (condition.AsMap is { } map && map.GetString("type") == "Ready")
                return map.GetString("status") == "True";
        }

        return false;
    }

    internal static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
