using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;

namespace KubeSharp.ApiServer.Registry.Node;

/// <summary>pkg/apis/node/validation/validation.go, v1.36.</summary>
internal static class RuntimeClassValidation
{
    private static readonly FieldPath Metadata = new("metadata");
    private static readonly FieldPath Handler = new("handler");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ObjectMetaValidation.Validate(errors, obj.GetMap("metadata") ?? Map.Empty, false, NameRules.DnsSubdomain, Metadata);
        var handler = obj.GetString("handler") ?? "";
        if (handler.Length == 0)
            errors.Add(FieldError.Required(Handler, ""));
        else
            errors.AddInvalid(Handler, handler, NameValidation.IsDns1123Label(handler));
        if (obj.GetMap("overhead") is { } overhead)
        {
            var limits = new Map(1) { { "limits", overhead["podFixed"] } };
            ResourceRequirementsValidation.ValidateContainer(errors, limits, [], new PodValidationOptions(), new FieldPath("overhead"));
        }

        if (obj.GetMap("scheduling") is { } scheduling)
            ValidateScheduling(scheduling, new FieldPath("scheduling"), errors);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        Validate(context, obj, errors);
        ObjectMetaValidation.ValidateUpdate(errors, obj.GetMap("metadata") ?? Map.Empty, old.GetMap("metadata") ?? Map.Empty, Metadata);
        ObjectMetaValidation.ValidateImmutable(errors, obj.GetString("handler") ?? "", old.GetString("handler") ?? "", Handler);
    }

    private static void ValidateScheduling(Map scheduling, FieldPath path, FieldErrorList errors)
    {
        LabelValidation.ValidateLabels(errors, scheduling.GetMap("nodeSelector"), path.Child("nodeSelector"));
        var tolerations = scheduling.GetSequence("tolerations") ?? Sequence.Empty;
        TolerationValidation.Validate(errors, tolerations, new PodValidationOptions(), path.Child("tolerations"));
        var seen = new HashSet<(string?, string?, string?, string?)>();
        for (var i = 0; i < tolerations.Count; i++)
        {
            var toleration = tolerations[i].AsMap ?? Map.Empty;
            if (!seen.Add((toleration.GetString("key"), toleration.GetString("operator"), toleration.GetString("value"), toleration.GetString("effect"))))
                errors.Add(FieldError.Duplicate(path.Child("tolerations").Index(i), Meta.InternalForm.Of(toleration, new("", "v1", "Pod"), "spec", "tolerations")));
        }
    }
}
