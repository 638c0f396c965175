using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>What of a pod's spec may change once it is stored (the second half of ValidatePodUpdate in
/// pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PodSpecChange
{
    private static readonly GroupVersionKind Pod = new("", "v1", "Pod");

    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";

    private const string Updatable = "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
        + "`spec.tolerations` (only additions to existing tolerations),"
        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    /// <summary>Gates may only go.</summary>
    public static void ValidateGates(FieldErrorList errors, Sequence gates, Sequence old, FieldPath path)
    {
        for (var i = 0; i < gates.Count; i++)
        {
            var name = gates.At(i).Text("name");
            var known = false;
            for (var j = 0; j < old.Count; j++)
                known |= old.At(j).Text("name") == name;
            if (!known)
                errors.Forbidden(path.Index(i).Child("name"), $"only deletion is allowed, but found new scheduling gate '{name}'");
        }
    }

    /// <summary>Nothing else may change, but for what a gated pod is still free in.</summary>
    public static void ValidateRest(FieldErrorList errors, Map spec, Map old, FieldPath path)
    {
        if (Same(spec, old))
            return;
        var munged = spec.ShallowClone();
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
            RestoreImages(munged, old, list);
        foreach (var field in (ReadOnlySpan<string>)["activeDeadlineSeconds", "schedulingGates", "tolerations"])
            munged.Set(field, old[field]);
        if (old.GetInteger("terminationGracePeriodSeconds") < 0 && munged.GetInteger("terminationGracePeriodSeconds") == 1)
            munged.Set("terminationGracePeriodSeconds", old["terminationGracePeriodSeconds"]);
        if (old.List("schedulingGates").Count > 0)
            ValidateGated(errors, munged, old, path);
        if (!Same(munged, old))
            errors.Forbidden(path, $"pod updates may not change fields other than {Updatable}\n{InternalForm.Difference(old, munged, Pod, "spec")}");
    }

    private static bool Same(Map spec, Map old) => ((Value)spec).SemanticallyEquals(old);

    private static void RestoreImages(Map spec, Map old, string list)
    {
        var containers = spec.List(list);
        if (containers.Count == 0)
            return;
        var restored = new Sequence(containers.Count);
        for (var i = 0; i < containers.Count; i++)
        {
            var container = containers.At(i).ShallowClone();
            container.Set("image", old.List(list).At(i)["image"]);
            restored.Add(container);
        }

        spec.Set(list, restored);
    }

    private static void ValidateGated(FieldErrorList errors, Map spec, Map old, FieldPath path)
    {
        if (!spec["nodeSelector"].SemanticallyEquals(old["nodeSelector"]))
        {
            foreach (var (key, value) in old.Sub("nodeSelector"))
            {
                if (spec.Sub("nodeSelector").GetString(key) == (value.AsString ?? ""))
                    continue;
                errors.Invalid(path.Child("nodeSelector"), spec.Has("nodeSelector") ? spec["nodeSelector"] : Value.Null,
                    "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
                break;
            }

            spec.Set("nodeSelector", old["nodeSelector"]);
        }

        var (now, before) = (spec.Sub("affinity").GetMap("nodeAffinity"), old.Sub("affinity").GetMap("nodeAffinity"));
        if (((Value)now).SemanticallyEquals(before))
            return;
        ValidateNodeAffinity(errors, now.Sub(Required).List("nodeSelectorTerms"), before, path.Child("affinity", "nodeAffinity", Required, "nodeSelectorTerms"));
        RestoreNodeAffinity(spec, old, before);
    }

    private static void RestoreNodeAffinity(Map spec, Map old, Map? before)
    {
        if (spec.GetMap("affinity") is not { } affinity)
        {
            if (before is not null)
                spec.Set("affinity", new Map(1) { { "nodeAffinity", before } });
        }
        else if (old.GetMap("affinity") is null && !affinity.Has("podAffinity") && !affinity.Has("podAntiAffinity"))
        {
            spec.Remove("affinity");
        }
        else
        {
            affinity = affinity.ShallowClone();
            affinity.Set("nodeAffinity", before);
            spec.Set("affinity", affinity);
        }
    }

    /// <summary>Terms that exist may only be narrowed.</summary>
    private static void ValidateNodeAffinity(FieldErrorList errors, Sequence terms, Map? before, FieldPath path)
    {
        var old = before.Sub(Required).List("nodeSelectorTerms");
        if (old.Count > 0 && old.Count != terms.Count)
        {
            errors.Invalid(path, terms.Count == 0 ? Value.Null : Print(terms), "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
            return;
        }

        for (var i = 0; i < old.Count; i++)
        {
            if (!HasOnlyAdditions(terms.At(i), old.At(i)))
                errors.Invalid(path.Index(i), Print(terms.At(i)), "only additions are allowed (no mutations or deletions)");
        }
    }

    private static bool HasOnlyAdditions(Map term, Map old)
    {
        var empty = old.List("matchExpressions").Count == 0 && old.List("matchFields").Count == 0;
        if (empty && (term.List("matchExpressions").Count > 0 || term.List("matchFields").Count > 0))
            return false;
        foreach (var list in (ReadOnlySpan<string>)["matchExpressions", "matchFields"])
        {
            var (now, before) = (term.List(list), old.List(list));
            if (now.Count < before.Count)
                return false;
            for (var i = 0; i < before.Count; i++)
            {
                if (!now[i].SemanticallyEquals(before[i]))
                    return false;
            }
        }

        return true;
    }

    private static Value Print(Value terms) =>
        InternalForm.Of(terms, new("", "v1", "Pod"), "spec", "affinity", "nodeAffinity", Required, "nodeSelectorTerms");
}
