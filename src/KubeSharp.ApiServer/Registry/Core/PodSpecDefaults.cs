using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Defaults of pod specs and all that they hold (pkg/apis/core/v1/defaults.go, v1.36).</summary>
internal static class PodSpecDefaults
{
    private const int DefaultMode = 0x1A4; // 0644

    public static void Apply(Map spec)
    {
        Default(spec, "restartPolicy", "Always");
        Default(spec, "terminationGracePeriodSeconds", 30);
        Default(spec, "dnsPolicy", "ClusterFirst");
        if (spec["securityContext"].IsNullOrUndefined)
            spec.Set("securityContext", new Map(0));
        Default(spec, "schedulerName", "default-scheduler");
        if (spec.GetString("serviceAccountName") is { Length: > 0 } account)
            spec.Set("serviceAccount", account);
        else if (spec.GetString("serviceAccount") is { Length: > 0 } deprecated)
            spec.Set("serviceAccountName", deprecated);
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers", "ephemeralContainers"])
            Each(spec, list, ApplyToContainer);
        Each(spec, "volumes", ApplyToVolume);
    }

    private static void ApplyToContainer(Map container)
    {
        if (string.IsNullOrEmpty(container.GetString("imagePullPolicy")))
            container.Set("imagePullPolicy", ImageReference.PullPolicy(container.GetString("image") ?? ""));
        Default(container, "terminationMessagePath", "/dev/termination-log");
        Default(container, "terminationMessagePolicy", "File");
        Each(container, "ports", port => Default(port, "protocol", "TCP"));
        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[probe].AsMap is not null)
                ApplyToProbe(container.EditMap(probe));
        }

        if (container["lifecycle"].AsMap is not null)
        {
            var lifecycle = container.EditMap("lifecycle");
            foreach (var handler in (ReadOnlySpan<string>)["postStart", "preStop"])
            {
                if (lifecycle[handler].AsMap is not null)
                    ApplyToHttpGet(lifecycle.EditMap(handler));
            }
        }

        Each(container, "env", variable =>
        {
            if (variable.GetMap("valueFrom")?["fieldRef"].AsMap is not null)
                Default(variable.EditMap("valueFrom").EditMap("fieldRef"), "apiVersion", "v1");
        });
        if (container["resources"].AsMap is not null)
        {
            ResourceAmounts.RoundUp(container.EditMap("resources"), "limits");
            ResourceAmounts.RoundUp(container.EditMap("resources"), "requests");
        }
    }

    private static void ApplyToProbe(Map probe)
    {
        Default(probe, "timeoutSeconds", 1);
        Default(probe, "periodSeconds", 10);
        Default(probe, "successThreshold", 1);
        Default(probe, "failureThreshold", 3);
        ApplyToHttpGet(probe);
        if (probe["grpc"].AsMap is not null)
            Default(probe.EditMap("grpc"), "service", "", keepEmpty: true);
    }

    private static void ApplyToHttpGet(Map holder)
    {
        if (holder["httpGet"].AsMap is null)
            return;
        var get = holder.EditMap("httpGet");
        Default(get, "path", "/");
        Default(get, "scheme", "HTTP");
    }

    private static void ApplyToVolume(Map volume)
    {
        // A volume without a source is an empty directory.
        if (volume.Count == 1 && volume.ContainsKey("name"))
            volume.Set("emptyDir", new Map(0));
        Sub(volume, "secret", s => Default(s, "defaultMode", DefaultMode));
        Sub(volume, "configMap", c => Default(c, "defaultMode", DefaultMode));
        Sub(volume, "downwardAPI", d =>
        {
            Default(d, "defaultMode", DefaultMode);
            ApplyToDownwardItems(d);
        });
        Sub(volume, "projected", p =>
        {
            Default(p, "defaultMode", DefaultMode);
            Each(p, "sources", source =>
            {
                Sub(source, "serviceAccountToken", token => Default(token, "expirationSeconds", 3600));
                Sub(source, "downwardAPI", ApplyToDownwardItems);
            });
        });
        Sub(volume, "hostPath", h => Default(h, "type", "", keepEmpty: true));
        Sub(volume, "iscsi", i => Default(i, "iscsiInterface", "default"));
        Sub(volume, "rbd", r =>
        {
            Default(r, "pool", "rbd");
            Default(r, "user", "admin");
            Default(r, "keyring", "/etc/ceph/keyring");
        });
        Sub(volume, "azureDisk", a =>
        {
            Default(a, "cachingMode", "ReadWrite", keepEmpty: true);
            Default(a, "kind", "Shared", keepEmpty: true);
            Default(a, "fsType", "ext4", keepEmpty: true);
            Default(a, "readOnly", false);
        });
        Sub(volume, "scaleIO", s =>
        {
            Default(s, "storageMode", "ThinProvisioned");
            Default(s, "fsType", "xfs");
        });
        Sub(volume, "ephemeral", e =>
        {
            if (e.GetMap("volumeClaimTemplate")?["spec"].AsMap is not null)
                Default(e.EditMap("volumeClaimTemplate").EditMap("spec"), "volumeMode", "Filesystem", keepEmpty: true);
        });
        Sub(volume, "image", i =>
        {
            if (string.IsNullOrEmpty(i.GetString("pullPolicy")))
                i.Set("pullPolicy", ImageReference.PullPolicy(i.GetString("reference") ?? ""));
        });
    }

    private static void ApplyToDownwardItems(Map downward) =>
        Each(downward, "items", item => Sub(item, "fieldRef", f => Default(f, "apiVersion", "v1")));

    internal static void Default(Map map, string key, Value value, bool keepEmpty = false)
    {
        var current = map[key];
        if (value.IsUndefined || !(current.IsNullOrUndefined || (!keepEmpty && current.AsString is { Length: 0 })))
            return;
        map.Set(key, value);
    }

    internal static void Sub(Map map, string key, Action<Map> apply)
    {
        if (map[key].AsMap is not null)
            apply(map.EditMap(key));
    }

    internal static void Each(Map map, string key, Action<Map> apply)
    {
        if (map[key].AsSequence is not { Count: > 0 })
            return;
        var sequence = map.EditSequence(key);
        for (var i = 0; i < sequence.Count; i++)
        {
            if (sequence[i].AsMap is not null)
                apply(sequence.EditMap(i));
        }
    }
}
