using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Projected volumes (validateProjectionSources in pkg/apis/core/validation/validation.go, v1.36). Trust bundles and pod
/// certificates are behind gates that are off: <see cref="PodDisabledFields"/> drops them before.</summary>
internal static class ProjectedVolumeValidation
{
    private const long MinTokenSeconds = 600;
    private const long MaxTokenSeconds = 1L << 32;

    public static void Validate(FieldErrorList errors, Map projected, PodValidationOptions options, FieldPath path)
    {
        VolumeValidation.ValidateMode(errors, projected, "defaultMode", path);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var sources = projected.List("sources");
        for (var i = 0; i < sources.Count; i++)
        {
            var (source, at, count) = (sources.At(i), path.Child("sources").Index(i), 0);
            foreach (var kind in (ReadOnlySpan<string>)["secret", "configMap"])
            {
                if (source.GetMap(kind) is not { } files)
                    continue;
                count++;
                ValidateFiles(errors, files, paths, path, at.Child(kind));
            }

            if (source.GetMap("downwardAPI") is { } downward)
            {
                count++;
                foreach (var item in downward.List("items"))
                {
                    VolumeValidation.ValidateDownwardFile(errors, item.AsMap ?? Map.Empty, at.Child("downwardAPI"));
                    if (item.AsMap.Text("path") is { Length: > 0 } file && !paths.Add(file))
                        errors.Invalid(path, file, "conflicting duplicate paths");
                }
            }

            if (source.GetMap("serviceAccountToken") is { } token)
            {
                count++;
                ValidateToken(errors, token, options, path, at.Child("serviceAccountToken"));
            }

            if (count > 1)
                errors.Forbidden(at, "may not specify more than 1 volume type per source");
        }
    }

    private static void ValidateFiles(FieldErrorList errors, Map source, HashSet<string> paths, FieldPath volumePath, FieldPath path)
    {
        var name = source.Text("name");
        if (name.Length == 0)
            errors.Required(path.Child("name"));
        var items = source.List("items");
        for (var i = 0; i < items.Count; i++)
        {
            VolumeValidation.ValidateItem(errors, items.At(i), path.Child("items").Index(i));
            if (items.At(i).Text("path") is { Length: > 0 } file && !paths.Add(file))
                errors.Invalid(volumePath, name, "conflicting duplicate paths");
        }
    }

    private static void ValidateToken(FieldErrorList errors, Map token, PodValidationOptions options, FieldPath volumePath, FieldPath path)
    {
        var (seconds, file) = (token.Number("expirationSeconds"), token.Text("path"));
        if (seconds < MinTokenSeconds)
            errors.Invalid(path.Child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes");
        if (seconds > MaxTokenSeconds)
            errors.Invalid(path.Child("expirationSeconds"), seconds, "may not specify a duration larger than 2^32 seconds");
        if (file.Length == 0)
            errors.Required(volumePath.Child("path"));
        else if (!options.AllowNonLocalProjectedTokenPath)
            PathValidation.LocalNonReserved(errors, file, volumePath.Child("path"));
    }
}
