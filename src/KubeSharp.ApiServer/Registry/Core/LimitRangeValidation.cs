using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Limit ranges (pkg/apis/core/validation/validation.go, v1.36). Upstream walks the resources of an item in random
/// order; here they come sorted.</summary>
internal static class LimitRangeValidation
{
    private const long MaxMilliValue = (long.MaxValue - 999) / 1000;
    private static readonly string[] Lists = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var limits = obj.Sub("spec").List("limits");
        HashSet<string> types = new(StringComparer.Ordinal);
        for (var i = 0; i < limits.Count; i++)
        {
            var path = MetadataValidation.Spec.Child("limits").Index(i);
            var type = limits.At(i).Text("type");
            ValidateType(errors, type, path.Child("type"));
            if (!types.Add(type))
                errors.Duplicate(path.Child("type"), type);
            ValidateItem(errors, limits.At(i), type, path);
        }
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => Validate(context, obj, errors);

    private static void ValidateType(FieldErrorList errors, string type, FieldPath path)
    {
        var before = errors.Count;
        errors.AddInvalid(path, type, NameValidation.IsQualifiedName(type));
        if (errors.Count == before && !type.Contains('/') && type is not ("Pod" or "Container" or "PersistentVolumeClaim"))
            errors.Invalid(path, type, "must be a standard limit type or fully qualified");
    }

    private static void ValidateItem(FieldErrorList errors, Map item, string type, FieldPath path)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (var list in Lists)
        {
            if (type == "Pod" && list is ("default" or "defaultRequest"))
            {
                if (item.Sub(list).Count > 0)
                    errors.Forbidden(path.Child(list), "may not be specified when `type` is 'Pod'");
                continue;
            }

            if (list == "maxLimitRequestRatio" && type == "PersistentVolumeClaim"
                && !item.Sub("min").ContainsKey("storage") && !item.Sub("max").ContainsKey("storage"))
                errors.Required(path.Child("limits"), "either minimum or maximum storage value is required, but neither was provided");
            foreach (var (name, _) in item.Sub(list))
            {
                if (type is "Pod" or "Container")
                    ResourceNames.ValidateContainer(errors, name, path.Child(list).Key(name));
                else
                    ResourceNames.Validate(errors, name, path.Child(list).Key(name));
                names.Add(name);
            }
        }

        foreach (var name in names)
            ValidateAmounts(errors, item, type, name, path);
    }

    private static Quantity? Find(Map item, string list, string name) => item.Sub(list).Has(name) ? item.Sub(list).Amount(name) : null;

    private static void ValidateAmounts(FieldErrorList errors, Map item, string type, string name, FieldPath path)
    {
        var (min, max, ratio) = (Find(item, "min", name), Find(item, "max", name), Find(item, "maxLimitRequestRatio", name));
        var limit = type == "Pod" ? null : Find(item, "default", name);
        var request = type == "Pod" ? null : Find(item, "defaultRequest", name);
        if (min > max)
            errors.Invalid(path.Child("min").Key(name), min.ToString(), $"min value {min} is greater than max value {max}");
        if (min > request)
            errors.Invalid(path.Child("defaultRequest").Key(name), request.ToString(), $"min value {min} is greater than default request value {request}");
        if (request > max)
            errors.Invalid(path.Child("defaultRequest").Key(name), request.ToString(), $"default request value {request} is greater than max value {max}");
        if (request > limit)
            errors.Invalid(path.Child("defaultRequest").Key(name), request.ToString(), $"default request value {request} is greater than default limit value {limit}");
        if (min > limit)
            errors.Invalid(path.Child("default").Key(name), min.ToString(), $"min value {min} is greater than default value {limit}");
        if (limit > max)
            errors.Invalid(path.Child("default").Key(name), max.ToString(), $"default value {limit} is greater than max value {max}");
        if (ratio < Quantity.FromInt64(1))
            errors.Invalid(path.Child("maxLimitRequestRatio").Key(name), ratio.ToString(), $"ratio {ratio} is less than 1");
        if (ratio is { } most && min is { } from && max is { } to)
            ValidateRatio(errors, most, from, to, path.Child("maxLimitRequestRatio").Key(name));
        if (!ResourceNames.IsOvercommitAllowed(name) && limit is not null && request is not null && limit != request)
            errors.Invalid(path.Child("defaultRequest").Key(name), request.ToString(), $"default value {limit} must equal to defaultRequest value {request} in {name}");
    }

    private static void ValidateRatio(FieldErrorList errors, Quantity ratio, Quantity min, Quantity max, FieldPath path)
    {
        double value = ratio.Value(), low = min.Value(), high = max.Value();
        if (value < MaxMilliValue && low < MaxMilliValue && high < MaxMilliValue)
            (value, low, high) = (ratio.MilliValue() / 1000.0, min.MilliValue(), max.MilliValue());
        var most = high / low;
        if (value > most)
            errors.Invalid(path, ratio.ToString(), $"ratio {ratio} is greater than max/min = {most.ToString("F6", CultureInfo.InvariantCulture)}");
    }
}
