using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Security settings of a whole pod (validatePodSpecSecurityContext in pkg/apis/core/validation/validation.go, v1.36).
/// Upstream keeps the host's namespaces there too, which is why an error may name them so.</summary>
internal static partial class PodSecurityContextValidation
{
    private const string SysctlPattern = @"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    private static readonly string[] GroupChangePolicies = ["Always", "OnRootMismatch"];
    private static readonly string[] GroupsPolicies = ["Merge", "Strict"];
    private static readonly string[] SeLinuxPolicies = ["MountOption", "Recursive"];

    public static void Validate(FieldErrorList errors, PodSpecScope scope, FieldPath path)
    {
        var (spec, context) = (scope.Spec, scope.Spec.Sub("securityContext"));
        SecurityContextValidation.ValidateIds(errors, context, path, "fsGroup", "runAsUser", "runAsGroup");
        var groups = context.List("supplementalGroups");
        for (var i = 0; i < groups.Count; i++)
            errors.AddInvalid(path.Child("supplementalGroups").Index(i), groups[i], NameValidation.IsValidUserOrGroupId(groups[i].AsInteger ?? 0));
        if (spec.Flag("shareProcessNamespace") && spec.Flag("hostPID"))
            errors.Invalid(path.Child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled");
        ValidateSysctls(errors, context.List("sysctls"), scope, path.Child("sysctls"));
        if (context.GetString("fsGroupChangePolicy") is { } change)
            errors.OneOf(path, "fsGroupChangePolicy", change, GroupChangePolicies);
        SecurityContextValidation.ValidateSeccomp(errors, context.GetMap("seccompProfile"), path.Child("seccompProfile"));
        WindowsOptionsValidation.Validate(errors, context.GetMap("windowsOptions"), path.Child("windowsOptions"));
        SecurityContextValidation.ValidateAppArmor(errors, context.GetMap("appArmorProfile"), path.Child("appArmorProfile"));
        if (context.GetString("supplementalGroupsPolicy") is { } groupsPolicy)
            errors.OneOf(path, "supplementalGroupsPolicy", groupsPolicy, GroupsPolicies);
        if (context.GetString("seLinuxChangePolicy") is { } seLinux)
            errors.OneOf(path, "seLinuxChangePolicy", seLinux, scope.Options.AllowAnySeLinuxChangePolicy ? SeLinuxPolicies : ["Recursive"]);
    }

    /// <summary>Why a setting of a kernel namespace cannot be had in a pod that shares this namespace with the host; null if it can.</summary>
    public static string? HostSysctlProblem(string name, Map spec)
    {
        if (!spec.Flag("hostNetwork") && !spec.Flag("hostIPC"))
            return null;
        var normal = Normalize(name);
        if (normal.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star)
            normal = normal[..star];
        if (spec.Flag("hostNetwork") && normal.StartsWith("net.", StringComparison.Ordinal))
            return "may not be specified when 'hostNetwork' is true";
        var ipc = normal.StartsWith("fs.mqueue.", StringComparison.Ordinal) || normal is "kernel.sem" or "kernel.shmall" or "kernel.shmmax" or "kernel.shmmni"
            or "kernel.shm_rmid_forced" or "kernel.shm" or "kernel.msgmax" or "kernel.msgmnb" or "kernel.msgmni" or "kernel.msg";
        return spec.Flag("hostIPC") && ipc ? "may not be specified when 'hostIPC' is true" : null;
    }

    private static void ValidateSysctls(FieldErrorList errors, Sequence sysctls, PodSpecScope scope, FieldPath path)
    {
        HashSet<string>? seen = null;
        for (var i = 0; i < sysctls.Count; i++)
        {
            var name = sysctls.At(i).Text("name");
            var at = path.Index(i).Child("name");
            if (name.Length == 0)
                errors.Required(at);
            else if (name.Length > 253 || !SysctlRegex().IsMatch(name))
                errors.Invalid(at, name, $"must have at most 253 characters and match regex {SysctlPattern}");
            else if (seen?.Contains(name) == true)
                errors.Duplicate(at, name);
            if (!scope.Options.AllowNamespacedSysctlsForHostNetAndHostIpc && HostSysctlProblem(name, scope.Spec) is { } problem)
                errors.Invalid(at, name, problem);
            (seen ??= new(StringComparer.Ordinal)).Add(name);
        }
    }

    /// <summary>component-helpers NormalizeName: with slashes as separators, dots are part of names, and the other way round.</summary>
    private static string Normalize(string name)
    {
        var first = name.AsSpan().IndexOfAny('.', '/');
        if (first < 0 || name[first] == '.')
            return name;
        return string.Create(name.Length, name, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = source[i] == '/' ? '.' : source[i] == '.' ? '/' : source[i];
        });
    }

    [GeneratedRegex(@"\A([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SysctlRegex();
}
