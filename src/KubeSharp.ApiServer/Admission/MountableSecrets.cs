using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authorization.Node;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Accounts that say so let their pods use only the secrets that they name
/// (plugin/pkg/admission/serviceaccount/admission.go limitSecretReferences, v1.36).</summary>
internal static class MountableSecrets
{
    private const string Annotation = "kubernetes.io/enforce-mountable-secrets";

    public static bool AreEnforced(Map account) =>
        account.GetMap("metadata")?.GetMap("annotations")?.GetString(Annotation) is "1" or "t" or "T" or "true" or "TRUE" or "True";

    /// <returns>Upstream's words for the first secret that the account does not name, or null.</returns>
    public static string? Problem(Map account, Map spec, bool ephemeralOnly)
    {
        var name = account.GetMap("metadata")?.GetString("name");
        var allowed = Names(account, "secrets");
        if (ephemeralOnly)
            return InContainers(spec, "ephemeralContainers", "ephemeral container", allowed, name);
        foreach (var volume in PodReferences.Items(spec, "volumes"))
        {
            if (volume.GetMap("secret") is { } secret && !allowed.Contains(secret.GetString("secretName") ?? ""))
                return $"volume with secret.secretName=\"{secret.GetString("secretName")}\" is not allowed because service account {name} does not reference that secret";
        }

        if ((InContainers(spec, "initContainers", "init container", allowed, name) ?? InContainers(spec, "containers", "container", allowed, name)) is { } problem)
            return problem;
        var pullSecrets = Names(account, "imagePullSecrets");
        var index = 0;
        foreach (var reference in PodReferences.Items(spec, "imagePullSecrets"))
        {
            if (!pullSecrets.Contains(reference.GetString("name") ?? ""))
                return $"imagePullSecrets[{index}].name=\"{reference.GetString("name")}\" is not allowed because service account {name} does not reference that imagePullSecret";
            index++;
        }

        return null;
    }

    private static HashSet<string> Names(Map account, string list) =>
        PodReferences.Items(account, list).Select(item => item.GetString("name") ?? "").ToHashSet(StringComparer.Ordinal);

    private static string? InContainers(Map spec, string list, string word, HashSet<string> allowed, string? account)
    {
        foreach (var container in PodReferences.Items(spec, list))
        {
            foreach (var variable in PodReferences.Items(container, "env"))
            {
                if (variable.GetMap("valueFrom")?.GetMap("secretKeyRef") is { } key && !allowed.Contains(key.GetString("name") ?? ""))
                    return $"{word} {container.GetString("name")} with envVar {variable.GetString("name")} referencing secret.secretName=\"{key.GetString("name")}\" is not allowed because service account {account} does not reference that secret";
            }

            foreach (var source in PodReferences.Items(container, "envFrom"))
            {
                if (source.GetMap("secretRef") is { } secret && !allowed.Contains(secret.GetString("name") ?? ""))
                    return $"{word} {container.GetString("name")} with envFrom referencing secret.secretName=\"{secret.GetString("name")}\" is not allowed because service account {account} does not reference that secret";
            }
        }

        return null;
    }
}
