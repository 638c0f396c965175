using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>What containers mount and which block devices they use (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class VolumeMountValidation
{
    private static readonly string[] Propagations = ["Bidirectional", "HostToContainer", "None"];
    private static readonly string[] RecursiveReadOnly = ["Disabled", "Enabled", "IfPossible"];

    public static void ValidateMounts(FieldErrorList errors, Map container, PodSpecScope scope, FieldPath path)
    {
        var (mounts, devices) = (container.List("volumeMounts"), container.List("volumeDevices"));
        if (mounts.Count == 0)
            return;
        var points = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < mounts.Count; i++)
        {
            var (mount, at) = (mounts.At(i), path.Index(i));
            var (name, point) = (mount.Text("name"), mount.Text("mountPath"));
            if (name.Length == 0)
                errors.Required(at.Child("name"));
            if (!scope.Volumes.ContainsKey(name))
                errors.Add(FieldError.NotFound(at.Child("name"), name));
            if (point.Length == 0)
                errors.Required(at.Child("mountPath"));
            if (!points.Add(point))
                errors.Invalid(at.Child("mountPath"), point, "must be unique");
            if (Contains(devices, "name", name))
                errors.Invalid(at.Child("name"), name, "must not already exist in volumeDevices");
            if (Contains(devices, "devicePath", point))
                errors.Invalid(at.Child("mountPath"), point, "must not already exist as a path in volumeDevices");
            ValidateSubPath(errors, mount, path, at);
            if (mount.GetString("mountPropagation") is { } propagation)
                ValidatePropagation(errors, propagation, container, path.Child("mountPropagation"));
            if (mount.GetString("recursiveReadOnly") is { } recursive)
                ValidateRecursive(errors, recursive, mount, path.Child("recursiveReadOnly"));
        }
    }

    public static void ValidateDevices(FieldErrorList errors, Map container, PodSpecScope scope, FieldPath path)
    {
        var (mounts, devices) = (container.List("volumeMounts"), container.List("volumeDevices"));
        if (devices.Count == 0)
            return;
        var names = new HashSet<string>(StringComparer.Ordinal);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < devices.Count; i++)
        {
            var at = path.Index(i);
            var (name, device) = (devices.At(i).Text("name"), devices.At(i).Text("devicePath"));
            var found = scope.Volumes.TryGetValue(name, out var volume);
            if (name.Length == 0)
                errors.Required(at.Child("name"));
            if (names.Contains(name))
                errors.Invalid(at.Child("name"), name, "must be unique");
            if (found && !volume.Has("persistentVolumeClaim") && !volume.Has("ephemeral"))
                errors.Invalid(at.Child("name"), name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            if (!found)
                errors.Add(FieldError.NotFound(at.Child("name"), name));
            if (device.Length == 0)
                errors.Required(at.Child("devicePath"));
            if (paths.Contains(device))
                errors.Invalid(at.Child("devicePath"), device, "must be unique");
            if (PathValidation.HasBacksteps(device))
                errors.Invalid(at.Child("devicePath"), device, "can not contain backsteps ('..')");
            else
                paths.Add(device);
            if (Contains(mounts, "name", name))
                errors.Invalid(at.Child("name"), name, "must not already exist in volumeMounts");
            if (Contains(mounts, "mountPath", device))
                errors.Invalid(at.Child("devicePath"), device, "must not already exist as a path in volumeMounts");
            if (name.Length > 0)
                names.Add(name);
        }
    }

    /// <summary>Upstream names the list, not the mount, when the path itself is wrong.</summary>
    private static void ValidateSubPath(FieldErrorList errors, Map mount, FieldPath list, FieldPath item)
    {
        var (path, expression) = (mount.Text("subPath"), mount.Text("subPathExpr"));
        if (path.Length > 0)
            PathValidation.LocalDescending(errors, path, list.Child("subPath"));
        if (expression.Length == 0)
            return;
        if (path.Length > 0)
            errors.Invalid(item.Child("subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
        PathValidation.LocalDescending(errors, expression, list.Child("subPathExpr"));
    }

    private static void ValidatePropagation(FieldErrorList errors, string propagation, Map container, FieldPath path)
    {
        if (Array.IndexOf(Propagations, propagation) < 0)
            errors.NotSupported(path, propagation, Propagations);
        if (propagation == "Bidirectional" && !container.Sub("securityContext").Flag("privileged"))
            errors.Forbidden(path, "Bidirectional mount propagation is available only to privileged containers");
    }

    private static void ValidateRecursive(FieldErrorList errors, string recursive, Map mount, FieldPath path)
    {
        switch (recursive)
        {
            case "Disabled":
                break;
            case "Enabled" or "IfPossible":
                if (!mount.Flag("readOnly"))
                    errors.Forbidden(path, "may only be specified when readOnly is true");
                if (mount.GetString("mountPropagation") is not (null or "None"))
                    errors.Forbidden(path, "may only be specified when mountPropagation is None or not specified");
                break;
            default:
                errors.NotSupported(path, recursive, RecursiveReadOnly);
                break;
        }
    }

    private static bool Contains(Sequence items, string key, string value)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items.At(i).Text(key) == value)
                return true;
        }

        return false;
    }
}
