using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.ApiExtensions;

/// <summary>status.conditions of definitions (apiextensions-apiserver/pkg/apis/apiextensions/helpers.go SetCRDCondition, v1.36).</summary>
internal static class DefinitionConditions
{
    /// <summary>The condition of a type, or null.</summary>
    public static Map? Find(Map definition, string type)
    {
        foreach (var condition in definition.Sub("status").List("conditions"))
        {
            if (condition.AsMap.Text("type") == type)
                return condition.AsMap;
        }

        return null;
    }

    /// <summary>Whether a condition says the same, whenever it began to.</summary>
    public static bool Says(Map? condition, string status, string reason, string message) =>
        condition is not null && condition.Text("status") == status && condition.Text("reason") == reason && condition.Text("message") == message;

    public static void Remove(Map definition, string type)
    {
        var conditions = definition.EditMap("status").EditSequence("conditions");
        for (var i = conditions.Count - 1; i >= 0; i--)
        {
            if (conditions[i].AsMap.Text("type") == type)
                conditions.RemoveAt(i);
        }
    }

    /// <summary>Sets a condition; its time moves when its status does.</summary>
    public static void Set(Map definition, string type, string status, string reason, string message, string now)
    {
        var conditions = definition.EditMap("status").EditSequence("conditions");
        var at = 0;
        while (at < conditions.Count && conditions[at].AsMap.Text("type") != type)
            at++;
        var isSame = at < conditions.Count && conditions[at].AsMap.Text("status") == status;
        var condition = new Map
        {
            { "type", type }, { "status", status }, { "lastTransitionTime", isSame ? conditions[at].AsMap!["lastTransitionTime"] : now },
            { "reason", reason }, { "message", message },
        };
        if (at < conditions.Count)
            conditions[at] = condition;
        else
            conditions.Add(condition);
    }
}
