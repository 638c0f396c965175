using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>Daemon sets that counted their templates in a field of the spec; v1 does in an annotation (pkg/apis/apps/v1/conversion.go, v1.36).</summary>
internal static class DaemonSetV1Beta1
{
    public static Map ToStorage(Map set)
    {
        set.EditMap("metadata").EditMap("annotations").Set("deprecated.daemonset.template.generation", set.Sub("spec").Number("templateGeneration").ToString(CultureInfo.InvariantCulture));
        if (set["spec"].AsMap is not null)
            set.EditMap("spec").Remove("templateGeneration");
        return set;
    }
}
