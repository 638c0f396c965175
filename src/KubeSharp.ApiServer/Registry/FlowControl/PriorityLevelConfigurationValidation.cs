using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.FlowControl;

/// <summary>Priority levels (pkg/apis/flowcontrol/validation/validation.go, v1.36).</summary>
internal static class PriorityLevelConfigurationValidation
{
    private const string PreserveZeroShares = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
    private const int MaxQueues = 10_000_000;
    private const int MaxHashBits = 60;
    private static readonly string[] Types = ["Exempt", "Limited"];
    private static readonly string[] ResponseTypes = ["Queue", "Reject"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        if (obj.Sub("metadata").Sub("annotations").ContainsKey(PreserveZeroShares))
            errors.Forbidden(MetadataValidation.Path.Child("annotations"), $"annotation '{PreserveZeroShares}' is forbidden");
        var spec = obj.Sub("spec");
        ValidateSpec(errors, obj.Name(), spec, MetadataValidation.Spec);
        if (MandatoryFlowControl.PriorityLevelProblem(obj.Name(), spec) is { } problem)
            errors.Invalid(MetadataValidation.Spec, spec, problem);
        ConditionValidation.ValidateTypes(errors, obj);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => Validate(context, obj, errors);

    public static void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => ConditionValidation.ValidateTypes(errors, obj);

    private static void ValidateSpec(FieldErrorList errors, string name, Map spec, FieldPath path)
    {
        var type = spec.Text("type");
        if ((name == "exempt") != (type == "Exempt"))
            errors.Invalid(path.Child("type"), type, "must be 'Exempt' if and only if `name` is 'exempt'");
        switch (type)
        {
            case "Exempt":
                if (spec.Has("limited"))
                    errors.Forbidden(path.Child("limited"), "must be nil if the type is not Limited");
                if (spec.GetMap("exempt") is { } exempt)
                    ValidateExempt(errors, exempt, path.Child("exempt"));
                break;
            case "Limited":
                if (spec.Has("exempt"))
                    errors.Forbidden(path.Child("exempt"), "must be nil if the type is Limited");
                if (spec.GetMap("limited") is { } limited)
                    ValidateLimited(errors, limited, path.Child("limited"));
                else
                    errors.Required(path.Child("limited"), "must not be empty when type is Limited");
                break;
            default:
                errors.NotSupported(path.Child("type"), type, Types);
                break;
        }
    }

    private static void ValidateExempt(FieldErrorList errors, Map exempt, FieldPath path)
    {
        NotNegative(errors, exempt, "nominalConcurrencyShares", path, "must be a non-negative integer");
        ValidatePercent(errors, exempt, path);
    }

    private static void ValidateLimited(FieldErrorList errors, Map limited, FieldPath path)
    {
        NotNegative(errors, limited, "nominalConcurrencyShares", path, "must be a non-negative integer");
        ValidateResponse(errors, limited.Sub("limitResponse"), path.Child("limitResponse"));
        ValidatePercent(errors, limited, path);
        NotNegative(errors, limited, "borrowingLimitPercent", path, "if specified, must be a non-negative integer");
    }

    private static void NotNegative(FieldErrorList errors, Map map, string key, FieldPath path, string detail)
    {
        if (map.Number(key) < 0)
            errors.Invalid(path.Child(key), map.Number(key), detail);
    }

    private static void ValidatePercent(FieldErrorList errors, Map map, FieldPath path)
    {
        if (map.Number("lendablePercent") is < 0 or > 100)
            errors.Invalid(path.Child("lendablePercent"), map.Number("lendablePercent"), "must be between 0 and 100, inclusive");
    }

    private static void ValidateResponse(FieldErrorList errors, Map response, FieldPath path)
    {
        switch (response.Text("type"))
        {
            case "Reject":
                if (response.Has("queuing"))
                    errors.Forbidden(path.Child("queuing"), "must be nil if limited.limitResponse.type is not Limited");
                break;
            case "Queue":
                if (response.GetMap("queuing") is { } queuing)
                    ValidateQueuing(errors, queuing, path.Child("queuing"));
                else
                    errors.Required(path.Child("queuing"), "must not be empty if limited.limitResponse.type is Limited");
                break;
            default:
                errors.NotSupported(path.Child("type"), response.Text("type"), ResponseTypes);
                break;
        }
    }

    private static void ValidateQueuing(FieldErrorList errors, Map queuing, FieldPath path)
    {
        var (queues, hand, limit) = (queuing.Number("queues"), queuing.Number("handSize"), queuing.Number("queueLengthLimit"));
        if (limit <= 0)
            errors.Invalid(path.Child("queueLengthLimit"), limit, "must be positive");
        if (queues <= 0)
            errors.Invalid(path.Child("queues"), queues, "must be positive");
        else if (queues > MaxQueues)
            errors.Invalid(path.Child("queues"), queues, $"must not be greater than {MaxQueues}");
        if (hand <= 0)
            errors.Invalid(path.Child("handSize"), hand, "must be positive");
        else if (hand > queues)
            errors.Invalid(path.Child("handSize"), hand, $"should not be greater than queues ({queues})");
        else if (Math.Ceiling(Math.Log2(queues) * hand) > MaxHashBits)
            errors.Invalid(path.Child("handSize"), hand, $"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {MaxHashBits}");
    }
}
