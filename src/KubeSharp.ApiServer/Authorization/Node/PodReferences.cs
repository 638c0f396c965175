using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Authorization.Node;

/// <summary>The objects of its namespace that a pod names (pkg/api/v1/pod/util.go VisitPodSecretNames and
/// VisitPodConfigmapNames, node/graph.go AddPod; v1.36).</summary>
internal static class PodReferences
{
    public const string MirrorAnnotation = "kubernetes.io/config.mirror";

    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>Volume sources with a <c>secretRef</c>.</summary>
    private static readonly string[] SecretRefSources = ["cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos"];

    /// <summary>Visits everything that running the pod needs; nothing for a mirror pod, which a node makes itself.</summary>
    public static void Visit(Map pod, Action<Reference, string> visit)
    {
        if (pod.GetMap("metadata")?.GetMap("annotations")?.ContainsKey(MirrorAnnotation) == true || pod.GetMap("spec") is not { } spec)
            return;
        Named(spec, "serviceAccountName", Reference.ServiceAccount, visit);
        VisitSecrets(spec, name => visit(Reference.Secret, name));
        VisitConfigMaps(spec, name => visit(Reference.ConfigMap, name));
        VisitClaims(pod, spec, visit);
    }

    public static void VisitSecrets(Map spec, Action<string> visit)
    {
        foreach (var reference in Items(spec, "imagePullSecrets"))
            Name(reference, "name", visit);
        VisitContainers(spec, "secretRef", "secretKeyRef", visit);
        foreach (var volume in Items(spec, "volumes"))
        {
            Name(volume.GetMap("azureFile"), "secretName", visit);
            Name(volume.GetMap("secret"), "secretName", visit);
            Name(volume.GetMap("csi")?.GetMap("nodePublishSecretRef"), "name", visit);
            foreach (var source in SecretRefSources)
                Name(volume.GetMap(source)?.GetMap("secretRef"), "name", visit);
            foreach (var source in Items(volume.GetMap("projected"), "sources"))
                Name(source.GetMap("secret"), "name", visit);
        }
    }

    public static void VisitConfigMaps(Map spec, Action<string> visit)
    {
        VisitContainers(spec, "configMapRef", "configMapKeyRef", visit);
        foreach (var volume in Items(spec, "volumes"))
        {
            Name(volume.GetMap("configMap"), "name", visit);
            foreach (var source in Items(volume.GetMap("projected"), "sources"))
                Name(source.GetMap("configMap"), "name", visit);
        }
    }

    internal static IEnumerable<Map> Items(Map? parent, string list)
    {
        foreach (var item in parent?.GetSequence(list) ?? Sequence.Empty)
        {
            if (item.AsMap is { } map)
                yield return map;
        }
    }

    private static void VisitContainers(Map spec, string fromField, string keyField, Action<string> visit)
    {
        foreach (var list in ContainerLists)
        {
            foreach (var container in Items(spec, list))
            {
                foreach (var source in Items(container, "envFrom"))
                    Name(source.GetMap(fromField), "name", visit);
                foreach (var variable in Items(container, "env"))
                    Name(variable.GetMap("valueFrom")?.GetMap(keyField), "name", visit);
            }
        }
    }

    private static void VisitClaims(Map pod, Map spec, Action<Reference, string> visit)
    {
        var podName = pod.GetMap("metadata")?.GetString("name") ?? "";
        foreach (var volume in Items(spec, "volumes"))
        {
            if (volume.GetMap("persistentVolumeClaim") is { } claim)
                Named(claim, "claimName", Reference.PersistentVolumeClaim, visit);
            else if (volume.GetMap("ephemeral") is not null)
                visit(Reference.PersistentVolumeClaim, $"{podName}-{volume.GetString("name")}");
        }

        var status = pod.GetMap("status");
        foreach (var claim in Items(spec, "resourceClaims"))
        {
            if (claim.GetString("resourceClaimName") is { Length: > 0 } direct)
            {
                visit(Reference.ResourceClaim, direct);
                continue;
            }

            foreach (var made in Items(status, "resourceClaimStatuses"))
            {
                if (made.GetString("name") == claim.GetString("name"))
                    Named(made, "resourceClaimName", Reference.ResourceClaim, visit);
            }
        }

        if (status?.GetMap("extendedResourceClaimStatus") is { } extended)
            Named(extended, "resourceClaimName", Reference.ResourceClaim, visit);
    }

    private static void Named(Map holder, string field, Reference type, Action<Reference, string> visit)
    {
        if (holder.GetString(field) is { Length: > 0 } name)
            visit(type, name);
    }

    private static void Name(Map? holder, string field, Action<string> visit)
    {
        if (holder?.GetString(field) is { Length: > 0 } name)
            visit(name);
    }
}

/// <summary>The secrets of persistent volumes that kubelets need (pkg/api/v1/persistentvolume/util.go VisitPVSecretNames, v1.36).</summary>
internal static class VolumeSecrets
{
    /// <summary>Visits namespace and name; without a namespace of its own a secret is in the claim's.</summary>
    public static void Visit(Map volume, string claimNamespace, Action<string, string> visit)
    {
        if (volume.GetMap("spec") is not { } spec)
            return;
        if (spec.GetMap("azureFile") is { } azure)
            Add(azure.GetString("secretNamespace"), azure.GetString("secretName"), claimNamespace);
        foreach (var source in (ReadOnlySpan<string>)["cephfs", "flexVolume", "rbd", "scaleIO", "iscsi"])
            AddReference(spec.GetMap(source)?.GetMap("secretRef"), claimNamespace);
        foreach (var source in (ReadOnlySpan<string>)["cinder", "storageos"])
            AddReference(spec.GetMap(source)?.GetMap("secretRef"), "");
        foreach (var reference in (ReadOnlySpan<string>)["nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef"])
            AddReference(spec.GetMap("csi")?.GetMap(reference), "");

        void AddReference(Map? reference, string otherwise) => Add(reference?.GetString("namespace"), reference?.GetString("name"), otherwise);

        void Add(string? @namespace, string? name, string otherwise)
        {
            if (!string.IsNullOrEmpty(name))
                visit(string.IsNullOrEmpty(@namespace) ? otherwise : @namespace, name);
        }
    }
}
