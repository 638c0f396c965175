using System.Security.Cryptography;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authorization.Node;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Gives pods a service account, its pull secrets and the volume with its token
/// (plugin/pkg/admission/serviceaccount/admission.go, v1.36).</summary>
public sealed class ServiceAccount(ResourceStore accounts, TimeProvider time) : IAdmissionPlugin
{
    private const string DefaultName = "default";
    private const string VolumePrefix = "kube-api-access-";
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>An hour and some seconds, by which such tokens are told from others.</summary>
    private const int TokenExpirationSeconds = 3607;

    /// <summary>A new namespace's default account is made by a controller, which may take a moment.</summary>
    private const int DefaultAccountAttempts = 10;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(150);

    public string Name => "ServiceAccount";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Operation != AdmissionOperation.Create || !attributes.IsMain("", "pods") || attributes.Object is not { } pod)
            return;
        if (IsMirror(pod))
        {
            CheckMirrorPod(attributes, pod);
            return;
        }

        var spec = pod.EditMap("spec");
        if (string.IsNullOrEmpty(spec.GetString("serviceAccountName")))
            spec.Set("serviceAccountName", DefaultName);
        spec.Set("serviceAccount", spec["serviceAccountName"]);
        var account = await FindAsync(attributes, spec, cancellationToken).ConfigureAwait(false);
        if (spec.GetBoolean("automountServiceAccountToken") ?? account.GetBoolean("automountServiceAccountToken") ?? true)
            MountToken(spec);
        if (spec.GetSequence("imagePullSecrets") is not { Count: > 0 } && account.GetSequence("imagePullSecrets") is { Count: > 0 } secrets)
            spec.Set("imagePullSecrets", secrets.DeepClone());
    }

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Resource.GroupResource.ToString() != "pods" || attributes.Object is not { } pod)
            return;
        var isCreate = attributes.Operation == AdmissionOperation.Create && attributes.Subresource.Length == 0;
        if (!isCreate && attributes.Subresource != "ephemeralcontainers")
            return;
        if (isCreate && IsMirror(pod))
        {
            CheckMirrorPod(attributes, pod);
            return;
        }

        var spec = pod.GetMap("spec") ?? Map.Empty;
        var name = spec.GetString("serviceAccountName") ?? "";
        if (name.Length == 0)
            throw attributes.Forbidden($"no service account specified for pod {attributes.Namespace}/{pod.GetMap("metadata")?.GetString("name")}");
        var account = await FindAsync(attributes, spec, cancellationToken).ConfigureAwait(false);
        if (MountableSecrets.AreEnforced(account) && MountableSecrets.Problem(account, spec, ephemeralOnly: !isCreate) is { } problem)
            throw attributes.Forbidden(problem);
    }

    private static bool IsMirror(Map pod) => pod.GetMap("metadata")?.GetMap("annotations")?.ContainsKey(PodReferences.MirrorAnnotation) == true;

    private static void CheckMirrorPod(AdmissionAttributes attributes, Map pod)
    {
        var spec = pod.GetMap("spec") ?? Map.Empty;
        if (!string.IsNullOrEmpty(spec.GetString("serviceAccountName")))
            throw attributes.Forbidden("a mirror pod may not reference service accounts");
        var hasSecrets = false;
        PodReferences.VisitSecrets(spec, _ => hasSecrets = true);
        if (hasSecrets)
            throw attributes.Forbidden("a mirror pod may not reference secrets");
        foreach (var volume in PodReferences.Items(spec, "volumes"))
        {
            foreach (var source in PodReferences.Items(volume.GetMap("projected"), "sources"))
            {
                if (source.GetMap("serviceAccountToken") is not null)
                    throw attributes.Forbidden("a mirror pod may not use ServiceAccountToken volume projections");
            }
        }
    }

    private async ValueTask<Map> FindAsync(AdmissionAttributes attributes, Map spec, CancellationToken cancellationToken)
    {
        var name = spec.GetString("serviceAccountName")!;
        if (accounts.Peek(attributes.Namespace, name) is { } cached)
            return cached.Tree();
        var attempts = name == DefaultName ? DefaultAccountAttempts : 1;
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            if (attempt > 0)
                await Task.Delay(RetryInterval, time, cancellationToken).ConfigureAwait(false);
            if (await accounts.FindAsync(attributes.Namespace, name, cancellationToken).ConfigureAwait(false) is { } found)
                return found.Tree();
        }

        throw attributes.Forbidden($"error looking up service account {attributes.Namespace}/{name}: serviceaccount \"{name}\" not found");
    }

    private static void MountToken(Map spec)
    {
        string? volumeName = null;
        foreach (var volume in PodReferences.Items(spec, "volumes"))
        {
            if (volume.GetString("name") is { } existing && existing.StartsWith(VolumePrefix, StringComparison.Ordinal))
            {
                volumeName = existing;
                break;
            }
        }

        var hasVolume = volumeName is not null;
        volumeName ??= VolumePrefix + RandomNumberGenerator.GetString(SuffixAlphabet, 5);
        var needsVolume = MountInto(spec, "initContainers", volumeName) | MountInto(spec, "containers", volumeName);
        if (!hasVolume && needsVolume)
            spec.EditSequence("volumes").Add(new Map(2) { { "name", volumeName }, { "projected", TokenSource() } });
    }

    /// <summary>Mounts the volume into the containers that have nothing at its path; true when there was one.</summary>
    private static bool MountInto(Map spec, string list, string volumeName)
    {
        if (spec.GetSequence(list) is not { Count: > 0 } containers)
            return false;
        var mounted = false;
        for (var i = 0; i < containers.Count; i++)
        {
            if (PodReferences.Items(containers[i].AsMap, "volumeMounts").Any(m => m.GetString("mountPath") == MountPath))
                continue;
            spec.EditSequence(list).EditMap(i).EditSequence("volumeMounts").Add(new Map(3) { { "name", volumeName }, { "readOnly", true }, { "mountPath", MountPath } });
            mounted = true;
        }

        return mounted;
    }

    private static Map TokenSource()
    {
        var sources = new Sequence(3);
        sources.Add(new Map(1) { { "serviceAccountToken", new Map(2) { { "expirationSeconds", TokenExpirationSeconds }, { "path", "token" } } } });
        sources.Add(new Map(1) { { "configMap", new Map(2) { { "name", "kube-root-ca.crt" }, { "items", One(new Map(2) { { "key", "ca.crt" }, { "path", "ca.crt" } }) } } } });
        var fieldRef = new Map(2) { { "apiVersion", "v1" }, { "fieldPath", "metadata.namespace" } };
        sources.Add(new Map(1) { { "downwardAPI", new Map(1) { { "items", One(new Map(2) { { "path", "namespace" }, { "fieldRef", fieldRef } }) } } } });
        return new Map(2) { { "sources", sources }, { "defaultMode", 420 } };
    }

    private static Sequence One(Map item)
    {
        var sequence = new Sequence(1);
        sequence.Add(item);
        return sequence;
    }
}
