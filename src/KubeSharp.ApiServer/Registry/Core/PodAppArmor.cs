using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>AppArmor profiles that a new pod names by annotation are copied to the fields that replaced these
/// (applyAppArmorVersionSkew in pkg/registry/core/pod/strategy.go, v1.36; KEP-24).</summary>
internal static class PodAppArmor
{
    private const string Prefix = "container.apparmor.security.beta.kubernetes.io/";

    public static void Synchronise(OperationContext context, Map pod)
    {
        var (spec, annotations) = (pod.Sub("spec"), pod.Sub("metadata").Sub("annotations"));
        if (annotations.Count == 0 || spec.GetMap("os").Text("name") == "windows")
            return;
        var podProfile = spec.Sub("securityContext").GetMap("appArmorProfile");
        foreach (var list in PodContainers.Lists)
        {
            for (var i = 0; i < spec.List(list).Count; i++)
            {
                var container = spec.List(list).At(i);
                var key = Prefix + container.Text("name");
                if (annotations.GetString(key) is not { } annotation || container.Sub("securityContext").Has("appArmorProfile"))
                    continue;
                var profile = FieldFor(annotation);
                if (profile is not null && ((Value)profile).SemanticallyEquals(podProfile))
                    continue;
                if (profile is not null)
                {
                    pod.EditMap("spec").EditSequence(list).EditMap(i).EditMap("securityContext").Set("appArmorProfile", profile);
                    spec = pod.Sub("spec");
                }

                context.AddWarning($"metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead");
            }
        }
    }

    /// <summary>The profile that an annotation means; null when it means none that is valid.</summary>
    public static Map? FieldFor(string annotation)
    {
        const string Local = "localhost/";
        if (annotation == "unconfined")
            return new Map(1) { { "type", "Unconfined" } };
        if (annotation == "runtime/default")
            return new Map(1) { { "type", "RuntimeDefault" } };
        if (!annotation.StartsWith(Local, StringComparison.Ordinal) || annotation.Length == Local.Length)
            return null;
        var profile = new Map(2) { { "type", "Localhost" }, { "localhostProfile", annotation[Local.Length..] } };
        var errors = new FieldErrorList();
        SecurityContextValidation.ValidateAppArmor(errors, profile, MetadataValidation.Spec);
        return errors.Count == 0 ? profile : null;
    }
}
