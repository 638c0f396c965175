using System.Net.Sockets;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy of services, which hang together
/// (ValidateServiceClusterIPsRelatedFields and validateUpgradeDowngrade* in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ServiceAddressValidation
{
    private static readonly string[] Families = ["IPv4", "IPv6"];
    private static readonly string[] Policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    private static readonly FieldPath IpsPath = MetadataValidation.Spec.Child("clusterIPs");
    private static readonly FieldPath FamiliesPath = MetadataValidation.Spec.Child("ipFamilies");
    private static readonly FieldPath PolicyPath = MetadataValidation.Spec.Child("ipFamilyPolicy");

    public static bool IsHeadless(Map spec) => spec.List("clusterIPs") is { Count: 1 } ips && ips.TextAt(0) == "None";

    public static List<string> Texts(Sequence list)
    {
        var texts = new List<string>(list.Count);
        for (var i = 0; i < list.Count; i++)
            texts.Add(list.TextAt(i));
        return texts;
    }

    public static void Validate(FieldErrorList errors, Map spec, Map? oldSpec)
    {
        if (spec.Text("type") == "ExternalName")
            return;
        var (ip, ips, families) = (spec.Text("clusterIP"), spec.List("clusterIPs"), spec.List("ipFamilies"));
        if (ip.Length > 0 && ips.Count == 0)
            errors.Required(IpsPath);
        else if (ip.Length > 0 && ips.TextAt(0) != ip)
            errors.Invalid(IpsPath, ips, "first value must match `clusterIP`");
        else if (ip.Length == 0 && ips.Count > 0)
            errors.Invalid(IpsPath, ips, "must be empty when `clusterIP` is not specified");
        ValidateFamilies(errors, spec, families);
        if (!ValidateIps(errors, ips, oldSpec))
            return;
        if (ips.Count > 1 && !IsDualStack(ips))
            errors.Invalid(IpsPath, ips, "may specify no more than one IP for each IP family");
        if (IsHeadless(spec))
            return;
        for (var i = 0; i < ips.Count && i < families.Count; i++)
        {
            var family = families.TextAt(i);
            if (family == "IPv4" && IsIpv6(ips.TextAt(i)))
                errors.Invalid(IpsPath.Index(i), ips[i], $"expected an IPv4 value as indicated by `ipFamilies[{i}]`");
            else if (family == "IPv6" && !IsIpv6(ips.TextAt(i)))
                errors.Invalid(IpsPath.Index(i), ips[i], $"expected an IPv6 value as indicated by `ipFamilies[{i}]`");
        }
    }

    /// <summary>Addresses and families stay, but a second one may come and go.</summary>
    public static void ValidateChange(FieldErrorList errors, Map spec, Map oldSpec)
    {
        if (spec.Text("type") == "ExternalName" || oldSpec.Text("type") == "ExternalName")
            return;
        var (headless, wasHeadless) = (IsHeadless(spec), IsHeadless(oldSpec));
        if (!headless || !wasHeadless)
            ValidateIpChange(errors, spec, spec.List("clusterIPs"), oldSpec.List("clusterIPs"));
        if (!headless && !wasHeadless)
            ValidateFamilyChange(errors, spec, spec.List("ipFamilies"), oldSpec.List("ipFamilies"));
    }

    private static void ValidateFamilies(FieldErrorList errors, Map spec, Sequence families)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < families.Count; i++)
        {
            if (!Families.Contains(families.TextAt(i)))
                errors.NotSupported(FamiliesPath.Index(i), families[i], Families);
            if (!seen.Add(families.TextAt(i)))
                errors.Duplicate(FamiliesPath.Index(i), families[i]);
        }

        if (spec.GetString("ipFamilyPolicy") is { } policy && !Policies.Contains(policy))
            errors.NotSupported(PolicyPath, policy, Policies);
    }

    private static bool ValidateIps(FieldErrorList errors, Sequence ips, Map? oldSpec)
    {
        var valid = true;
        var existing = Texts(oldSpec.List("clusterIPs"));
        for (var i = 0; i < ips.Count; i++)
        {
            if (i == 0 && ips.TextAt(i) == "None")
            {
                if (ips.Count > 1)
                {
                    valid = false;
                    errors.Invalid(IpsPath, ips, "'None' must be the first and only value");
                }

                continue;
            }

            var before = errors.Count;
            IpValidation.IsValidIpForLegacyField(errors, IpsPath.Index(i), ips.TextAt(i), true, existing);
            valid &= errors.Count == before;
        }

        if (ips.Count > 2)
            errors.Invalid(IpsPath, ips, "may only hold up to 2 values");
        return valid;
    }

    private static bool IsIpv6(string ip) =>
        IpAddressText.TryParse(ip, out var address, out _, out var mapped) && !mapped && address.AddressFamily == AddressFamily.InterNetworkV6;

    private static bool IsDualStack(Sequence ips)
    {
        var (four, six) = (false, false);
        for (var i = 0; i < ips.Count; i++)
        {
            six |= IsIpv6(ips.TextAt(i));
            four |= !IsIpv6(ips.TextAt(i));
        }

        return four && six;
    }

    private static void ValidateIpChange(FieldErrorList errors, Map spec, Sequence ips, Sequence old)
    {
        if (old.Count == ips.Count)
        {
            for (var i = 0; i < old.Count; i++)
            {
                if (old[i] != ips[i])
                    errors.Invalid(IpsPath.Index(i), ips, "may not change once set");
            }

            return;
        }

        if (ips.Count == 0)
            errors.Invalid(IpsPath.Index(0), Value.Null, "primary clusterIP can not be unset");
        if (old.Count > 0 && ips.Count > 0 && old[0] != ips[0])
            errors.Invalid(IpsPath.Index(0), ips, "may not change once set");
        if (old.Count > ips.Count && ips.Count == 1 && spec.GetString("ipFamilyPolicy") != "SingleStack")
            errors.Invalid(PolicyPath, PolicyOrNull(spec), "must be set to 'SingleStack' when releasing the secondary clusterIP");
    }

    private static void ValidateFamilyChange(FieldErrorList errors, Map spec, Sequence families, Sequence old)
    {
        if (old.Count == families.Count)
        {
            for (var i = 0; i < old.Count; i++)
            {
                if (old[i] != families[i])
                    errors.Invalid(FamiliesPath.Index(0), families, "may not change once set");
            }

            return;
        }

        if (old.Count > families.Count && spec.List("clusterIPs").Count == 0)
            errors.Invalid(FamiliesPath.Index(0), families, "primary ipFamily can not be unset");
        if (old.Count > 0 && families.Count > 0 && old[0] != families[0])
            errors.Invalid(FamiliesPath.Index(0), spec.List("clusterIPs"), "may not change once set");
        if (old.Count > families.Count && families.Count == 1 && spec.GetString("ipFamilyPolicy") != "SingleStack")
            errors.Invalid(PolicyPath, PolicyOrNull(spec), "must be set to 'SingleStack' when releasing the secondary ipFamily");
    }

    private static Value PolicyOrNull(Map spec) => spec.Has("ipFamilyPolicy") ? spec["ipFamilyPolicy"] : Value.Null;
}
