using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Persistent volumes (pkg/apis/core/validation/validation.go, pkg/api/persistentvolume/util.go, v1.36); the sources
/// are <see cref="VolumeSourceValidation"/>'s.</summary>
internal static class PersistentVolumeValidation
{
    private static readonly (string Name, string GoName)[] SourceNames =
    [
        ("gcePersistentDisk", "GCEPersistentDisk"), ("awsElasticBlockStore", "AWSElasticBlockStore"), ("hostPath", "HostPath"), ("glusterfs", "Glusterfs"),
        ("nfs", "NFS"), ("rbd", "RBD"), ("quobyte", "Quobyte"), ("iscsi", "ISCSI"), ("flexVolume", "FlexVolume"), ("cinder", "Cinder"), ("cephfs", "CephFS"),
        ("fc", "FC"), ("flocker", "Flocker"), ("azureFile", "AzureFile"), ("vsphereVolume", "VsphereVolume"), ("azureDisk", "AzureDisk"),
        ("photonPersistentDisk", "PhotonPersistentDisk"), ("portworxVolume", "PortworxVolume"), ("scaleIO", "ScaleIO"), ("local", "Local"),
        ("storageos", "StorageOS"), ("csi", "CSI"),
    ];

    public static readonly string[] AccessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    /// <summary>The internal PersistentVolumeSource, field by field.</summary>
    private static string Difference(Map old, Map spec)
    {
        var kind = new GroupVersionKind("", "v1", "PersistentVolume");
        Map Sources(Map from)
        {
            var sources = new Map();
            foreach (var (name, goName) in SourceNames)
                sources.Set(goName, from.Has(name) ? InternalForm.Of(from[name], kind, "spec", name) : Value.Null);
            return sources;
        }

        return UnifiedDiff.Of(InternalForm.Indented(Sources(old)), InternalForm.Indented(Sources(spec)));
    }

    private static readonly string[] ReclaimPolicies = ["Delete", "Recycle", "Retain"];
    private static readonly string[] VolumeModes = ["Block", "Filesystem"];

    private static readonly (string Annotation, string Message)[] DeprecatedAnnotations =
    [
        ("volume.beta.kubernetes.io/storage-class", "deprecated since v1.8; use \"storageClassName\" attribute instead"),
        ("volume.beta.kubernetes.io/mount-options", "deprecated since v1.31; use \"mountOptions\" attribute instead"),
    ];

    private static readonly (string Source, string Name, string Message)[] DeprecatedSources =
    [
        ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ValidateVolume(errors, obj, false);
        ValidateMountOptions(errors, obj);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (spec, before) = (obj.Sub("spec"), old.Sub("spec"));
        var loose = NodeSelectorValidation.HasInvalidValue(before.Sub("nodeAffinity").Sub("required"));
        ValidateVolume(errors, obj, loose);
        ValidateMountOptions(errors, obj);
        ValidateVolume(errors, obj, loose);
        foreach (var source in VolumeSourceValidation.Sources)
        {
            if (SameSource(source, spec.GetMap(source), before.GetMap(source)))
                continue;
            errors.Forbidden(MetadataValidation.Spec.Child("persistentvolumesource"), "spec.persistentvolumesource is immutable after creation\n" + Difference(before, spec));
            break;
        }

        if (spec.Text("volumeMode") != before.Text("volumeMode"))
            errors.Invalid(new FieldPath("volumeMode"), spec.Has("volumeMode") ? spec["volumeMode"] : Value.Null, ValidationMessages.FieldImmutable);
        if (before.Has("nodeAffinity") && !spec["nodeAffinity"].SemanticallyEquals(before["nodeAffinity"]))
            {
            errors.Invalid(new FieldPath("nodeAffinity"), InternalForm.Of(spec["nodeAffinity"], new("", "v1", "PersistentVolume"), "spec", "nodeAffinity"),
                ValidationMessages.FieldImmutable + ", except for updating from beta label to GA");
        }

        if (before.Has("volumeAttributesClassName") && !spec.Has("volumeAttributesClassName"))
            errors.Forbidden(MetadataValidation.Spec.Child("volumeAttributesClassName"), "update from non-nil value to nil is forbidden");
    }

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (obj.Sub("metadata").Text("resourceVersion").Length == 0)
            errors.Required(new FieldPath("resourceVersion"));
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        var spec = obj.Sub("spec");
        foreach (var (annotation, message) in DeprecatedAnnotations)
        {
            if (obj.Sub("metadata").Sub("annotations").ContainsKey(annotation))
                context.AddWarning($"metadata.annotations[{annotation}]: {message}");
        }

