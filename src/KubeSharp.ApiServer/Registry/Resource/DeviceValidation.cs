using System.Text;
using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>One device of a slice (validateDevice in pkg/apis/resource/validation/validation.go, v1.36).</summary>
internal static partial class DeviceValidation
{
    private const int MaxAttributesAndCapacities = 32;
    private const int MaxAttributeValues = 48;
    private const int MaxValueLength = 64;
    private const int MaxTaints = 16;
    private const int MaxConsumptions = 2;
    private const int MaxBindingConditions = 4;
    private const int MaxOptions = 10;
    private const string OneSelection = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    private static readonly string[] Lists = ["bools", "ints", "strings", "versions"];

    public static void Validate(FieldErrorList errors, Map device, Map? old, FieldPath path, bool perDevice)
    {
        DeviceClaimValidation.ValidateLabelName(errors, device.Text("name"), path.Child("name"));
        var (attributes, capacity) = (device.Sub("attributes"), device.Sub("capacity"));
        if (attributes.Count + capacity.Count > MaxAttributesAndCapacities)
            errors.Invalid(path, attributes.Count + capacity.Count, $"the total number of attributes and capacities must not exceed {MaxAttributesAndCapacities}");
        var values = 0;
        foreach (var (_, attribute) in attributes)
            values += Math.Max(1, Lists.Sum(list => attribute.AsMap.List(list).Count));
        if (values > MaxAttributeValues)
            errors.Invalid(path, values, $"the total number of attribute values must not exceed {MaxAttributeValues}");
        foreach (var (name, attribute) in attributes)
        {
            DeviceNames.ValidateQualified(errors, name, path.Child("attributes"));
            ValidateAttribute(errors, attribute.AsMap ?? Map.Empty, path.Child("attributes").Key(DeviceNames.Truncate(name)));
        }

        foreach (var (name, item) in capacity)
        {
            DeviceNames.ValidateQualified(errors, name, path.Child("capacity"));
            if (item.AsMap?.GetMap("requestPolicy") is not { } policy)
                continue;
            var at = path.Child("capacity").Key(DeviceNames.Truncate(name)).Child("requestPolicy");
            if (device.Flag("allowMultipleAllocations"))
                ValidatePolicy(errors, item.AsMap.Amount("value"), policy, at);
            else
                errors.Forbidden(at, "allowMultipleAllocations must be true");
        }

        ValidateTaints(errors, device, old, path.Child("taints"));
        ValidateConsumptions(errors, device.List("consumesCounters"), path.Child("consumesCounters"));
        ValidateNodes(errors, device, path, perDevice);
        ValidateBindings(errors, device, path);
    }

    private static void ValidateAttribute(FieldErrorList errors, Map attribute, FieldPath path)
    {
        var count = (attribute.Has("bool") ? 1 : 0) + (attribute.Has("int") ? 1 : 0);
        if (attribute.GetString("string") is { } text)
        {
            count++;
            ValidateLength(errors, text, path.Child("string"));
        }

        if (attribute.GetString("version") is { } version)
        {
            count++;
            ValidateVersion(errors, version, path.Child("version"));
        }

        foreach (var list in Lists)
        {
            if (!attribute.Has(list))
                continue;
            count++;
            var items = attribute.List(list);
            if (items.Count == 0)
                errors.Invalid(path.Child(list), items, "must not be empty if specified");
            for (var i = 0; list is ("strings" or "versions") && i < items.Count; i++)
            {
                if (list == "strings")
                    ValidateLength(errors, items.TextAt(i), path.Child(list).Index(i));
                else
                    ValidateVersion(errors, items.TextAt(i), path.Child(list).Index(i));
            }
        }

        if (count == 0)
            errors.Invalid(path, "", "exactly one value must be specified");
        else if (count > 1)
            errors.Invalid(path, InternalAttribute(attribute), "exactly one value must be specified");
    }

    private static Map InternalAttribute(Map attribute)
    {
        var form = new Map();
        foreach (var (go, key) in ((string, string)[])[("IntValue", "int"), ("BoolValue", "bool"), ("StringValue", "string"), ("VersionValue", "version"),
            ("IntValues", "ints"), ("BoolValues", "bools"), ("StringValues", "strings"), ("VersionValues", "versions")])
            form.Set(go, attribute.Has(key) ? attribute[key] : Value.Null);
        return form;
    }

