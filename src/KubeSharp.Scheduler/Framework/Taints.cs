using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.Scheduler.Framework;

/// <summary>A node's taint, read once.</summary>
internal readonly record struct TaintInfo(string Key, string Value, string Effect)
{
    public const string NoSchedule = "NoSchedule";

    public const string PreferNoSchedule = "PreferNoSchedule";

    public const string NoExecute = "NoExecute";
}

/// <summary>A pod's toleration, read once (k8s.io/api/core/v1/toleration.go). The operators Lt and Gt match nothing, as long as
/// upstream's gate TaintTolerationComparisonOperators is alpha and off.</summary>
internal readonly record struct TolerationInfo(string Key, string Operator, string Value, string Effect)
{
    public TolerationInfo(Toleration toleration)
        : this(toleration.Key, toleration.Operator, toleration.Value, toleration.Effect)
    {
    }

    public bool Tolerates(in TaintInfo taint)
    {
        if (Effect.Length > 0 && Effect != taint.Effect)
            return false;
        if (Key.Length > 0 && Key != taint.Key)
            return false;
        return Operator switch
        {
            "" or "Equal" => Value == taint.Value,
            "Exists" => true,
            _ => false,
        };
    }
}
