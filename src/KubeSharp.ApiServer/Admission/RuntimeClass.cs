using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ComponentBase.Quota;
using Class = KubeSharp.ApiMachinery.Views.Node.V1.RuntimeClass;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Pods get the overhead and the scheduling constraints of their runtime class
/// (plugin/pkg/admission/runtimeclass/admission.go, v1.36).</summary>
internal sealed class RuntimeClass(ResourceStore classes) : IAdmissionPlugin
{
    private const string Mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

    public string Name => "RuntimeClass";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return;
        var found = await FindAsync(attributes, cancellationToken).ConfigureAwait(false);
        if (!found.Exists)
            return;
        if (found.Overhead.Exists)
        {
            var overhead = new Pod(pod).Spec.Overhead;
            if (overhead.Count > 0 && !AreEqual(found.Overhead.PodFixed, overhead))
                throw attributes.Forbidden(Mismatch);
            pod.EditMap("spec").Set("overhead", found.Overhead.PodFixed.Map?.DeepClone());
        }

        if (!found.Scheduling.Exists)
            return;
        var spec = pod.EditMap("spec");
        foreach (var (key, value) in found.Scheduling.NodeSelector)
        {
            var selector = spec.EditMap("nodeSelector");
            if (selector.GetString(key) is { } own && own != value)
                throw attributes.Forbidden($"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}");
            selector.Set(key, value);
        }

        var tolerations = Tolerations.Merge(new PodSpec(spec).Tolerations, found.Scheduling.Tolerations);
        if (tolerations.Count > 0)
            spec.Set("tolerations", tolerations.DeepClone());
    }

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return;
        var found = await FindAsync(attributes, cancellationToken).ConfigureAwait(false);
        var overhead = new Pod(pod).Spec.Overhead;
        if (found.Overhead.Exists)
        {
            if (!AreEqual(found.Overhead.PodFixed, overhead))
                throw attributes.Forbidden(Mismatch);
        }
        else if (overhead.Exists)
        {
            throw attributes.Forbidden("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        }
    }

    private async ValueTask<Class> FindAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Object?.GetMap("spec")?.GetString("runtimeClassName") is not { } name)
            return default;
        var found = classes.Peek("", name) ?? await classes.FindAsync("", name, cancellationToken).ConfigureAwait(false)
            ?? throw attributes.Forbidden($"pod rejected: RuntimeClass \"{name}\" not found");
        return new Class(found.Tree());
    }

    private static bool AreEqual(StringMap left, StringMap right) => ResourceList.From(left).HasSameValues(ResourceList.From(right));
}
