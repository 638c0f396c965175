using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Settings for Windows, and what either operating system forbids (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static partial class WindowsOptionsValidation
{
    private const int MaxCredentialSpecLength = 64 * 1024;
    private const int MaxDomainLength = 256;
    private const int MaxUserLength = 104;
    private static readonly SearchValues<char> ForbiddenInUser = SearchValues.Create("\"/\\:;|=,+*?<>@[]");

    /// <summary>What a pod for Windows may not have in its security context, under the names and in the order that errors have;
    /// those with a slash stand in the spec itself.</summary>
    private static readonly string[] ForbiddenForPods =
    [
        "appArmorProfile", "seLinuxOptions", "/hostUsers", "/hostPID", "/hostIPC", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls",
        "/shareProcessNamespace", "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
    ];

    private static readonly string[] ForbiddenForContainers =
    [
        "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
        "procMount", "runAsUser", "runAsGroup",
    ];

    public static void Validate(FieldErrorList errors, Map? options, FieldPath path)
    {
        if (options is null)
            return;
        if (options.GetString("gmsaCredentialSpecName") is { } specName)
            errors.AddInvalid(path.Child("gmsaCredentialSpecName"), specName, NameValidation.IsDns1123Subdomain(specName));
        if (options.GetString("gmsaCredentialSpec") is { } spec)
        {
            if (spec.Length == 0)
                errors.Invalid(path.Child("gmsaCredentialSpec"), spec, "gmsaCredentialSpec cannot be an empty string");
            else if (Encoding.UTF8.GetByteCount(spec) > MaxCredentialSpecLength)
                errors.Invalid(path.Child("gmsaCredentialSpec"), spec, "gmsaCredentialSpec size must be under 64 KiB");
        }

        if (options.GetString("runAsUserName") is { } userName)
            ValidateUserName(errors, userName, path.Child("runAsUserName"));
    }

    /// <summary>validateWindowsHostProcessPod: such containers do not stand beside others.</summary>
    public static void ValidateHostProcess(FieldErrorList errors, Map spec, FieldPath path)
    {
        var (containers, hostProcesses) = (0, 0);
        var pod = spec.Sub("securityContext").Sub("windowsOptions").GetBoolean("hostProcess");
        foreach (var name in PodContainers.Lists)
        {
            var list = spec.List(name);
            for (var i = 0; i < list.Count; i++)
            {
                containers++;
                var own = list.At(i).Sub("securityContext").Sub("windowsOptions").GetBoolean("hostProcess");
                if (pod is not null && own is not null && pod != own)
                {
                    errors.Invalid(path.Child(name).Index(i).Child("securityContext", "windowsOptions", "hostProcess"), own.Value,
                        $"pod hostProcess value must be identical if both are specified, was {(pod.Value ? "true" : "false")}");
                }

                if (own ?? pod ?? false)
                    hostProcesses++;
            }
        }

        if (hostProcesses == 0)
            return;
        if (hostProcesses != containers)
            errors.Invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        if (!spec.Flag("hostNetwork"))
            errors.Invalid(path.Child("hostNetwork"), false, "hostNetwork must be true if pod contains any hostProcess containers");
    }

    /// <summary>What a spec for the other operating system may not hold.</summary>
    public static void ValidateSystem(FieldErrorList errors, Map spec, string os, FieldPath path)
    {
        if (os == "linux")
        {
            if (spec.Sub("securityContext").Has("windowsOptions"))
                errors.Forbidden(path.Child("securityContext", "windowsOptions"), "windows options cannot be set for a linux pod");
            PodContainers.Visit(spec, path, (container, at) =>
            {
                if (container.Sub("securityContext").Has("windowsOptions"))
                    errors.Forbidden(at.Child("securityContext", "windowsOptions"), "windows options cannot be set for a linux pod");
            });
            return;
        }

        foreach (var field in ForbiddenForPods)
        {
            var inSpec = field[0] == '/';
            var name = inSpec ? field[1..] : field;
            if (IsSet(inSpec ? spec : spec.Sub("securityContext"), name))
                errors.Forbidden((inSpec ? path : path.Child("securityContext")).Child(name), "cannot be set for a windows pod");
        }

        PodContainers.Visit(spec, path, (container, at) =>
        {
            foreach (var field in ForbiddenForContainers)
            {
                if (container.Sub("securityContext").Has(field))
                    errors.Forbidden(at.Child("securityContext", field), "cannot be set for a windows pod");
            }
        });
    }

    private static bool IsSet(Map holder, string name) => name switch
    {
        "hostPID" or "hostIPC" => holder.Flag(name),
        "sysctls" => holder.List(name).Count > 0,
        _ => holder.Has(name),
    };

    private static void ValidateUserName(FieldErrorList errors, string text, FieldPath path)
    {
        if (text.Length == 0)
        {
            errors.Invalid(path, text, "runAsUserName cannot be an empty string");
            return;
        }

        if (ControlRegex().IsMatch(text))
        {
            errors.Invalid(path, text, "runAsUserName cannot contain control characters");
            return;
        }

        var parts = text.Split('\\');
        if (parts.Length > 2)
        {
            errors.Invalid(path, text, "runAsUserName cannot contain more than one backslash");
            return;
        }

        var (domain, user) = parts.Length == 1 ? ("", parts[0]) : (parts[0], parts[1]);
        if (Encoding.UTF8.GetByteCount(domain) >= MaxDomainLength)
            errors.Invalid(path, text, "runAsUserName's Domain length must be under 256 characters");
        if (parts.Length == 2 && !NetBiosRegex().IsMatch(domain) && !DnsRegex().IsMatch(domain))
            errors.Invalid(path, text, "runAsUserName's Domain doesn't match the NetBios nor the DNS format");
        if (user.Length == 0)
            errors.Invalid(path, text, "runAsUserName's User cannot be empty");
        else if (Encoding.UTF8.GetByteCount(user) > MaxUserLength)
            errors.Invalid(path, text, "runAsUserName's User length must not be longer than 104 characters");
        if (DotsAndSpacesRegex().IsMatch(user))
            errors.Invalid(path, text, "runAsUserName's User cannot contain only periods or spaces");
        if (user.AsSpan().ContainsAny(ForbiddenInUser))
            errors.Invalid(path, text, "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
    }

    [GeneratedRegex(@"[\x00-\x1F\x7F]", RegexOptions.CultureInvariant)]
    private static partial Regex ControlRegex();

    [GeneratedRegex("""\A[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}\z""", RegexOptions.CultureInvariant)]
    private static partial Regex NetBiosRegex();

    [GeneratedRegex(@"\A[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsRegex();

    [GeneratedRegex(@"\A[. ]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex DotsAndSpacesRegex();
}
