using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Networking;

/// <summary>ServiceCIDRs: one network a family, to which a second family may be added
/// (pkg/apis/networking/validation/validation.go, v1.36).</summary>
internal static class ServiceCidrValidation
{
    private static readonly FieldPath Path = MetadataValidation.Spec.Child("cidrs");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateCidrs(errors, obj.Sub("spec").List("cidrs"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var (cidrs, before) = (obj.Sub("spec").List("cidrs"), old.Sub("spec").List("cidrs"));
        if (cidrs.Count != before.Count && !(before.Count == 1 && cidrs.Count == 2))
        {
            errors.Invalid(Path, obj.Sub("spec").Has("cidrs") ? cidrs : Value.Null, ValidationMessages.FieldImmutable);
            return;
        }

        for (var i = 0; i < before.Count; i++)
        {
            if (cidrs[i] != before[i])
                errors.Invalid(Path.Index(i), cidrs[i], ValidationMessages.FieldImmutable);
        }

        if (cidrs.Count > before.Count)
            ValidateCidrs(errors, cidrs);
    }

    private static void ValidateCidrs(FieldErrorList errors, Sequence cidrs)
    {
        if (cidrs.Count == 0)
        {
            errors.Required(Path, "at least one CIDR required");
            return;
        }

        if (cidrs.Count > 2)
        {
            errors.Invalid(Path, new Map(1) { { "CIDRs", cidrs } }, "may only hold up to 2 values");
            return;
        }

        for (var i = 0; i < cidrs.Count; i++)
            IpValidation.IsValidCidr(errors, Path.Index(i), cidrs.TextAt(i));
        if (cidrs.Count == 2 && IpAddressText.TryParseCidr(cidrs.TextAt(0), out var first, out _, out _, out _)
            && IpAddressText.TryParseCidr(cidrs.TextAt(1), out var second, out _, out _, out _) && first.AddressFamily == second.AddressFamily)
            errors.Invalid(Path, cidrs, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
    }
}
