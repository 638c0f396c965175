using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Node selectors of volumes and devices, and the labels that should no longer be named
/// (ValidateNodeSelector in pkg/apis/core/validation/validation.go, pkg/api/node/util.go; v1.36).</summary>
internal static class NodeSelectorValidation
{
    public static void Validate(FieldErrorList errors, Map selector, FieldPath path, bool allowInvalidValues = false)
    {
        var terms = selector.List("nodeSelectorTerms");
        path = path.Child("nodeSelectorTerms");
        if (terms.Count == 0)
            errors.Required(path, "must have at least one node selector term");
        for (var i = 0; i < terms.Count; i++)
            ValidateTerm(errors, terms.At(i), path.Index(i), allowInvalidValues);
    }

    public static void ValidateTerm(FieldErrorList errors, Map term, FieldPath path, bool allowInvalidValues)
    {
        var (expressions, fields) = (term.List("matchExpressions"), term.List("matchFields"));
        for (var i = 0; i < expressions.Count; i++)
            ValidateExpression(errors, expressions.At(i), path.Child("matchExpressions").Index(i), allowInvalidValues);
        for (var i = 0; i < fields.Count; i++)
            ValidateField(errors, fields.At(i), path.Child("matchFields").Index(i));
    }

    /// <summary>Whether a stored selector holds a value that is no label value, which its successors may keep.</summary>
    public static bool HasInvalidValue(Map selector)
    {
        foreach (var term in selector.List("nodeSelectorTerms"))
        {
            foreach (var expression in term.AsMap.List("matchExpressions"))
            {
                foreach (var value in expression.AsMap.List("values"))
                {
                    if (NameValidation.IsLabelValue(value.AsString ?? "").Count > 0)
                        return true;
                }
            }
        }

        return false;
    }

    /// <summary>What to say of a node label that was replaced; null for one that is in use.</summary>
    public static string? DeprecatedLabel(string key) => key switch
    {
        "beta.kubernetes.io/arch" => "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        "beta.kubernetes.io/os" => "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "failure-domain.beta.kubernetes.io/region" => "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        "failure-domain.beta.kubernetes.io/zone" => "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        "beta.kubernetes.io/instance-type" => "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
        "app.kubernetes.io/created-by" => "deprecated since v1.9",
        "scheduler.alpha.kubernetes.io/preferAvoidPods" => "deprecated since v1.22; use Taints and Tolerations instead",
        "node-role.kubernetes.io/master" => "use \"node-role.kubernetes.io/control-plane\" instead",
        _ => null,
    };

    private static void ValidateExpression(FieldErrorList errors, Map requirement, FieldPath path, bool allowInvalidValues)
    {
        var values = requirement.List("values");
        switch (requirement.Text("operator"))
        {
            case "In" or "NotIn":
                if (values.Count == 0)
                    errors.Required(path.Child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist":
                if (values.Count > 0)
                    errors.Forbidden(path.Child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Gt" or "Lt":
                if (values.Count != 1)
                    errors.Required(path.Child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
                break;
            default:
                errors.Invalid(path.Child("operator"), requirement.Text("operator"), "not a valid selector operator");
                break;
        }

        LabelValidation.ValidateLabelName(errors, requirement.Text("key"), path.Child("key"));
        for (var i = 0; i < values.Count && !allowInvalidValues; i++)
            errors.AddInvalid(path.Child("values").Index(i), values[i], NameValidation.IsLabelValue(values.TextAt(i)));
    }

    private static void ValidateField(FieldErrorList errors, Map requirement, FieldPath path)
    {
        var (op, key, values) = (requirement.Text("operator"), requirement.Text("key"), requirement.List("values"));
        if (op is not ("In" or "NotIn"))
            errors.Invalid(path.Child("operator"), op, "not a valid selector operator");
        else if (values.Count != 1)
            errors.Required(path.Child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
        if (key != "metadata.name")
            errors.Invalid(path.Child("key"), key, "not a valid field selector key");
        for (var i = 0; key == "metadata.name" && i < values.Count; i++)
            MetadataValidation.Name(errors, values.TextAt(i), NameRules.DnsSubdomain, path.Child("values").Index(i));
    }
}
