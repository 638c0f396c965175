using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods keep others away from their node and from nothing larger
/// (plugin/pkg/admission/antiaffinity/admission.go, v1.36).</summary>
internal sealed class LimitPodHardAntiAffinityTopology : IAdmissionPlugin
{
    private const string Hostname = "kubernetes.io/hostname";

    public string Name => "LimitPodHardAntiAffinityTopology";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods"))
            return ValueTask.CompletedTask;
        var pod = new Pod(attributes.Object);
        foreach (var term in pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution)
        {
            if (term.TopologyKey != Hostname)
                throw StatusErrors.Forbidden(attributes.Resource.GroupResource, pod.Metadata.Name, $"affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey {term.TopologyKey} but only key {Hostname} is allowed");
        }

        return ValueTask.CompletedTask;
    }
}
