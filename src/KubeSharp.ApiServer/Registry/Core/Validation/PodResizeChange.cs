using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Writes through the subresource resize, which changes how much cpu and memory a pod has
/// (ValidatePodResize in pkg/apis/core/validation/validation.go, v1.36; KEP-1287).</summary>
internal static class PodResizeChange
{
    private static readonly FieldPath Spec = MetadataValidation.Spec;

    /// <summary>Resources and resize policies are taken, unless the containers are not the same: that is for validation to refuse.</summary>
    public static void Prepare(Map obj, Map old)
    {
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        if (spec.List("containers").Count != before.List("containers").Count || spec.List("initContainers").Count != before.List("initContainers").Count)
            return;
        var merged = before.ShallowClone();
        merged.Set("resources", spec["resources"]);
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if (before.List(list).Count > 0)
                merged.Set(list, Merge(spec.List(list), before.List(list)));
        }

        obj.Set("spec", merged);
        obj.Set("status", old["status"]);
    }

    public static void Validate(FieldErrorList errors, Map obj, Map old)
    {
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        if (old.Sub("metadata").Sub("annotations").ContainsKey(PodAnnotationValidation.Mirror))
        {
            errors.Forbidden(new FieldPath(""), "static pods cannot be resized");
            return;
        }

        if (before.GetMap("os").Text("name") == "windows")
        {
            errors.Forbidden(new FieldPath(""), "windows pods cannot be resized");
            return;
        }

        var earlier = errors.Count;
        MetadataValidation.ValidateUpdate(errors, obj, old);
        PodValidation.ValidateMetadataAndSpec(errors, obj, PodValidation.OptionsFor(old));
        var oldClass = old.Sub("status").Text("qosClass");
        if ((oldClass.Length > 0 ? oldClass : QosClass.Of(old)) != QosClass.Of(obj))
            errors.Invalid(Spec, obj.Sub("status").Text("qosClass"), "Pod QOS Class may not change as a result of resizing");
        if (!IsSupported(old))
            errors.Forbidden(Spec, "Pod running on node without support for resize");
        var munged = spec.ShallowClone();
        if (HasPodResources(before) || HasPodResources(spec))
            ValidatePodResources(errors, spec, before, munged);
        if (old.Sub("status").List("nodeAllocatableResourceClaimStatuses").Count > 0)
            errors.Forbidden(Spec, "pods with node allocatable resource claims cannot be resized");
        if (!ValidateOrder(errors, spec, before, "containers") | !ValidateOrder(errors, spec, before, "initContainers"))
            return;
        ValidateRemoved(errors, spec, before, "initContainers");
        ValidateRemoved(errors, spec, before, "containers");
        ValidateMasked(errors, munged, before, "containers");
        ValidateMasked(errors, munged, before, "initContainers");
        if (errors.Count == earlier && !((Value)munged).SemanticallyEquals(before))
            errors.Forbidden(Spec, "only cpu and memory resources are mutable");
    }

    private static Sequence Merge(Sequence containers, Sequence old)
    {
        var merged = new Sequence(old.Count);
        for (var i = 0; i < old.Count; i++)
        {
            if (containers.At(i).Text("name") != old.At(i).Text("name"))
                return containers;
            var container = old.At(i).ShallowClone();
            container.Set("resources", containers.At(i)["resources"]);
            container.Set("resizePolicy", containers.At(i)["resizePolicy"]);
            merged.Add(container);
        }

        return merged;
    }

    /// <summary>Nodes that can resize report what their containers have; where none runs it cannot be known.</summary>
    private static bool IsSupported(Map pod)
    {
        foreach (var item in pod.Sub("status").List("containerStatuses"))
        {
            if (item.AsMap.Sub("state").Has("running"))
                return item.AsMap!.Has("resources");
        }

        return true;
    }

    private static bool HasPodResources(Map spec) =>
        spec.Sub("resources").Sub("requests").Count + spec.Sub("resources").Sub("limits").Count > 0;

    private static void ValidatePodResources(FieldErrorList errors, Map spec, Map old, Map munged)
    {
        var path = Spec.Child("resources");
        if (old.Has("resources") && !spec.Has("resources"))
        {
            errors.Forbidden(path, "pod-level resources cannot be removed");
            return;
        }

        if (old.Has("resources") && IsRemoved(spec.Sub("resources"), old.Sub("resources"), "requests"))
            errors.Forbidden(path.Child("requests"), "pod-level resource requests cannot be removed");
        if (old.Has("resources") && IsRemoved(spec.Sub("resources"), old.Sub("resources"), "limits"))
            errors.Forbidden(path.Child("limits"), "pod-level resource limits cannot be removed");
        munged.Set("resources", Mask(spec.Sub("resources"), old.Sub("resources")));
        if (!munged["resources"].SemanticallyEquals(old["resources"]))
            errors.Forbidden(Spec, "only cpu and memory resources are mutable at pod-level");
    }

    private static bool ValidateOrder(FieldErrorList errors, Map spec, Map old, string list)
    {
        var (now, before, errorsBefore) = (spec.List(list), old.List(list), errors.Count);
        if (now.Count != before.Count)
            errors.Forbidden(Spec.Child(list), $"{list} may not be added or removed on resize");
        for (var i = 0; i < before.Count && now.Count == before.Count; i++)
        {
            if (now.At(i).Text("name") != before.At(i).Text("name"))
                errors.Forbidden(Spec.Child(list).Index(i).Child("name"), $"{list} may not be renamed or reordered on resize");
        }

        return errors.Count == errorsBefore;
    }

    private static void ValidateRemoved(FieldErrorList errors, Map spec, Map old, string list)
    {
        for (var i = 0; i < old.List(list).Count; i++)
        {
            var (now, before, path) = (spec.List(list).At(i).Sub("resources"), old.List(list).At(i).Sub("resources"), Spec.Child(list).Index(i).Child("resources"));
            if (IsRemoved(now, before, "requests"))
                errors.Forbidden(path.Child("requests"), "resource requests cannot be removed");
            if (IsRemoved(now, before, "limits"))
                errors.Forbidden(path.Child("limits"), "resource limits cannot be removed");
        }
    }

    /// <summary>Apart from cpu and memory every container must be as it was.</summary>
    private static void ValidateMasked(FieldErrorList errors, Map munged, Map old, string list)
    {
        var (now, before) = (munged.List(list), old.List(list));
        if (before.Count == 0)
            return;
        var masked = new Sequence(before.Count);
        for (var i = 0; i < before.Count; i++)
        {
            var container = now.At(i).ShallowClone();
            container.Set("resources", Mask(now.At(i).Sub("resources"), before.At(i).Sub("resources")));
            var same = ((Value)container).SemanticallyEquals(before[i]);
            if (!same && list == "containers")
                errors.Forbidden(Spec, "only cpu and memory resources are mutable");
            else if (!same)
                errors.Forbidden(Spec.Child(list).Index(i), "only cpu and memory resources for init or sidecar containers are mutable");
            if (list == "initContainers" && !now[i].SemanticallyEquals(before[i]) && container.Text("restartPolicy") != "Always")
                ForbidRestarting(errors, container, Spec.Child(list).Index(i));
            masked.Add(container);
        }

        munged.Set(list, masked);
    }

    private static void ForbidRestarting(FieldErrorList errors, Map container, FieldPath path)
    {
        foreach (var policy in container.List("resizePolicy"))
        {
            if (policy.AsMap.Text("restartPolicy") == "RestartContainer")
                errors.Forbidden(path, "non-sidecar init containers with a resize policy of RestartContainer cannot be resized");
        }
    }

    private static bool IsRemoved(Map resources, Map old, string list)
    {
        var (now, before) = (resources.Sub(list), old.Sub(list));
        if (before.Count > now.Count)
            return true;
        foreach (var (name, _) in before)
        {
            if (!now.ContainsKey(name))
                return true;
        }

        return false;
    }

    /// <summary>The new resources with the old cpu and memory.</summary>
    private static Map Mask(Map resources, Map old)
    {
        var masked = new Map(2);
        foreach (var list in (ReadOnlySpan<string>)["limits", "requests"])
        {
            var amounts = resources.Sub(list).ShallowClone();
            foreach (var name in (ReadOnlySpan<string>)["cpu", "memory"])
                amounts.Set(name, old.Sub(list)[name]);
            if (amounts.Count > 0)
                masked.Set(list, amounts);
        }

        return masked;
    }
}
