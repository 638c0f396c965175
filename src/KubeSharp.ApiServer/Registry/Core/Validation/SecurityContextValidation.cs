using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Security settings of containers, and what they share with those of pods (ValidateSecurityContext in
/// pkg/apis/core/validation/validation.go, v1.36). Privileged containers are allowed.</summary>
internal static class SecurityContextValidation
{
    private const int MaxAppArmorProfileLength = 4095;

    /// <summary>The three kinds of profile, as both seccomp and AppArmor list them.</summary>
    private static readonly string[] ProfileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];

    private static readonly string[] ProcMounts = ["Default", "Unmasked"];
    private static readonly GroupVersionKind Pod = new("", "v1", "Pod");

    public static void Validate(FieldErrorList errors, Map context, PodSpecScope scope, FieldPath path)
    {
        ValidateIds(errors, context, path, "runAsUser", "runAsGroup");
        if (context.GetString("procMount") is { } mount)
        {
            errors.OneOf(path, "procMount", mount, ProcMounts);
            if (scope.HostUsers && mount == "Unmasked")
                errors.Invalid(path.Child("procMount"), mount, "`hostUsers` must be false to use `Unmasked`");
        }

        ValidateSeccomp(errors, context.GetMap("seccompProfile"), path.Child("seccompProfile"));
        if (context.GetBoolean("allowPrivilegeEscalation") == false)
        {
            if (context.Flag("privileged"))
                errors.Invalid(path, Print(context), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            foreach (var capability in context.Sub("capabilities").List("add"))
            {
                if (capability.AsString == "CAP_SYS_ADMIN")
                    errors.Invalid(path, Print(context), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }

        WindowsOptionsValidation.Validate(errors, context.GetMap("windowsOptions"), path.Child("windowsOptions"));
        ValidateAppArmor(errors, context.GetMap("appArmorProfile"), path.Child("appArmorProfile"));
    }

    public static void ValidateIds(FieldErrorList errors, Map context, FieldPath path, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (context.GetInteger(field) is { } id)
                errors.AddInvalid(path.Child(field), id, NameValidation.IsValidUserOrGroupId(id));
        }
    }

    public static void ValidateSeccomp(FieldErrorList errors, Map? profile, FieldPath path)
    {
        if (profile is null)
            return;
        var (type, local) = (profile.Text("type"), profile.GetString("localhostProfile"));
        if (type.Length == 0)
            errors.Required(path.Child("type"), "type is required when seccompProfile is set");
        else
            errors.OneOf(path, "type", type, ProfileTypes);
        if (type == "Localhost" && local is null)
        {
            errors.Required(path.Child("localhostProfile"), "must be set when seccomp type is Localhost");
        }
        else if (type == "Localhost")
        {
            PathValidation.LocalDescending(errors, local!, path.Child("localhostProfile"));
        }
        else if (local is not null)
        {
            errors.Invalid(path.Child("localhostProfile"), InternalForm.Of(profile, Pod, "spec", "securityContext", "seccompProfile"),
                "can only be set when seccomp type is Localhost");
        }
    }

    public static void ValidateAppArmor(FieldErrorList errors, Map? profile, FieldPath path)
    {
        if (profile is null)
            return;
        var local = profile.GetString("localhostProfile");
        switch (profile.Text("type"))
        {
            case "Localhost":
                ValidateAppArmorName(errors, local, path.Child("localhostProfile"));
                break;
            case "RuntimeDefault" or "Unconfined":
                if (local is not null)
                    errors.Invalid(path.Child("localhostProfile"), local, "can only be set when AppArmor type is Localhost");
                break;
            case "":
                errors.Required(path.Child("type"), "type is required when appArmorProfile is set");
                break;
            default:
                errors.NotSupported(path.Child("type"), profile.Text("type"), ProfileTypes);
                break;
        }
    }

    private static void ValidateAppArmorName(FieldErrorList errors, string? name, FieldPath path)
    {
        if (name is null)
        {
            errors.Required(path, "must be set when AppArmor type is Localhost");
            return;
        }

        if (name.Trim().Length != name.Length)
            errors.Invalid(path, name, "must not be padded with whitespace");
        else if (name.Length == 0)
            errors.Required(path, "must be set when AppArmor type is Localhost");
        if (Encoding.UTF8.GetByteCount(name) > MaxAppArmorProfileLength)
            errors.Add(FieldError.TooLong(path, MaxAppArmorProfileLength));
    }

    private static Value Print(Map context) => InternalForm.Of(context, Pod, "spec", "containers", "securityContext");
}
