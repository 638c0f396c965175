using System.Text;
using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>The source of a persistent volume, of which there is exactly one (ValidatePersistentVolumeSpec in
/// pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static partial class VolumeSourceValidation
{
    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    private static readonly string[] CachingModes = ["None", "ReadOnly", "ReadWrite"];
    private static readonly string[] DiskKinds = ["Dedicated", "Managed", "Shared"];

    /// <summary>In the order in which they are looked for.</summary>
    public static readonly string[] Sources =
    [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte", "cephfs", "iscsi", "cinder",
        "fc", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
    ];

    public static void Validate(FieldErrorList errors, Map spec, string volumeName, FieldPath path, bool hasNodeAffinity)
    {
        var count = 0;
        foreach (var name in Sources)
        {
            if (spec.GetMap(name) is not { } source)
                continue;
            // Upstream lets a flex volume stand beside what came before it.
            if (count > 0 && name != "flexVolume")
            {
                errors.Forbidden(path.Child(name == "cephfs" ? "cephFS" : name), "may not specify more than 1 volume type");
                continue;
            }

            count++;
            ValidateSource(errors, name, source, volumeName, path.Child(name == "gcePersistentDisk" ? "persistentDisk" : name));
            if (name == "local" && !hasNodeAffinity)
                errors.Required(path.Child("nodeAffinity"), "Local volume requires node affinity");
        }

        if (count == 0)
            errors.Required(path, "must specify a volume type");
    }

    /// <summary>The rules of one source; those of pods and of persistent volumes are mostly the same.</summary>
    public static void ValidateSource(FieldErrorList errors, string name, Map source, string volumeName, FieldPath path)
    {
        switch (name)
        {
            case "hostPath":
                if (RequirePath(errors, source, path) && source.GetString("type") is { } type)
                    errors.OneOf(path, "type", type, HostPathTypes);
                break;
            case "gcePersistentDisk":
                Require(errors, source, path, "pdName");
                ValidatePartition(errors, source, path);
                break;
            case "awsElasticBlockStore":
                Require(errors, source, path, "volumeID");
                ValidatePartition(errors, source, path);
                break;
            case "glusterfs":
                Require(errors, source, path, "endpoints", "path");
                if (source.GetString("endpointsNamespace") is { Length: > 0 } ns)
                    MetadataValidation.Name(errors, ns, NameRules.DnsLabel, path.Child("endpointsNamespace"));
                else if (source.Has("endpointsNamespace"))
                    errors.Invalid(path.Child("endpointsNamespace"), "", "if the endpointnamespace is set, it must be a valid namespace name");
                break;
            case "flocker":
                ValidateFlocker(errors, source, path);
                break;
            case "nfs":
                Require(errors, source, path, "server", "path");
                if (!source.Text("path").StartsWith('/'))
                    errors.Invalid(path.Child("path"), source.Text("path"), "must be an absolute path");
                break;
            case "rbd":
                RequireList(errors, source, path, "monitors");
                Require(errors, source, path, "image");
                break;
            case "quobyte":
                ValidateQuobyte(errors, source, path);
                break;
            case "cephfs":
                RequireList(errors, source, path, "monitors");
                break;
            case "iscsi":
                ValidateIscsi(errors, source, volumeName, path);
                break;
            case "cinder":
                Require(errors, source, path, "volumeID");
                RequireSecret(errors, source, path);
                break;
            case "fc":
                ValidateFc(errors, source, path);
                break;
            case "flexVolume":
                ValidateFlex(errors, source, path);
                break;
            case "azureFile":
                Require(errors, source, path, "secretName", "shareName");
                if (source.GetString("secretNamespace") is { Length: 0 })
                    errors.Required(path.Child("secretNamespace"));
                break;
            case "vsphereVolume":
                Require(errors, source, path, "volumePath");
                break;
            case "photonPersistentDisk":
                Require(errors, source, path, "pdID");
                break;
            case "portworxVolume":
                Require(errors, source, path, "volumeID");
                break;
            case "azureDisk":
                ValidateAzureDisk(errors, source, path);
                break;
            case "scaleIO":
                Require(errors, source, path, "gateway", "system", "volumeName");
                break;
            case "local":
                RequirePath(errors, source, path);
                break;
            case "storageos":
                ValidateStorageOs(errors, source, path);
                break;
            default:
                ValidateCsi(errors, source, path);
                break;
        }
    }

    private static void Require(FieldErrorList errors, Map source, FieldPath path, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (source.Text(field).Length == 0)
                errors.Required(path.Child(field));
        }
    }

    private static void RequireList(FieldErrorList errors, Map source, FieldPath path, string field)
    {
        if (source.List(field).Count == 0)
            errors.Required(path.Child(field));
    }

    private static void RequireSecret(FieldErrorList errors, Map source, FieldPath path)
    {
        if (source.GetMap("secretRef") is { } secret)
            Require(errors, secret, path.Child("secretRef"), "name", "namespace");
    }

    private static bool RequirePath(FieldErrorList errors, Map source, FieldPath path)
    {
        var text = source.Text("path");
        if (text.Length == 0)
        {
            errors.Required(path.Child("path"));
            return false;
        }

        if (text.Split('/').Contains(".."))
            errors.Invalid(path.Child("path"), text, "must not contain '..'");
        return true;
    }

    private static void ValidatePartition(FieldErrorList errors, Map source, FieldPath path)
    {
        if (source.Number("partition") is < 0 or > 255)
            errors.Invalid(path.Child("partition"), source.Number("partition"), ValidationMessages.Between(1, 255));
    }

    private static void ValidateFlocker(FieldErrorList errors, Map source, FieldPath path)
    {
        var (name, uuid) = (source.Text("datasetName"), source.Text("datasetUUID"));
        if (name.Length == 0 && uuid.Length == 0)
            errors.Required(path, "one of datasetName and datasetUUID is required");
        if (name.Length > 0 && uuid.Length > 0)
            errors.Invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
        if (name.Contains('/'))
            errors.Invalid(path.Child("datasetName"), name, "must not contain '/'");
    }

    private static void ValidateQuobyte(FieldErrorList errors, Map source, FieldPath path)
    {
        const string Pairs = "must be a host:port pair or multiple pairs separated by commas";
        var registry = source.Text("registry");
        if (registry.Length == 0)
        {
            errors.Required(path.Child("registry"), Pairs);
        }
        else if (Encoding.UTF8.GetByteCount(source.Text("tenant")) >= 65)
        {
            errors.Required(path.Child("tenant"), "must be a UUID and may not exceed a length of 64 characters");
        }
        else
        {
            foreach (var pair in registry.Split(','))
            {
                if (!IsHostAndPort(pair))
                    errors.Invalid(path.Child("registry"), registry, Pairs);
            }
        }

        Require(errors, source, path, "volume");
    }

    private static bool IsHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0)
            return false;
        var host = text[..colon];
        return host.StartsWith('[') ? host.EndsWith(']') : !host.Contains(':');
    }

    private static void ValidateIscsi(FieldErrorList errors, Map source, string volumeName, FieldPath path)
    {
        var (portal, iqn, initiator) = (source.Text("targetPortal"), source.Text("iqn"), source.GetString("initiatorName"));
        Require(errors, source, path, "targetPortal");
        if (initiator is not null && Encoding.UTF8.GetByteCount($"{volumeName}:{portal}") > 64)
        {
            errors.Invalid(path.Child("targetportal"), portal,
                "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.");
        }

        if (iqn.Length == 0)
            errors.Required(path.Child("iqn"));
        else
            ValidateIscsiName(errors, iqn, path.Child("iqn"));
        if (source.Number("lun") is < 0 or > 255)
            errors.Invalid(path.Child("lun"), source.Number("lun"), ValidationMessages.Between(0, 255));
        if ((source.Flag("chapAuthDiscovery") || source.Flag("chapAuthSession")) && !source.Has("secretRef"))
            errors.Required(path.Child("secretRef"));
        if (source.GetMap("secretRef") is { } secret)
            Require(errors, secret, path.Child("secretRef"), "name");
        if (initiator is not null)
            ValidateIscsiName(errors, initiator, path.Child("initiatorname"));
    }

    /// <summary>A qualified name of iSCSI, in one of its three forms.</summary>
    public static void ValidateIscsiName(FieldErrorList errors, string name, FieldPath path)
    {
        if (!name.StartsWith("iqn", StringComparison.Ordinal) && !name.StartsWith("eui", StringComparison.Ordinal) && !name.StartsWith("naa", StringComparison.Ordinal))
            errors.Invalid(path, name, "must be valid format starting with iqn, eui, or naa");
        else if (!IsIscsiName(name))
            errors.Invalid(path, name, "must be valid format");
    }

    private static bool IsIscsiName(string name) =>
        name.StartsWith("iqn", StringComparison.Ordinal) ? IqnRegex().IsMatch(name)
        : name.StartsWith("eui", StringComparison.Ordinal) ? EuiRegex().IsMatch(name)
        : name.StartsWith("naa", StringComparison.Ordinal) && NaaRegex().IsMatch(name);

    private static void ValidateFc(FieldErrorList errors, Map source, FieldPath path)
    {
        var (targets, ids) = (source.List("targetWWNs"), source.List("wwids"));
        if (targets.Count == 0 && ids.Count == 0)
            errors.Required(path.Child("targetWWNs"), "must specify either targetWWNs or wwids, but not both");
        if (targets.Count > 0 && ids.Count > 0)
            errors.Invalid(path.Child("targetWWNs"), targets, "targetWWNs and wwids can not be specified simultaneously");
        if (targets.Count == 0)
            return;
        if (source.GetInteger("lun") is not { } lun)
            errors.Required(path.Child("lun"), "lun is required if targetWWNs is specified");
        else if (lun is < 0 or > 255)
            errors.Invalid(path.Child("lun"), lun, ValidationMessages.Between(0, 255));
    }

    private static void ValidateFlex(FieldErrorList errors, Map source, FieldPath path)
    {
        Require(errors, source, path, "driver");
        foreach (var (key, _) in source.Sub("options"))
        {
            var slash = key.IndexOf('/');
            var domain = "." + (slash < 0 ? key : key[..slash]).ToLowerInvariant();
            if (domain.EndsWith(".kubernetes.io", StringComparison.Ordinal) || domain.EndsWith(".k8s.io", StringComparison.Ordinal))
                errors.Invalid(path.Child("options").Key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
        }
    }

    private static void ValidateAzureDisk(FieldErrorList errors, Map source, FieldPath path)
    {
        Require(errors, source, path, "diskName", "diskURI");
        if (source.GetString("cachingMode") is { } mode)
            errors.OneOf(path, "cachingMode", mode, CachingModes);
        if (source.GetString("kind") is not { } kind)
            return;
        errors.OneOf(path, "kind", kind, DiskKinds);
        var uri = source.Text("diskURI");
        if (kind == "Managed" && !uri.StartsWith("/subscriptions/", StringComparison.Ordinal))
            errors.NotSupported(path.Child("diskURI"), uri, ["/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"]);
        if (kind != "Managed" && !uri.StartsWith("https://", StringComparison.Ordinal))
            errors.NotSupported(path.Child("diskURI"), uri, ["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"]);
    }

    private static void ValidateStorageOs(FieldErrorList errors, Map source, FieldPath path)
    {
        var (name, ns) = (source.Text("volumeName"), source.Text("volumeNamespace"));
        if (name.Length == 0)
            errors.Required(path.Child("volumeName"));
        else
            errors.AddInvalid(path.Child("volumeName"), name, NameValidation.IsDns1123Label(name));
        if (ns.Length > 0)
            errors.AddInvalid(path.Child("volumeNamespace"), ns, NameValidation.IsDns1123Label(ns));
        RequireSecret(errors, source, path);
    }

    private static void ValidateCsi(FieldErrorList errors, Map source, FieldPath path)
    {
        CsiValidation.ValidateDriverName(errors, source.Text("driver"), path.Child("driver"));
        Require(errors, source, path, "volumeHandle");
        foreach (var field in (ReadOnlySpan<string>)["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"])
        {
            if (source.GetMap(field) is not { } secret)
                continue;
            var (name, ns) = (secret.Text("name"), secret.Text("namespace"));
            if (name.Length == 0)
                errors.Required(path.Child(field, "name"));
            else
                errors.AddInvalid(path.Child(field, "name"), name, NameValidation.IsDns1123Subdomain(name));
            if (ns.Length == 0)
                errors.Required(path.Child(field, "namespace"));
            else
                errors.AddInvalid(path.Child(field, "namespace"), ns, NameValidation.IsDns1123Label(ns));
        }
    }

    [GeneratedRegex(@"iqn\.[0-9]{4}-[0-9]{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex IqnRegex();

    [GeneratedRegex(@"\Aeui.[A-Za-z0-9]{16}\z", RegexOptions.CultureInvariant)]
    private static partial Regex EuiRegex();

    [GeneratedRegex(@"\Anaa.[A-Za-z0-9]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NaaRegex();
}
