using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>Deployments that could be told to roll back; v1 keeps the wish in an annotation (pkg/apis/apps/v1/conversion.go, v1.36).</summary>
internal static class DeploymentV1Beta1
{
    public static Map ToStorage(Map deployment)
    {
        if (deployment.Sub("spec").GetMap("rollbackTo") is not { } rollback)
            return deployment;
        deployment.EditMap("metadata").EditMap("annotations").Set("deprecated.deployment.rollback.to", rollback.Number("revision").ToString(CultureInfo.InvariantCulture));
        deployment.EditMap("spec").Remove("rollbackTo");
        return deployment;
    }
}
