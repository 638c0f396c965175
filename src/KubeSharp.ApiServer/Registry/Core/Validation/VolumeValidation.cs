using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>The volumes of a pod spec (ValidateVolumes in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class VolumeValidation
{
    private const string ModeMessage = "must be a number between 0 and 0777 (octal), both inclusive";

    /// <summary>The sources in the order in which they are looked for.</summary>
    private static readonly string[] Sources =
    [
        "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi", "glusterfs", "flocker",
        "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc", "flexVolume", "configMap", "azureFile", "vsphereVolume",
        "photonPersistentDisk", "portworxVolume", "azureDisk", "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
    ];

    public static void Validate(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        var volumes = scope.Spec.List("volumes");
        if (volumes.Count == 0)
            return;
        var podName = scope.PodMetadata.Text("name");
        for (var i = 0; i < volumes.Count; i++)
        {
            var (volume, at) = (volumes.At(i), path.Index(i));
            var (name, before) = (volume.Text("name"), errors.Count);
            ValidateSources(errors, volume, name, podName, scope, at);
            if (name.Length == 0)
                errors.Required(at.Child("name"));
            else
                errors.AddInvalid(at.Child("name"), name, NameValidation.IsDns1123Label(name));
            if (scope.Volumes.ContainsKey(name))
                errors.Duplicate(at.Child("name"), name);
            if (errors.Count == before)
                scope.Volumes.Add(name, volume);
            if (volume.GetMap("persistentVolumeClaim")?.Text("claimName") is { } claim && IsCreated(volumes, podName, claim))
                errors.Invalid(at.Child("persistentVolumeClaim", "claimName"), claim, "must not reference a PVC that gets created for an ephemeral volume");
        }
    }

    public static void ValidateMode(FieldErrorList errors, Map holder, string key, FieldPath path)
    {
        if (holder.GetInteger(key) is (> 0x1FF or < 0) and var mode)
            errors.Invalid(path.Child(key), mode, ModeMessage);
    }

    /// <summary>validateKeyToPath.</summary>
    public static void ValidateItem(FieldErrorList errors, Map item, FieldPath path)
    {
        if (item.Text("key").Length == 0)
            errors.Required(path.Child("key"));
        if (item.Text("path").Length == 0)
            errors.Required(path.Child("path"));
        PathValidation.LocalNonReserved(errors, item.Text("path"), path.Child("path"));
        ValidateMode(errors, item, "mode", path);
    }

    /// <summary>validateDownwardAPIVolumeFile.</summary>
    public static void ValidateDownwardFile(FieldErrorList errors, Map file, FieldPath path)
    {
        if (file.Text("path").Length == 0)
            errors.Required(path.Child("path"));
        PathValidation.LocalNonReserved(errors, file.Text("path"), path.Child("path"));
        if (file.GetMap("fieldRef") is { } field)
        {
            EnvValidation.ValidateFieldRef(errors, field, EnvValidation.VolumeFields, path.Child("fieldRef"));
            if (file.Has("resourceFieldRef"))
                errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
        }
        else if (file.GetMap("resourceFieldRef") is { } resource)
        {
            EnvValidation.ValidateResourceFieldRef(errors, resource, path.Child("resourceFieldRef"), volume: true);
        }
        else
        {
            errors.Required(path, "one of fieldRef and resourceFieldRef is required");
        }

        ValidateMode(errors, file, "mode", path);
    }

    private static void ValidateSources(FieldErrorList errors, Map volume, string name, string podName, PodSpecScope scope, FieldPath path)
    {
        var count = 0;
        foreach (var kind in Sources)
        {
            if (volume.GetMap(kind) is not { } source)
                continue;
            if (count++ > 0)
            {
                // The spelling of these two is upstream's.
                var child = kind switch { "cephfs" => "cephFS", "downwardAPI" => "downwarAPI", _ => kind };
                errors.Forbidden(path.Child(child), "may not specify more than 1 volume type");
            }
            else
            {
                ValidateSource(errors, kind, source, name, podName, scope, path);
            }

            if (kind == "iscsi" && source.Has("initiatorName") && Encoding.UTF8.GetByteCount($"{name}:{source.Text("targetPortal")}") > 64)
                errors.Invalid(path.Child("name"), name, "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.");
        }

        if (count == 0)
            errors.Required(path, "must specify a volume type");
    }

    private static void ValidateSource(FieldErrorList errors, string kind, Map source, string name, string podName, PodSpecScope scope, FieldPath volumePath)
    {
        var path = volumePath.Child(kind == "gcePersistentDisk" ? "persistentDisk" : kind);
        switch (kind)
        {
            case "emptyDir":
                if (source.Amount("sizeLimit").Sign < 0)
                    errors.Forbidden(path.Child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
                break;
            case "gitRepo":
                if (source.Text("repository").Length == 0)
                    errors.Required(path.Child("repository"));
                PathValidation.LocalDescending(errors, source.Text("directory"), path.Child("directory"));
                break;
            case "secret":
                ValidateFiles(errors, source, "secretName", path);
                break;
            case "configMap":
                ValidateFiles(errors, source, "name", path);
                break;
            case "downwardAPI":
                ValidateMode(errors, source, "defaultMode", path);
                foreach (var file in source.List("items"))
                    ValidateDownwardFile(errors, file.AsMap ?? Map.Empty, path);
                break;
            case "projected":
                ProjectedVolumeValidation.Validate(errors, source, scope.Options, path);
                break;
            case "persistentVolumeClaim":
                if (source.Text("claimName").Length == 0)
                    errors.Required(path.Child("claimName"));
                break;
            case "iscsi":
                ValidateIscsi(errors, source, path);
                break;
            case "cinder" or "storageos":
                VolumeSourceValidation.ValidateSource(errors, kind, WithoutSecret(source), "", path);
                if (source.GetMap("secretRef") is { } secret && secret.Text("name").Length == 0)
                    errors.Required(path.Child("secretRef", "name"));
                break;
            case "csi":
                CsiValidation.ValidateDriverName(errors, source.Text("driver"), path.Child("driver"));
                ValidateCsiSecret(errors, source, path);
                break;
            case "ephemeral":
                ValidateEphemeral(errors, source, path);
                if (podName.Length > 0 && name.Length > 0)
                {
                    foreach (var message in NameRules.DnsSubdomain($"{podName}-{name}", false))
                        errors.Invalid(volumePath.Child("name"), name, $"PVC name {GoText.Quote($"{podName}-{name}")}: {message}");
                }

                break;
            case "image":
                if (scope.Options.ResourceIsPod && source.Text("reference").Length == 0)
                    errors.Required(path.Child("reference"));
                ContainerValidation.ValidatePullPolicy(errors, source.Text("pullPolicy"), path.Child("pullPolicy"));
                break;
            default:
                VolumeSourceValidation.ValidateSource(errors, kind, source, name, path);
                break;
        }
    }

    private static void ValidateFiles(FieldErrorList errors, Map source, string nameKey, FieldPath path)
    {
        if (source.Text(nameKey).Length == 0)
            errors.Required(path.Child(nameKey));
        ValidateMode(errors, source, "defaultMode", path);
        var items = source.List("items");
        for (var i = 0; i < items.Count; i++)
            ValidateItem(errors, items.At(i), path.Child("items").Index(i));
    }

    private static void ValidateIscsi(FieldErrorList errors, Map source, FieldPath path)
    {
        if (source.Text("targetPortal").Length == 0)
            errors.Required(path.Child("targetPortal"));
        if (source.Text("iqn").Length == 0)
            errors.Required(path.Child("iqn"));
        else
            VolumeSourceValidation.ValidateIscsiName(errors, source.Text("iqn"), path.Child("iqn"));
        if (source.Number("lun") is < 0 or > 255)
            errors.Invalid(path.Child("lun"), source.Number("lun"), ValidationMessages.Between(0, 255));
        if ((source.Flag("chapAuthDiscovery") || source.Flag("chapAuthSession")) && !source.Has("secretRef"))
            errors.Required(path.Child("secretRef"));
        if (source.GetString("initiatorName") is { } initiator)
            VolumeSourceValidation.ValidateIscsiName(errors, initiator, path.Child("initiatorname"));
    }

    private static void ValidateCsiSecret(FieldErrorList errors, Map source, FieldPath path)
    {
        if (source.GetMap("nodePublishSecretRef") is not { } secret)
            return;
        if (secret.Text("name") is { Length: > 0 } name)
            MetadataValidation.Name(errors, name, NameRules.DnsSubdomain, path.Child("name"));
        else
            errors.Required(path.Child("nodePublishSecretRef", "name"));
    }

    private static void ValidateEphemeral(FieldErrorList errors, Map source, FieldPath path)
    {
        path = path.Child("volumeClaimTemplate");
        if (source.GetMap("volumeClaimTemplate") is not { } template)
        {
            errors.Required(path);
            return;
        }

        var metadata = template.Sub("metadata");
        ObjectMetaValidation.ValidateAnnotations(errors, metadata.GetMap("annotations"), path.Child("metadata", "annotations"));
        LabelValidation.ValidateLabels(errors, metadata.GetMap("labels"), path.Child("metadata", "labels"));
        foreach (var (key, value) in metadata)
        {
            if (key is not ("annotations" or "labels") && !value.IsNullOrUndefined && value.AsString is not "")
                errors.Forbidden(path.Child("metadata", key == "uid" ? "uID" : key), "cannot be set");
        }

        var spec = template.Sub("spec");
        PersistentVolumeClaimValidation.ValidateSpec(errors, spec, path.Child("spec"), LabelSelectorValidation.IsInvalid(spec.GetMap("selector")), true);
    }

    private static Map WithoutSecret(Map source)
    {
        if (!source.ContainsKey("secretRef"))
            return source;
        var copy = source.ShallowClone();
        copy.Remove("secretRef");
        return copy;
    }

    private static bool IsCreated(Sequence volumes, string podName, string claim)
    {
        if (podName.Length == 0)
            return false;
        for (var i = 0; i < volumes.Count; i++)
        {
            if (volumes.At(i).Has("ephemeral") && claim == $"{podName}-{volumes.At(i).Text("name")}")
                return true;
        }

        return false;
    }
}
