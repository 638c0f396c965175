using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Fields whose feature gates are off are dropped unless the stored object has them (dropDisabledFields in
/// pkg/api/pod/util.go, v1.36).</summary>
internal static class PodDisabledFields
{
    /// <summary>Drops them from the template below a path, as in <c>spec</c> for a Deployment.</summary>
    public static void DropFromTemplate(Map obj, Map? old, params ReadOnlySpan<string> path)
    {
        var (holder, oldHolder) = (obj, old);
        foreach (var field in path)
            (holder, oldHolder) = (holder.Sub(field), oldHolder.Sub(field));
        var before = oldHolder.Sub("template").GetMap("spec");
        if (!NeedsDrop(holder.Sub("template").GetMap("spec"), before))
            return;
        holder = obj;
        foreach (var field in path)
            holder = holder.EditMap(field);
        Drop(holder.EditMap("template").EditMap("spec"), before);
    }

    public static void DropFromPod(Map pod, Map? old)
    {
        if (NeedsDrop(pod.GetMap("spec"), old?.GetMap("spec")))
            Drop(pod.EditMap("spec"), old?.GetMap("spec"));
    }

    private static bool NeedsDrop(Map? spec, Map? old) => spec is not null
        && ((spec.Has("schedulingGroup") && !old.Has("schedulingGroup")) || (HasStopSignal(spec) && !HasStopSignal(old))
            || (HasProjection(spec, "clusterTrustBundle") && !HasProjection(old, "clusterTrustBundle"))
            || (HasProjection(spec, "podCertificate") && !HasProjection(old, "podCertificate")));

    private static void Drop(Map spec, Map? old)
    {
        if (!old.Has("schedulingGroup"))
            spec.Remove("schedulingGroup");
        if (!HasStopSignal(old))
            DropStopSignals(spec);
        foreach (var source in (ReadOnlySpan<string>)["clusterTrustBundle", "podCertificate"])
        {
            if (!HasProjection(old, source))
                DropProjection(spec, source);
        }
    }

    private static bool HasStopSignal(Map? spec) => PodContainers.Any(spec, static container => container.Sub("lifecycle").Has("stopSignal"));

    private static void DropStopSignals(Map spec)
    {
        foreach (var list in PodContainers.Lists)
        {
            for (var i = 0; i < spec.List(list).Count; i++)
            {
                if (!spec.List(list).At(i).Sub("lifecycle").Has("stopSignal"))
                    continue;
                var container = spec.EditSequence(list).EditMap(i);
                container.EditMap("lifecycle").Remove("stopSignal");
                if (container.Sub("lifecycle").Count == 0)
                    container.Remove("lifecycle");
            }
        }
    }

    private static bool HasProjection(Map? spec, string source)
    {
        foreach (var volume in spec.List("volumes"))
        {
            foreach (var item in volume.AsMap.Sub("projected").List("sources"))
            {
                if (item.AsMap?.Has(source) == true)
                    return true;
            }
        }

        return false;
    }

    /// <summary>The emptied source stays in the list.</summary>
    private static void DropProjection(Map spec, string source)
    {
        for (var i = 0; i < spec.List("volumes").Count; i++)
        {
            var sources = spec.List("volumes").At(i).Sub("projected").List("sources");
            for (var j = 0; j < sources.Count; j++)
            {
                if (sources.At(j).Has(source))
                    spec.EditSequence("volumes").EditMap(i).EditMap("projected").EditSequence("sources").EditMap(j).Remove(source);
            }
        }
    }
}
