using System.Text;
using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Nodes (pkg/apis/core/validation/validation.go, pkg/registry/core/node/strategy.go, v1.36).</summary>
internal static partial class NodeValidation
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        ValidateTaints(errors, spec.List("taints"), MetadataValidation.Path.Child("taints"));
        ValidateAmounts(errors, obj);
        if (obj.Sub("status").Sub("nodeInfo").Sub("swap").GetInteger("capacity") is { } swap and <= 0)
            errors.Invalid(MetadataValidation.Path.Child("nodeSwapStatus", "capacity"), swap, "must be greater than zero");
        ValidateFeatures(errors, obj);
        ValidatePodCidrs(errors, spec.List("podCIDRs"), MetadataValidation.Spec.Child("podCIDRs"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        ValidateStatusUpdate(context, obj, old, errors);
    }

    /// <summary>ValidateNodeUpdate, which is all that a status update goes through.</summary>
    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateAmounts(errors, obj);
        ValidateFeatures(errors, obj);
        var addresses = obj.Sub("status").List("addresses");
        HashSet<(string, string)> seen = [];
        for (var i = 0; i < addresses.Count; i++)
        {
            var (type, address) = (addresses.At(i).Text("type"), addresses.At(i).Text("address"));
            if (!seen.Add((type, address)))
                errors.Duplicate(MetadataValidation.Status.Child("addresses").Index(i), new Map { { "Type", type }, { "Address", address } });
        }

        ValidateSpecChange(errors, obj.Sub("spec"), old.Sub("spec"));
    }

    public static void Warn(OperationContext context, Map obj, Map? old)
    {
        var spec = obj.Sub("spec");
        if (spec.Has("configSource"))
            context.AddWarning("spec.configSource: the feature is removed");
        if (spec.Text("externalID").Length > 0)
            context.AddWarning("spec.externalID: this field is deprecated, and is unused by Kubernetes");
        var cidrs = spec.List("podCIDRs");
        for (var i = 0; i < cidrs.Count; i++)
        {
            foreach (var warning in IpValidation.GetWarningsForCidr(MetadataValidation.Spec.Child("podCIDRs").Index(i), cidrs.TextAt(i)))
                context.AddWarning(warning);
        }
    }

    private static void ValidateSpecChange(FieldErrorList errors, Map spec, Map before)
    {
        const string CidrDetail = "node updates may not change podCIDR except from \"\" to valid";
        var (cidrs, oldCidrs) = (spec.List("podCIDRs"), before.List("podCIDRs"));
        if (oldCidrs.Count > 0 && oldCidrs.Count != cidrs.Count)
        {
            errors.Forbidden(MetadataValidation.Spec.Child("podCIDRs"), CidrDetail);
        }
        else
        {
            for (var i = 0; i < oldCidrs.Count; i++)
            {
                if (cidrs[i] != oldCidrs[i])
                    errors.Forbidden(MetadataValidation.Spec.Child("podCIDRs"), CidrDetail);
            }
        }

        if (before.Text("providerID") is { Length: > 0 } provider && provider != spec.Text("providerID"))
            errors.Forbidden(MetadataValidation.Spec.Child("providerID"), "node updates may not change providerID except from \"\" to valid");
        ValidateTaints(errors, spec.List("taints"), MetadataValidation.Path.Child("taints"));
        if (spec.Text("externalID") != before.Text("externalID"))
            errors.Forbidden(MetadataValidation.Spec.Child("externalID"), "may not be updated");
    }

    private static void ValidateTaints(FieldErrorList errors, Sequence taints, FieldPath path)
    {
        HashSet<(string, string)> seen = [];
        for (var i = 0; i < taints.Count; i++)
        {
            var (taint, at) = (taints.At(i), path.Index(i));
            var (key, value, effect) = (taint.Text("key"), taint.Text("value"), taint.Text("effect"));
            LabelValidation.ValidateLabelName(errors, key, at.Child("key"));
            if (NameValidation.IsLabelValue(value) is { Count: > 0 } messages)
                errors.Invalid(at.Child("value"), value, string.Join(";", messages));
            if (effect.Length == 0)
                errors.Required(at.Child("effect"));
            else
                errors.OneOf(at, "effect", effect, Effects);
            if (seen.Add((effect, key)))
                continue;
            var bad = new Map
            {
                { "Key", key }, { "Value", value }, { "Effect", effect }, { "TimeAdded", taint.Has("timeAdded") ? taint["timeAdded"] : Value.Null },
            };
            errors.Add(FieldError.Duplicate(at, bad) with { Detail = "taints must be unique by key and effect pair" });
        }
    }

    private static void ValidateAmounts(FieldErrorList errors, Map obj)
    {
        foreach (var list in (ReadOnlySpan<string>)["capacity", "allocatable"])
        {
            foreach (var (name, value) in obj.Sub("status").Sub(list))
                ResourceNames.ValidateAmount(errors, name, value, MetadataValidation.Status.Child(list, name));
        }
    }

    private static void ValidateFeatures(FieldErrorList errors, Map obj)
    {
        var features = obj.Sub("status").List("declaredFeatures");
        var path = MetadataValidation.Status.Child("declaredFeatures");
        for (var i = 0; i < features.Count; i++)
        {
            var feature = features.TextAt(i);
            if (Encoding.UTF8.GetByteCount(feature) > NameValidation.Dns1123SubdomainMaxLength)
                errors.Invalid(path.Index(i), feature, $"invalid feature name \"{feature}\": must be no more than {NameValidation.Dns1123SubdomainMaxLength} characters");
            else if (!FeatureRegex().IsMatch(feature))
                errors.Invalid(path.Index(i), feature, $"invalid feature name \"{feature}\": must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes");
            if (i + 1 == features.Count)
                continue;
            var order = string.CompareOrdinal(feature, features.TextAt(i + 1));
            if (order == 0)
                errors.Duplicate(path.Index(i + 1), features[i + 1]);
            else if (order > 0)
                errors.Invalid(path.Index(i + 1), features[i + 1], "list must be sorted alphabetically");
        }
    }

    private static void ValidatePodCidrs(FieldErrorList errors, Sequence cidrs, FieldPath path)
    {
        for (var i = 0; i < cidrs.Count; i++)
            IpValidation.IsValidCidrForLegacyField(errors, path.Index(i), cidrs.TextAt(i));
        if (cidrs.Count < 2)
            return;
        var families = new HashSet<System.Net.Sockets.AddressFamily>();
        for (var i = 0; i < cidrs.Count; i++)
        {
            var item = cidrs.TextAt(i);
            if (IpAddressText.TryParseCidr(item, out var address, out _, out _, out _))
            {
                families.Add(address.AddressFamily);
                continue;
            }

            errors.Add(FieldError.InternalError(path, $"invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[{i}]: <nil> (invalid CIDR address: {item})"));
            families.Clear();
            break;
        }

        if (families.Count < 2 || cidrs.Count > 2)
            errors.Invalid(path, cidrs, "may specify no more than one CIDR for each IP family");
    }

    [GeneratedRegex(@"\A[A-Z][a-zA-Z0-9]*(/[a-zA-Z][a-zA-Z0-9]*)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex FeatureRegex();
}
