using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>Validating admission policies (pkg/apis/admissionregistration/validation/validation.go, v1.36).</summary>
internal static class ValidatingAdmissionPolicyValidation
{
    private const int MaxAuditAnnotations = 20;
    private const int MaxValueExpressionLength = 5 * 1024;
    private static readonly string[] Reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
    private static readonly FieldPath Path = MetadataValidation.Spec;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors) => ValidatePolicy(errors, obj, false);

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        ValidatePolicy(errors, obj, AdmissionPolicyValidation.HasSameMatchConditions(obj.Sub("spec"), old.Sub("spec")));

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var status = obj.Sub("status");
        var warnings = status.Sub("typeChecking").List("expressionWarnings");
        for (var i = 0; i < warnings.Count; i++)
        {
            var path = MetadataValidation.Status.Child("typeChecking", "expressionWarnings").Index(i);
            if (warnings.At(i).Text("warning").Length == 0)
                errors.Required(path.Child("warning"));
            if (warnings.At(i).Text("fieldRef").Trim().Length == 0)
                errors.Required(path.Child("fieldRef"));
        }

        ConditionValidation.Validate(errors, status.List("conditions"), MetadataValidation.Status.Child("conditions"));
    }

    private static void ValidatePolicy(FieldErrorList errors, Map obj, bool ignoreMatchConditions)
    {
        MetadataValidation.ValidateGenericCluster(errors, obj, NameRules.DnsSubdomain);
        var spec = obj.Sub("spec");
        AdmissionPolicyValidation.ValidateFailurePolicy(errors, spec, Path);
        if (spec.GetMap("paramKind") is { } kind)
            AdmissionPolicyValidation.ValidateParamKind(errors, kind, Path.Child("paramKind"));
        AdmissionPolicyValidation.ValidateMatchConstraints(errors, spec, Path);
        if (!ignoreMatchConditions)
            AdmissionRuleValidation.ValidateMatchConditions(errors, spec.List("matchConditions"), Path.Child("matchConditions"));
        AdmissionPolicyValidation.ValidateVariables(errors, spec.List("variables"), Path.Child("variables"));
        var (validations, annotations) = (spec.List("validations"), spec.List("auditAnnotations"));
        if (validations.Count == 0 && annotations.Count == 0)
        {
            errors.Required(Path.Child("validations"), "validations or auditAnnotations must contain at least one item");
            errors.Required(Path.Child("auditAnnotations"), "validations or auditAnnotations must contain at least one item");
            return;
        }

        for (var i = 0; i < validations.Count; i++)
            ValidateValidation(errors, validations.At(i), Path.Child("validations").Index(i));
        ValidateAnnotations(errors, annotations, obj.Name(), Path.Child("auditAnnotations"));
    }

    private static void ValidateValidation(FieldErrorList errors, Map validation, FieldPath path)
    {
        if (validation.Text("expression").Trim().Length == 0)
            errors.Required(path.Child("expression"), "expression is not specified");
        var (expression, message) = (validation.Text("messageExpression"), validation.Text("message"));
        if (expression.Length > 0 && expression.Trim().Length == 0)
            errors.Invalid(path.Child("messageExpression"), expression, "must be non-empty if specified");
        if (message.Length > 0 && message.Trim().Length == 0)
            errors.Invalid(path.Child("message"), message, "must be non-empty if specified");
        else if (message.Trim().AsSpan().IndexOfAny('\n', '\r') >= 0)
            errors.Invalid(path.Child("message"), message, "must not contain line breaks");
        if (validation.GetString("reason") is { } reason)
            errors.OneOf(path, "reason", reason, Reasons);
    }

    private static void ValidateAnnotations(FieldErrorList errors, Sequence annotations, string policy, FieldPath path)
    {
        if (annotations.Count > MaxAuditAnnotations)
            errors.Invalid(path, InternalForm(annotations), $"must not have more than {MaxAuditAnnotations} auditAnnotations");
        HashSet<string> keys = new(StringComparer.Ordinal);
        for (var i = 0; i < annotations.Count; i++)
        {
            var (annotation, at) = (annotations.At(i), path.Index(i));
            var key = annotation.Text("key");
            if (policy.Length > 0)
                errors.AddInvalid(at.Child("key"), $"{policy}/{key}", NameValidation.IsQualifiedName($"{policy}/{key}"));
            else
                errors.Invalid(at.Child("key"), key, "requires metadata.name be non-empty");
            var expression = annotation.Text("valueExpression").Trim();
            if (expression.Length == 0)
                errors.Required(at.Child("valueExpression"), "valueExpression is not specified");
            else if (Encoding.UTF8.GetByteCount(expression) > MaxValueExpressionLength)
                errors.Required(at.Child("valueExpression"), $"must not exceed {MaxValueExpressionLength} bytes in length");
            if (!keys.Add(key))
                errors.Duplicate(at.Child("key"), key);
        }
    }

    private static Sequence InternalForm(Sequence annotations)
    {
        var list = new Sequence(annotations.Count);
        for (var i = 0; i < annotations.Count; i++)
            list.Add(new Map { { "Key", annotations.At(i).Text("key") }, { "ValueExpression", annotations.At(i).Text("valueExpression") } });
        return list;
    }
}

/// <summary>Their bindings (pkg/apis/admissionregistration/validation/validation.go, v1.36).</summary>
internal static class ValidatingAdmissionPolicyBindingValidation
{
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateGenericCluster(errors, obj, NameRules.DnsSubdomain);
        AdmissionPolicyValidation.ValidateBinding(errors, obj.Sub("spec"), MetadataValidation.Spec);
        ValidateActions(errors, obj.Sub("spec").List("validationActions"), MetadataValidation.Spec.Child("validationActions"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => Validate(context, obj, errors);

    private static void ValidateActions(FieldErrorList errors, Sequence actions, FieldPath path)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < actions.Count; i++)
        {
            if (!Actions.Contains(actions.TextAt(i)))
                errors.NotSupported(path.Index(i), actions[i], Actions);
            if (!seen.Add(actions.TextAt(i)))
                errors.Duplicate(path.Index(i), actions[i]);
        }

        if (seen.Contains("Deny") && seen.Contains("Warn"))
        {
            errors.Invalid(path, actions,
                "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }

        if (seen.Count == 0)
            errors.Required(path, "at least one validation action is required");
    }
}