        if (spec.Text("persistentVolumeReclaimPolicy") == "Recycle")
        {
            context.AddWarning(
                "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.");
        }

        var terms = spec.Sub("nodeAffinity").Sub("required").List("nodeSelectorTerms");
        for (var i = 0; i < terms.Count; i++)
        {
            var expressions = terms.At(i).List("matchExpressions");
            for (var j = 0; j < expressions.Count; j++)
            {
                var key = expressions.At(j).Text("key");
                if (NodeSelectorValidation.DeprecatedLabel(key) is { } message)
                    context.AddWarning($"spec.nodeAffinity.required.nodeSelectorTerms[{i}].matchExpressions[{j}].key: {key} is {message}");
            }
        }

        foreach (var (source, name, message) in DeprecatedSources)
        {
            if (spec.Has(source))
                context.AddWarning($"spec.{name}: {message}");
        }
    }

    /// <summary>A CSI volume may gain a secret for expansion, nothing else.</summary>
    private static bool SameSource(string name, Map? source, Map? before)
    {
        if (name == "csi" && source is not null && before is not null && !before.Has("controllerExpandSecretRef") && source.Has("controllerExpandSecretRef"))
        {
            source = source.ShallowClone();
            source.Remove("controllerExpandSecretRef");
        }

        return source is null == before is null && ((Value)source).SemanticallyEquals(before);
    }

    private static void ValidateVolume(FieldErrorList errors, Map obj, bool allowInvalidLabelValues)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), obj.Name(), false, MetadataValidation.Spec, allowInvalidLabelValues);
    }

    /// <summary>Mount options are for the sources that know them (pkg/volume/validation/pv_validation.go).</summary>
    private static void ValidateMountOptions(FieldErrorList errors, Map obj)
    {
        var options = obj.Sub("metadata").Sub("annotations").GetString("volume.beta.kubernetes.io/mount-options");
        var spec = obj.Sub("spec");
        if (options is null)
            return;
        foreach (var source in (ReadOnlySpan<string>)["gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs", "azureFile", "vsphereVolume", "azureDisk", "photonPersistentDisk"])
        {
            if (spec.Has(source))
                return;
        }

        errors.Forbidden(MetadataValidation.Path.Child("annotations", "volume.beta.kubernetes.io/mount-options"), "may not specify mount options for this volume type");
    }

    /// <summary>ValidatePersistentVolumeSpec; <paramref name="inline"/> is true inside a volume attachment.</summary>
    public static void ValidateSpec(FieldErrorList errors, Map spec, string name, bool inline, FieldPath path, bool allowInvalidLabelValues)
    {
        const string OnlyOutside = "may not be specified in the context of inline volumes";
        if (inline)
        {
            if (spec.Has("claimRef"))
                errors.Forbidden(path.Child("claimRef"), OnlyOutside);
            if (spec.Sub("capacity").Count > 0)
                errors.Forbidden(path.Child("capacity"), OnlyOutside);
            if (!spec.Has("csi"))
                errors.Required(path.Child("csi"), "has to be specified in the context of inline volumes");
        }

        if (spec.List("accessModes").Count == 0)
            errors.Required(path.Child("accessModes"));
        ValidateAccessModes(errors, spec.List("accessModes"), path.Child("accessModes"));
        if (!inline)
            ValidateCapacity(errors, spec, path.Child("capacity"));
        var policy = spec.Text("persistentVolumeReclaimPolicy");
        if (inline && policy is not ("" or "Retain"))
            errors.Forbidden(path.Child("persistentVolumeReclaimPolicy"), "may only be Retain in the context of inline volumes");
        else if (!inline && policy.Length > 0)
            errors.OneOf(path, "persistentVolumeReclaimPolicy", policy, ReclaimPolicies);
        if (spec.GetMap("nodeAffinity") is { } affinity)
        {
            if (inline)
                errors.Forbidden(path.Child("nodeAffinity"), OnlyOutside);
            else if (affinity.GetMap("required") is { } required)
                NodeSelectorValidation.Validate(errors, required, path.Child("nodeAffinity", "required"), allowInvalidLabelValues);
            else
                errors.Required(path.Child("nodeAffinity", "required"), "must specify required node constraints");
        }

        VolumeSourceValidation.Validate(errors, spec, name, path, hasNodeAffinity: !inline && spec.Has("nodeAffinity"));
        if (spec.GetMap("hostPath") is { } hostPath && policy == "Recycle" && IsRoot(hostPath.Text("path")))
            errors.Forbidden(path.Child("persistentVolumeReclaimPolicy"), "may not be 'recycle' for a hostPath mount of '/'");
        ValidateClasses(errors, spec, inline, path, OnlyOutside);
    }

    private static void ValidateClasses(FieldErrorList errors, Map spec, bool inline, FieldPath path, string onlyOutside)
    {
        var storageClass = spec.Text("storageClassName");
        if (storageClass.Length > 0 && inline)
            errors.Forbidden(path.Child("storageClassName"), onlyOutside);
        else if (storageClass.Length > 0)
            MetadataValidation.Name(errors, storageClass, NameRules.DnsSubdomain, path.Child("storageClassName"));
        if (spec.GetString("volumeMode") is { } mode)
        {
            if (!inline)
                errors.OneOf(path, "volumeMode", mode, VolumeModes);
            else if (mode != "Filesystem")
                errors.Forbidden(path.Child("volumeMode"), "may not specify volumeMode other than Filesystem in the context of inline volumes");
        }

        if (inline || spec.GetString("volumeAttributesClassName") is not { } attributes)
            return;
        if (attributes.Length == 0)
            errors.Required(path.Child("volumeAttributesClassName"), "an empty string is disallowed");
        else
            MetadataValidation.Name(errors, attributes, NameRules.DnsSubdomain, path.Child("volumeAttributesClassName"));
        if (!spec.Has("csi"))
            errors.Required(path.Child("csi"), "has to be specified when using volumeAttributesClassName");
    }

    public static void ValidateAccessModes(FieldErrorList errors, Sequence modes, FieldPath path)
    {
        var (oncePod, other) = (false, false);
        for (var i = 0; i < modes.Count; i++)
        {
            var known = AccessModes.Contains(modes.TextAt(i));
            if (!known)
                errors.NotSupported(path, modes[i], AccessModes);
            if (modes.TextAt(i) == "ReadWriteOncePod")
                oncePod = true;
            else
                other |= known;
        }

        if (oncePod && other)
            errors.Forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }

    private static void ValidateCapacity(FieldErrorList errors, Map spec, FieldPath path)
    {
        var capacity = spec.Sub("capacity");
        if (capacity.Count == 0)
            errors.Required(path);
        if (!capacity.ContainsKey("storage") || capacity.Count > 1)
            errors.NotSupported(path, spec.Has("capacity") ? capacity : Value.Null, ["storage"]);
        foreach (var (name, value) in capacity)
        {
            var amount = Quantity.FromValue(value);
            ValidateBasic(errors, amount, path.Key(name));
            if (amount.Sign <= 0)
                errors.Invalid(path.Key(name), amount.ToString(), "must be greater than zero");
        }
    }

    /// <summary>validateBasicResource.</summary>
    public static bool ValidateBasic(FieldErrorList errors, Quantity amount, FieldPath path)
    {
        if (amount.Value() >= 0)
            return true;
        errors.Invalid(path, amount.Value(), "must be a valid resource quantity");
        return false;
    }

    private static bool IsRoot(string path)
    {
        if (!path.StartsWith('/'))
            return false;
        var depth = 0;
        foreach (var segment in path.Split('/'))
        {
            if (segment == "..")
                depth = Math.Max(0, depth - 1);
            else if (segment is not ("" or "."))
                depth++;
        }

        return depth == 0;
    }
}
