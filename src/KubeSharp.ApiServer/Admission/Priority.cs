using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Turns a pod's priority class into its priority (plugin/pkg/admission/priority/admission.go, v1.36).</summary>
public sealed class Priority(ResourceStore classes) : IAdmissionPlugin
{
    public string Name => "Priority";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return;
        var spec = pod.EditMap("spec");
        if (attributes.Operation == AdmissionOperation.Update)
        {
            // What is left out of an update stays as it was.
            var old = attributes.OldObject?.GetMap("spec");
            foreach (var field in (ReadOnlySpan<string>)["priority", "preemptionPolicy"])
            {
                if (spec[field].IsNullOrUndefined && old is not null)
                    spec.Set(field, old[field]);
            }

            return;
        }

        var name = spec.GetString("priorityClassName") ?? "";
        var (priority, policy) = name.Length == 0 ? Default(spec) : await FindAsync(attributes, name, cancellationToken).ConfigureAwait(false);
        if (spec.GetInteger("priority") is { } given && given != priority)
            throw StatusErrors.Forbidden(attributes.Resource.GroupResource, attributes.Name, $"the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name");
        if (spec.GetString("preemptionPolicy") is { } givenPolicy && givenPolicy != policy)
            throw StatusErrors.Forbidden(attributes.Resource.GroupResource, attributes.Name, $"the string value of PreemptionPolicy ({givenPolicy}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name");
        spec.Set("priority", priority);
        spec.Set("preemptionPolicy", policy);
    }

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("scheduling.k8s.io", "priorityclasses") || attributes.Object?.GetBoolean("globalDefault") != true)
            return ValueTask.CompletedTask;
        foreach (var cached in classes.Cache.Snapshot)
        {
            if (cached.Name != attributes.Name && cached.Tree().GetBoolean("globalDefault") == true)
                throw StatusErrors.Forbidden(attributes.Resource.GroupResource, attributes.Name, $"PriorityClass {cached.Name} is already marked as default. Only one default can exist");
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask<(long Priority, string Policy)> FindAsync(AdmissionAttributes attributes, string name, CancellationToken cancellationToken)
    {
        var found = classes.Peek("", name) ?? await classes.FindAsync("", name, cancellationToken).ConfigureAwait(false)
            ?? throw StatusErrors.Forbidden(attributes.Resource.GroupResource, attributes.Name, $"no PriorityClass with name {name} was found");
        return Values(found.Tree());
    }

    private (long Priority, string Policy) Default(Map spec)
    {
        Map? chosen = null;
        foreach (var cached in classes.Cache.Snapshot)
        {
            var tree = cached.Tree();
            if (tree.GetBoolean("globalDefault") == true && (chosen is null || tree.GetInteger("value") < chosen.GetInteger("value")))
                chosen = tree;
        }

        if (chosen is null)
            return (0, "PreemptLowerPriority");
        spec.Set("priorityClassName", chosen.GetMap("metadata")!["name"]);
        return Values(chosen);
    }

    private static (long Priority, string Policy) Values(Map priorityClass) =>
        (priorityClass.GetInteger("value") ?? 0, priorityClass.GetString("preemptionPolicy") ?? "PreemptLowerPriority");
}