    private static void ValidateLength(FieldErrorList errors, string value, FieldPath path)
    {
        if (Encoding.UTF8.GetByteCount(value) > MaxValueLength)
            errors.Add(FieldError.TooLong(path, MaxValueLength));
    }

    private static void ValidateVersion(FieldErrorList errors, string value, FieldPath path)
    {
        if (!SemanticVersion().IsMatch(value))
            errors.Invalid(path, value, "must be a string compatible with semver.org spec 2.0.0");
        ValidateLength(errors, value, path);
    }

    private static void ValidatePolicy(FieldErrorList errors, Quantity most, Map policy, FieldPath path)
    {
        var values = policy.List("validValues");
        if (values.Count > 0 && policy.Has("validRange"))
        {
            errors.Forbidden(path, "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\" at the same time");
        }
        else if (values.Count > 0)
        {
            if (policy.Has("default"))
                ValidateOptions(errors, policy.Amount("default"), most, values, path.Child("validValues"));
            else
                errors.Required(path.Child("default"), "required when validValues is defined");
        }
        else if (policy.GetMap("validRange") is { } range)
        {
            if (policy.Has("default"))
                ValidateRange(errors, policy.Amount("default"), most, range, path.Child("validRange"));
            else
                errors.Required(path.Child("default"), "required when validRange is defined");
        }
    }

