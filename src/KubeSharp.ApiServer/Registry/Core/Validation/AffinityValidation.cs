using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Affinity to nodes and to other pods (validateAffinity in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class AffinityValidation
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";

    public static void Validate(FieldErrorList errors, Map affinity, PodValidationOptions options, FieldPath path)
    {
        if (affinity.GetMap("nodeAffinity") is { } node)
            ValidateNode(errors, node, options, path.Child("nodeAffinity"));
        foreach (var kind in (ReadOnlySpan<string>)["podAffinity", "podAntiAffinity"])
        {
            if (affinity.GetMap(kind) is { } pods)
                ValidatePods(errors, pods, options, path.Child(kind));
        }
    }

    private static void ValidateNode(FieldErrorList errors, Map affinity, PodValidationOptions options, FieldPath path)
    {
        if (affinity.GetMap(Required) is { } required)
            NodeSelectorValidation.Validate(errors, required, path.Child(Required), options.AllowInvalidLabelValueInRequiredNodeAffinity);
        var preferred = affinity.List(Preferred);
        for (var i = 0; i < preferred.Count; i++)
        {
            var at = path.Child(Preferred).Index(i);
            ValidateWeight(errors, preferred.At(i), at);
            NodeSelectorValidation.ValidateTerm(errors, preferred.At(i).Sub("preference"), at.Child("preference"), allowInvalidValues: true);
        }
    }

    private static void ValidatePods(FieldErrorList errors, Map affinity, PodValidationOptions options, FieldPath path)
    {
        var required = affinity.List(Required);
        for (var i = 0; i < required.Count; i++)
            ValidateTerm(errors, required.At(i), options, path.Child(Required).Index(i));
        var preferred = affinity.List(Preferred);
        for (var i = 0; i < preferred.Count; i++)
        {
            var at = path.Child(Preferred).Index(i);
            ValidateWeight(errors, preferred.At(i), at);
            ValidateTerm(errors, preferred.At(i).Sub("podAffinityTerm"), options, at.Child("podAffinityTerm"));
        }
    }

    private static void ValidateWeight(FieldErrorList errors, Map term, FieldPath path)
    {
        if (term.Number("weight") is <= 0 or > 100)
            errors.Invalid(path.Child("weight"), term.Number("weight"), "must be in the range 1-100");
    }

    private static void ValidateTerm(FieldErrorList errors, Map term, PodValidationOptions options, FieldPath path)
    {
        LabelSelectorValidation.Validate(errors, term, "labelSelector", path, options.AllowInvalidLabelValueInSelector);
        LabelSelectorValidation.Validate(errors, term, "namespaceSelector", path, options.AllowInvalidLabelValueInSelector);
        foreach (var name in term.List("namespaces"))
            MetadataValidation.Name(errors, name.AsString ?? "", NameRules.DnsLabel, path.Child("namespace"));
        LabelKeysValidation.Validate(errors, term, path);
        var key = term.Text("topologyKey");
        if (key.Length == 0)
            errors.Required(path.Child("topologyKey"), "can not be empty");
        LabelValidation.ValidateLabelName(errors, key, path.Child("topologyKey"));
    }
}
