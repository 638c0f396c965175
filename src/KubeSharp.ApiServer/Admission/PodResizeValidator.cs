using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ComponentBase.Quota;

namespace KubeSharp.ApiServer.Admission;

/// <summary>A running pod is resized on Linux alone, and never beyond its node (plugin/pkg/admission/podresize/admission.go, v1.36).</summary>
internal sealed class PodResizeValidator(ResourceStore nodes) : IAdmissionPlugin
{
    public string Name => "PodResizeValidator";

    public AdmissionOperation Operations => AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Subresource != "resize" || attributes.Resource.Group.Length > 0 || attributes.Resource.Resource != "pods")
            return ValueTask.CompletedTask;
        var (pod, old) = (new Pod(attributes.Object), new Pod(attributes.OldObject));
        var name = pod.Spec.NodeName;
        // The generation tells whether the spec changes at all.
        if (name.Length == 0 || pod.Metadata.Generation == old.Metadata.Generation)
            return ValueTask.CompletedTask;
        var node = new Node((nodes.Peek("", name) ?? throw attributes.Forbidden($"node \"{name}\" not found")).Tree());
        if (node.Metadata.Labels["kubernetes.io/os"] is { } system && system != "linux")
            throw Refuse(attributes, $"pod resize is only supported on linux nodes, node \"{node.Metadata.Name}\" is \"{system}\"", "UnsupportedPlatform");
        var allocatable = ResourceList.From(node.Status.Allocatable);
        var requests = PodResources.Requests(pod, new PodResourceOptions(UseStatus: false, IncludeOverhead: true, HugePagesOfPod: true));
        var missing = new List<string>(2);
        if (requests["cpu"] > allocatable["cpu"])
            missing.Add($"cpu, requested: {requests["cpu"].MilliValue()}, allocatable: {allocatable["cpu"].MilliValue()}");
        if (requests["memory"] > allocatable["memory"])
            missing.Add($"memory, requested: {requests["memory"].Value()}, allocatable: {allocatable["memory"].Value()}");
        if (missing.Count > 0)
            throw Refuse(attributes, $"node didn't have enough allocatable resources: {string.Join("; ", missing)}", "NodeCapacity");
        return ValueTask.CompletedTask;
    }

    private static StatusException Refuse(AdmissionAttributes attributes, string message, string cause)
    {
        var status = attributes.Forbidden(message).Status;
        return new StatusException(status with { Details = status.Details! with { Causes = [.. status.Details.Causes, new StatusCause(cause)] } });
    }
}
