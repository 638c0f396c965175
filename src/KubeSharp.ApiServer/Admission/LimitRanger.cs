using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ComponentBase.Quota;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Containers get the resources that a namespace's limit ranges give by default, and pods and claims must keep
/// within them (plugin/pkg/admission/limitranger/admission.go, v1.36).</summary>
internal sealed class LimitRanger(ResourceStore limitRanges, RestStrategy podStrategy) : IAdmissionPlugin
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    public string Name => "LimitRanger";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!Concerns(attributes) || attributes.Resource.Resource != "pods")
            return ValueTask.CompletedTask;
        var pod = attributes.Object!;
        var isChanged = false;
        foreach (var cached in AdmissionDependencies.In(limitRanges, attributes.Namespace))
            isChanged |= SetDefaults(new LimitRange(cached.Tree()).Spec.Limits, pod);
        // What is left out for the pod as a whole follows from its containers. Upstream's readers see this, as they all default.
        if (isChanged && pod.GetMap("spec")?.GetMap("resources") is not null)
            podStrategy.SetDefaults(pod);
        return ValueTask.CompletedTask;
    }

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!Concerns(attributes))
            return ValueTask.CompletedTask;
        foreach (var cached in AdmissionDependencies.In(limitRanges, attributes.Namespace))
        {
            var limits = new LimitRange(cached.Tree()).Spec.Limits;
            var problems = new LimitProblems();
            if (attributes.Resource.Resource == "pods")
                CheckPod(limits, new Pod(attributes.Object), problems);
            else
                CheckClaim(limits, new PersistentVolumeClaim(attributes.Object), problems);
            if (problems.Text is { } text)
                throw attributes.Forbidden(text);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>New pods and claims, changed claims, and pods that are resized.</summary>
    private static bool Concerns(AdmissionAttributes attributes)
    {
        if (attributes.Resource.Group.Length > 0 || attributes.Object is null || attributes.OldObject?.GetMap("metadata")?.GetString("deletionTimestamp") is not null)
            return false;
        var isUpdate = attributes.Operation == AdmissionOperation.Update;
        return attributes.Resource.Resource switch
        {
            "pods" => attributes.Subresource == (isUpdate ? "resize" : ""),
            "persistentvolumeclaims" => attributes.Subresource.Length == 0,
            _ => false,
        };
    }

    /// <returns>Whether a container got something.</returns>
    private static bool SetDefaults(ViewList<LimitRangeItem> items, Map pod)
    {
        var (limits, requests) = (new Map(), new Map());
        foreach (var item in items)
        {
            if (item.Type != "Container")
                continue;
            foreach (var (name, value) in item.DefaultRequest)
                requests.Set(name, value);
            foreach (var (name, value) in item.Default)
                limits.Set(name, value);
        }

        if (limits.Count == 0 && requests.Count == 0)
            return false;
        var notes = new List<string>();
        SetDefaults(pod, "containers", "container", requests, limits, notes);
        SetDefaults(pod, "initContainers", "init container", requests, limits, notes);
        if (notes.Count > 0)
            pod.EditMap("metadata").EditMap("annotations").Set(Annotation, $"LimitRanger plugin set: {string.Join("; ", notes)}");
        return notes.Count > 0;
    }

    private static void SetDefaults(Map pod, string list, string what, Map requests, Map limits, List<string> notes)
    {
        var count = pod.GetMap("spec")?.GetSequence(list)?.Count ?? 0;
        for (var i = 0; i < count; i++)
        {
            var container = pod.GetMap("spec")!.GetSequence(list)![i].AsMap!;
            var resources = container.GetMap("resources");
            var missingRequests = Missing(resources?.GetMap("requests"), requests);
            var missingLimits = Missing(resources?.GetMap("limits"), limits);
            if (missingRequests.Count == 0 && missingLimits.Count == 0)
                continue;
            var edited = pod.EditMap("spec").EditSequence(list).EditMap(i).EditMap("resources");
            Fill(edited, "requests", missingRequests, requests);
            Fill(edited, "limits", missingLimits, limits);
            var name = container.GetString("name");
            if (missingRequests.Count > 0)
                notes.Add($"{string.Join(", ", missingRequests)} request for {what} {name}");
            if (missingLimits.Count > 0)
                notes.Add($"{string.Join(", ", missingLimits)} limit for {what} {name}");
        }
    }

    private static SortedSet<string> Missing(Map? own, Map defaults)
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in defaults)
        {
            if (own?.ContainsKey(name) != true)
                missing.Add(name);
        }

        return missing;
    }

    private static void Fill(Map resources, string field, SortedSet<string> missing, Map defaults)
    {
        if (missing.Count == 0)
            return;
        var list = resources.EditMap(field);
        foreach (var name in missing)
            list.Set(name, defaults[name]);
        list.Sort(string.CompareOrdinal);
    }

    private static void CheckPod(ViewList<LimitRangeItem> items, Pod pod, LimitProblems problems)
    {
        foreach (var item in items)
        {
            if (item.Type == "Container")
            {
                foreach (var container in pod.Spec.Containers)
                    problems.CheckAll(item, ResourceList.From(container.Resources.Requests), ResourceList.From(container.Resources.Limits));
                foreach (var container in pod.Spec.InitContainers)
                    problems.CheckAll(item, ResourceList.From(container.Resources.Requests), ResourceList.From(container.Resources.Limits));
            }
            else if (item.Type == "Pod")
            {
                var options = new PodResourceOptions(UseStatus: false, IncludeOverhead: false, HugePagesOfPod: false);
                problems.CheckAll(item, PodResources.Requests(pod, options), PodResources.Limits(pod, options));
            }
        }
    }

    private static void CheckClaim(ViewList<LimitRangeItem> items, PersistentVolumeClaim claim, LimitProblems problems)
    {
        foreach (var item in items)
        {
            if (item.Type != "PersistentVolumeClaim")
                continue;
            var requests = ResourceList.From(claim.Spec.Resources.Requests);
            foreach (var (name, enforced) in ResourceList.From(item.Min))
                problems.CheckMinimum(item.Type, name, enforced, requests, new ResourceList());
            foreach (var (name, enforced) in ResourceList.From(item.Max))
                problems.CheckMaximumRequest(item.Type, name, enforced, requests);
        }
    }
}
