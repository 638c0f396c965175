using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods tolerate a node that is not ready or unreachable for five minutes, unless they say otherwise
/// (plugin/pkg/admission/defaulttolerationseconds/admission.go, v1.36).</summary>
/// <param name="notReady">Seconds on a node that is not ready (<c>--default-not-ready-toleration-seconds</c>).</param>
/// <param name="unreachable">Seconds on a node that cannot be reached (<c>--default-unreachable-toleration-seconds</c>).</param>
public sealed class DefaultTolerationSeconds(long notReady, long unreachable) : IAdmissionPlugin
{
    private readonly (string Key, long Seconds)[] _defaults = [("node.kubernetes.io/not-ready", notReady), ("node.kubernetes.io/unreachable", unreachable)];

    public string Name => "DefaultTolerationSeconds";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return ValueTask.CompletedTask;
        foreach (var (key, seconds) in _defaults)
        {
            if (!IsTolerated(pod, key))
            {
                pod.EditMap("spec").EditSequence("tolerations").Add(new Map(4)
                {
                    { "key", key }, { "operator", "Exists" }, { "effect", "NoExecute" }, { "tolerationSeconds", seconds },
                });
            }
        }

        return ValueTask.CompletedTask;
    }

    private static bool IsTolerated(Map pod, string key)
    {
        foreach (var item in pod.GetMap("spec")?.GetSequence("tolerations") ?? Sequence.Empty)
        {
            if (item.AsMap is { } toleration
                && (toleration.GetString("key") == key || string.IsNullOrEmpty(toleration.GetString("key")))
                && toleration.GetString("effect") is null or "" or "NoExecute")
            {
                return true;
            }
        }

        return false;
    }
}
