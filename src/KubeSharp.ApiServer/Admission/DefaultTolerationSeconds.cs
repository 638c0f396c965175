using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods tolerate a node that is not ready or unreachable for five minutes, unless they say otherwise
/// (plugin/pkg/admission/defaulttolerationseconds/admission.go, v1.36).</summary>
public sealed class DefaultTolerationSeconds : IAdmissionPlugin
{
    private const int Seconds = 300;

    private static readonly string[] Keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public string Name => "DefaultTolerationSeconds";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return ValueTask.CompletedTask;
        foreach (var key in Keys)
        {
            if (!IsTolerated(pod, key))
            {
                pod.EditMap("spec").EditSequence("tolerations").Add(new Map(4)
                {
                    { "key", key }, { "operator", "Exists" }, { "effect", "NoExecute" }, { "tolerationSeconds", Seconds },
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
