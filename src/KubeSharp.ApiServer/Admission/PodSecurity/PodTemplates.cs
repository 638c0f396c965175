using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>Where workloads keep the template of their pods (pod-security-admission/admission/admission.go DefaultPodSpecExtractor, v1.36).</summary>
internal static class PodTemplates
{
    public static bool IsIn(GroupResource resource) => (resource.Group, resource.Resource) is
        ("", "replicationcontrollers" or "podtemplates") or ("apps", "replicasets" or "deployments" or "statefulsets" or "daemonsets") or ("batch", "jobs" or "cronjobs");

    /// <summary>The template; it does not exist where a workload has none.</summary>
    public static PodTemplateSpec Of(GroupResource resource, Map workload) => new(resource.Resource switch
    {
        "podtemplates" => workload.GetMap("template"),
        "cronjobs" => workload.GetMap("spec")?.GetMap("jobTemplate")?.GetMap("spec")?.GetMap("template"),
        _ => workload.GetMap("spec")?.GetMap("template"),
    });
}