    private static void ValidateOptions(FieldErrorList errors, Quantity normal, Quantity most, Sequence values, FieldPath path)
    {
        for (var i = 0; i + 1 < values.Count; i++)
        {
            if (Quantity.FromValue(values[i]) > Quantity.FromValue(values[i + 1]))
                errors.Invalid(path.Index(i + 1), Quantity.FromValue(values[i + 1]).ToString(), "values must be sorted in ascending order");
        }

        var found = false;
        if (DeviceClaimValidation.IsWithin(errors, values, MaxOptions, path))
        {
            HashSet<long> seen = [];
            for (var i = 0; i < values.Count; i++)
            {
                var option = Quantity.FromValue(values[i]);
                if (option > most)
                    errors.Invalid(path.Index(i), option.ToString(), $"option is larger than capacity value: {most}");
                found |= option == normal;
            }

            for (var i = 0; i < values.Count; i++)
            {
                if (!seen.Add(Quantity.FromValue(values[i]).Value()))
                    errors.Duplicate(path.Index(i), Quantity.FromValue(values[i]).Value().ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        if (!found)
            errors.Invalid(path, normal.ToString(), "default value is not valid according to the requestPolicy");
    }

    private static void ValidateRange(FieldErrorList errors, Quantity normal, Quantity most, Map range, FieldPath path)
    {
        if (!range.Has("min"))
        {
            errors.Required(path.Child("min"), "required when validRange is defined");
            return;
        }

        var (min, max, step) = (range.Amount("min"), range.Amount("max"), range.Amount("step"));
        if (min > most)
            errors.Invalid(path.Child("min"), min.ToString(), $"min is larger than capacity value: {most}");
        if (normal < min)
            errors.Invalid(path.Child("min"), normal.ToString(), $"default is less than min: {min}");
        if (range.Has("max"))
        {
            if (min > max)
                errors.Invalid(path.Child("max"), min.ToString(), $"min is larger than max: {max}");
            if (max > most)
                errors.Invalid(path.Child("max"), max.ToString(), $"max is larger than capacity value: {most}");
            if (normal > max)
                errors.Invalid(path.Child("max"), normal.ToString(), $"default is more than max: {max}");
        }

        if (!range.Has("step"))
            return;
        if (min + step > most)
            errors.Invalid(path.Child("step"), step.ToString(), $"one step {min + step} is larger than capacity value: {most}");
        ValidateStep(errors, normal, min, step, path.Child("step"));
        if (range.Has("max"))
            ValidateStep(errors, max, min, step, path.Child("step"));
    }

    private static void ValidateStep(FieldErrorList errors, Quantity value, Quantity min, Quantity step, FieldPath path)
    {
        if (step.Value() != 0 && (value.Value() - min.Value()) % step.Value() != 0)
            errors.Invalid(path, value.ToString(), $"value is not a multiple of a given step ({step}) from ({min})");
    }

    private static void ValidateTaints(FieldErrorList errors, Map device, Map? old, FieldPath path)
    {
        if (old is not null && device["taints"].SemanticallyEquals(old["taints"]))
            return;
        var taints = device.List("taints");
        if (!DeviceClaimValidation.IsWithin(errors, taints, MaxTaints, path))
            return;
        for (var i = 0; i < taints.Count; i++)
            DeviceClaimValidation.ValidateTaint(errors, taints.At(i), null, path.Index(i));
    }

    private static void ValidateConsumptions(FieldErrorList errors, Sequence consumptions, FieldPath path)
    {
        if (!DeviceClaimValidation.IsWithin(errors, consumptions, MaxConsumptions, path))
            return;
        for (var i = 0; i < consumptions.Count; i++)
        {
            var set = consumptions.At(i).Text("counterSet");
            if (set.Length == 0)
                errors.Required(path.Index(i).Child("counterSet"));
            else
                DeviceClaimValidation.ValidateLabelName(errors, set, path.Index(i).Child("counterSet"));
            ResourceSliceValidation.ValidateCounters(errors, consumptions.At(i).Sub("counters"), path.Index(i).Child("counters"));
        }

        DeviceClaimValidation.ValidateUnique(errors, consumptions, path, "counterSet");
    }

    private static void ValidateNodes(FieldErrorList errors, Map device, FieldPath path, bool perDevice)
    {
        if (!perDevice)
        {
            if (device.Has("nodeName") || device.Has("nodeSelector") || device.Has("allNodes"))
            {
                errors.Invalid(path, Value.Null,
                    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec");
            }

            return;
        }

        var set = new List<string>();
        if (device.GetString("nodeName") is { } name)
        {
            if (name.Length > 0)
            {
                set.Add("`nodeName`");
                MetadataValidation.Name(errors, name, NameRules.DnsSubdomain, path.Child("nodeName"));
            }
            else
            {
                errors.Invalid(path.Child("nodeName"), name, "must not be empty");
            }
        }

        if (device.GetMap("nodeSelector") is { } selector)
        {
            set.Add("`nodeSelector`");
            NodeSelectorValidation.Validate(errors, selector, path.Child("nodeSelector"));
        }

        if (device.GetBoolean("allNodes") == true)
            set.Add("`allNodes`");
        else if (device.GetBoolean("allNodes") == false)
            errors.Invalid(path.Child("allNodes"), false, "must be either unset or set to true");
        if (set.Count == 0)
            errors.Required(path, OneSelection);
        else if (set.Count > 1)
            errors.Invalid(path, $"{{{string.Join(", ", set)}}}", OneSelection);
    }

    private static void ValidateBindings(FieldErrorList errors, Map device, FieldPath path)
    {
        var (conditions, failures) = (device.List("bindingConditions"), device.List("bindingFailureConditions"));
        ValidateLabelNames(errors, conditions, path.Child("bindingConditions"));
        ValidateLabelNames(errors, failures, path.Child("bindingFailureConditions"));
        DeviceClaimValidation.ValidateUnique(errors, conditions, path.Child("bindingConditions"));
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < failures.Count; i++)
        {
            if (!seen.Add(failures.TextAt(i)))
                errors.Duplicate(path.Child("bindingFailureConditions").Index(i), failures[i]);
            if (conditions.ContainsText(failures.TextAt(i)))
                errors.Invalid(path.Child("bindingFailureConditions").Index(i), failures[i], "bindingFailureConditions must not overlap with bindingConditions");
        }

        if (conditions.Count == 0 && failures.Count > 0)
            errors.Invalid(path.Child("bindingConditions"), Value.Null, "bindingConditions are required to use bindingFailureConditions");
        if (failures.Count == 0 && conditions.Count > 0)
            errors.Invalid(path.Child("bindingFailureConditions"), Value.Null, "bindingFailureConditions are required to use bindingConditions");
    }

    private static void ValidateLabelNames(FieldErrorList errors, Sequence names, FieldPath path)
    {
        if (!DeviceClaimValidation.IsWithin(errors, names, MaxBindingConditions, path))
            return;
        for (var i = 0; i < names.Count; i++)
            LabelValidation.ValidateLabelName(errors, names.TextAt(i), path.Index(i));
    }

    [GeneratedRegex(@"\A(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SemanticVersion();
}
