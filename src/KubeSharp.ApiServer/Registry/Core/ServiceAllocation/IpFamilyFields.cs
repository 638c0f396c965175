using System.Net;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>ipFamilyPolicy, ipFamilies and clusterIPs, which follow from each other and from what the cluster has
/// (initIPFamilyFields in pkg/registry/core/service/storage/alloc.go, v1.36).</summary>
internal static class IpFamilyFields
{
    private static readonly FieldPath Policy = MetadataValidation.Spec.Child("ipFamilyPolicy");
    private static readonly FieldPath Families = MetadataValidation.Spec.Child("ipFamilies");
    private static readonly FieldPath ClusterIps = MetadataValidation.Spec.Child("clusterIPs");

    /// <summary>Fills in what the caller left out.</summary>
    /// <param name="service">The service to be written.</param>
    /// <param name="old">The service as it is; null when it is new.</param>
    /// <param name="configured">The families that the cluster has ranges of.</param>
    /// <exception cref="StatusException">422: what was asked for does not fit together, or the cluster has no such family.</exception>
    public static void Initialize(Map service, Map? old, IReadOnlyList<string> configured)
    {
        var spec = service.EditMap("spec");
        var oldSpec = old?.Sub("spec");
        if (spec.Text("type") == "ExternalName" || IsUnchangedPreferDualStack(spec, oldSpec))
            return;
        if (!spec.Has("ipFamilyPolicy"))
            spec.Set("ipFamilyPolicy", oldSpec.Text("ipFamilyPolicy") is { Length: > 0 } kept ? kept : IsHeadlessWithoutSelector(spec) ? "RequireDualStack" : "SingleStack");

        var errors = new FieldErrorList();
        ServiceAddressValidation.Validate(errors, spec, oldSpec);
        ThrowIfAny(service, errors);
        CheckAgainstPolicy(spec, oldSpec, errors);
        InferFamilies(spec, configured, errors);
        ThrowIfAny(service, errors);

        if (IsHeadlessWithoutSelector(spec))
        {
            // Its endpoints are somebody else's, and may have families that this cluster has no range of.
            AddFamilies(spec, configured[0], spec.Text("ipFamilyPolicy") != "SingleStack");
            return;
        }

        if (spec.Text("ipFamilyPolicy") == "RequireDualStack" && configured.Count < 2)
            errors.Invalid(Policy, spec["ipFamilyPolicy"], "this cluster is not configured for dual-stack services");
        var families = spec.List("ipFamilies");
        for (var i = 0; i < families.Count; i++)
        {
            if (!configured.Contains(families.TextAt(i)))
                errors.Invalid(Families.Index(i), families[i], "not configured on this cluster");
        }

        ThrowIfAny(service, errors);
        AddFamilies(spec, configured[0], spec.Text("ipFamilyPolicy") != "SingleStack" && configured.Count == 2);
    }

    /// <summary>Whether nothing changes for a service that takes what the cluster has: it is not up- or downgraded when the cluster is.</summary>
    public static bool IsUnchangedPreferDualStack(Map spec, Map? oldSpec) =>
        oldSpec is not null
        && spec.Text("ipFamilyPolicy") == "PreferDualStack"
        && oldSpec.Text("type") == spec.Text("type")
        && spec.Text("type") is "ClusterIP" or "NodePort" or "LoadBalancer"
        && oldSpec.Text("ipFamilyPolicy") is "" or "PreferDualStack"
        && SameTexts(spec, oldSpec, "clusterIPs")
        && SameTexts(spec, oldSpec, "ipFamilies");

    public static bool SameTexts(Map spec, Map oldSpec, string field) => spec.List(field).DeepEquals(oldSpec.List(field));

    private static bool IsHeadlessWithoutSelector(Map spec) => spec.Text("clusterIP") == "None" && spec.Sub("selector").Count == 0;

    private static void CheckAgainstPolicy(Map spec, Map? oldSpec, FieldErrorList errors)
    {
        var single = spec.Text("ipFamilyPolicy") == "SingleStack";
        if (oldSpec is not null && single)
        {
            // Nothing else changed: the second address and family go.
            TruncateIfSame(spec, oldSpec, "clusterIPs");
            TruncateIfSame(spec, oldSpec, "ipFamilies");
        }
        else if (oldSpec is not null)
        {
            if (IsReduced(spec, oldSpec, "clusterIPs"))
                errors.Invalid(Policy, spec["ipFamilyPolicy"], "must be 'SingleStack' to release the secondary cluster IP");
            if (IsReduced(spec, oldSpec, "ipFamilies"))
                errors.Invalid(Policy, spec["ipFamilyPolicy"], "must be 'SingleStack' to release the secondary IP family");
        }

        if (!single)
            return;
        if (spec.List("clusterIPs").Count == 2)
            errors.Invalid(Policy, spec["ipFamilyPolicy"], "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified");
        if (spec.List("ipFamilies").Count == 2)
            errors.Invalid(Policy, spec["ipFamilyPolicy"], "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified");
    }

    private static void InferFamilies(Map spec, IReadOnlyList<string> configured, FieldErrorList errors)
    {
        var ips = spec.List("clusterIPs");
        for (var i = 0; i < ips.Count && ips.TextAt(i) != "None"; i++)
        {
            if (i < spec.List("ipFamilies").Count)
                continue;
            var family = ClusterIpAllocator.FamilyOf(IPAddress.Parse(ips.TextAt(i)));
            if (configured.Contains(family))
                spec.EditSequence("ipFamilies").Add(family);
            else
                errors.Invalid(ClusterIps.Index(i), ips, $"{family} is not configured on this cluster");
        }
    }

    private static void AddFamilies(Map spec, string first, bool both)
    {
        if (spec.List("ipFamilies").Count == 0)
            spec.EditSequence("ipFamilies").Add(first);
        if (both && spec.List("ipFamilies").Count == 1)
            spec.EditSequence("ipFamilies").Add(spec.List("ipFamilies").TextAt(0) == "IPv4" ? "IPv6" : "IPv4");
    }

    private static void TruncateIfSame(Map spec, Map oldSpec, string field)
    {
        if (spec.List(field).Count > 1 && SameTexts(spec, oldSpec, field))
            spec.Set(field, new Sequence { spec.List(field)[0] });
    }

    private static bool IsReduced(Map spec, Map oldSpec, string field) =>
        spec.List(field).Count > 0 && spec.List(field).Count < oldSpec.List(field).Count;

    private static void ThrowIfAny(Map service, FieldErrorList errors)
    {
        if (errors.Count > 0)
            throw StatusErrors.Invalid(new GroupKind("", "Service"), service.Name(), errors);
    }
}
