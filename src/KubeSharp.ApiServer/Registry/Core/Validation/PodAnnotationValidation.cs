using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Annotations of pods that mean something to the server (ValidatePodSpecificAnnotations and what it calls in
/// pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PodAnnotationValidation
{
    public const string Mirror = "kubernetes.io/config.mirror";
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    private const string SeccompPod = "seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string AppArmor = "container.apparmor.security.beta.kubernetes.io/";
    private const string LocalProfile = "localhost/";

    public static void Validate(FieldErrorList errors, Map annotations, Map spec, PodValidationOptions options, FieldPath path)
    {
        if (annotations.Count == 0)
            return;
        if (annotations.GetString(Mirror) is { } mirror && spec.Text("nodeName").Length == 0)
            errors.Invalid(path.Key(Mirror), mirror, "must set spec.nodeName if mirror pod annotation is set");
        if (!options.AllowInvalidPodDeletionCost && !IsValidDeletionCost(annotations))
            errors.Invalid(path.Key(DeletionCost), annotations.Text(DeletionCost), "must be a 32bit integer");
        if (annotations.GetString(SeccompPod) is { } podProfile)
            ValidateSeccomp(errors, podProfile, path.Child(SeccompPod));
        foreach (var (key, value) in annotations)
        {
            if (key.StartsWith(SeccompContainer, StringComparison.Ordinal))
                ValidateSeccomp(errors, value.AsString ?? "", path.Child(key));
        }

        foreach (var (key, value) in annotations)
        {
            if (!key.StartsWith(AppArmor, StringComparison.Ordinal))
                continue;
            var (container, profile) = (key[AppArmor.Length..], value.AsString ?? "");
            if (!PodContainers.Any(spec, c => c.Text("name") == container))
                errors.Invalid(path.Key(key), container, "container not found");
            if (profile is not ("" or "runtime/default" or "unconfined") && !profile.StartsWith(LocalProfile, StringComparison.Ordinal))
                errors.Invalid(path.Key(key), profile, $"invalid AppArmor profile name: {GoText.Quote(profile)}");
        }
    }

    /// <summary>Whether the deletion cost, if there is one, is a plain number of 32 bits.</summary>
    public static bool IsValidDeletionCost(Map annotations) => annotations.GetString(DeletionCost) is not { } text
        || (text.Length > 0 && (text == "0" || text[0] == '-' || text[0] is >= '1' and <= '9')
            && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));

    /// <summary>ValidatePodSpecificAnnotationUpdates: AppArmor's and the mirror's stay as they are.</summary>
    public static void ValidateUpdate(FieldErrorList errors, Map annotations, Map old, FieldPath path)
    {
        foreach (var (key, value) in old)
        {
            if (annotations.GetString(key) is { } now && now == (value.AsString ?? ""))
                continue;
            if (key.StartsWith(AppArmor, StringComparison.Ordinal))
                errors.Forbidden(path.Key(key), "may not remove or update AppArmor annotations");
            if (key == Mirror)
                errors.Forbidden(path.Key(key), "may not remove or update mirror pod annotation");
        }

        foreach (var (key, _) in annotations)
        {
            if (old.ContainsKey(key))
                continue;
            if (key.StartsWith(AppArmor, StringComparison.Ordinal))
                errors.Forbidden(path.Key(key), "may not add AppArmor annotations");
            if (key == Mirror)
                errors.Forbidden(path.Key(key), "may not add mirror pod annotation");
        }
    }

    /// <summary>Profiles given both as annotation and as field must agree (validateSeccompAnnotationsAndFields and
    /// validateAppArmorAnnotationsAndFieldsMatchOnCreate).</summary>
    public static void ValidateProfiles(FieldErrorList errors, Map annotations, Map spec, FieldPath path)
    {
        if (annotations.Count == 0)
            return;
        var context = spec.Sub("securityContext");
        if (context.GetMap("seccompProfile") is { } podSeccomp && annotations.GetString(SeccompPod) is { } podAnnotation)
            CompareSeccomp(errors, podAnnotation, podSeccomp, path.Child("securityContext", "seccompProfile"));
        PodContainers.Visit(spec, path, (container, at) =>
        {
            if (container.Sub("securityContext").GetMap("seccompProfile") is { } field && annotations.GetString(SeccompContainer + container.Text("name")) is { } annotation)
                CompareSeccomp(errors, annotation, field, at.Child("securityContext", "seccompProfile"));
        });
        if (spec.GetMap("os").Text("name") == "windows")
            return;
        var podProfile = context.GetMap("appArmorProfile");
        PodContainers.Visit(spec, path, (container, at) =>
        {
            if ((container.Sub("securityContext").GetMap("appArmorProfile") ?? podProfile) is { } profile && annotations.GetString(AppArmor + container.Text("name")) is { } annotation)
                Compare(errors, annotation, profile, annotation == "runtime/default", "apparmor", at.Child("securityContext", "appArmorProfile"));
        });
    }

    private static void CompareSeccomp(FieldErrorList errors, string annotation, Map field, FieldPath path) =>
        Compare(errors, annotation, field, annotation is "runtime/default" or "docker/default", "seccomp", path);

    private static void Compare(FieldErrorList errors, string annotation, Map field, bool isDefault, string what, FieldPath path)
    {
        var local = annotation.StartsWith(LocalProfile, StringComparison.Ordinal);
        var sameType = field.Text("type") switch
        {
            "Unconfined" => annotation == "unconfined",
            "RuntimeDefault" => isDefault,
            "Localhost" => local,
            _ => true,
        };
        if (!sameType)
            errors.Forbidden(path.Child("type"), $"{what} type in annotation and field must match");
        else if (field.Text("type") == "Localhost" && annotation[LocalProfile.Length..] != field.GetString("localhostProfile"))
            errors.Forbidden(path.Child("localhostProfile"), $"{what} profile in annotation and field must match");
    }

    private static void ValidateSeccomp(FieldErrorList errors, string profile, FieldPath path)
    {
        if (profile is "runtime/default" or "docker/default" or "unconfined")
            return;
        if (profile.StartsWith(LocalProfile, StringComparison.Ordinal))
            PathValidation.LocalDescending(errors, profile[LocalProfile.Length..], path);
        else
            errors.Invalid(path, profile, "must be a valid seccomp profile");
    }
}
