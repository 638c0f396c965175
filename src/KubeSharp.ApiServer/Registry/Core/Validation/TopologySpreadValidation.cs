using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Topology spread constraints (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class TopologySpreadValidation
{
    private static readonly string[] Actions = ["DoNotSchedule", "ScheduleAnyway"];
    private static readonly string[] Policies = ["Honor", "Ignore"];

    public static void Validate(FieldErrorList errors, Sequence constraints, PodValidationOptions options, FieldPath path)
    {
        for (var i = 0; i < constraints.Count; i++)
        {
            var (constraint, at) = (constraints.At(i), path.Index(i));
            var (skew, key, action) = (constraint.Number("maxSkew"), constraint.Text("topologyKey"), constraint.Text("whenUnsatisfiable"));
            if (skew <= 0)
                errors.Invalid(at.Child("maxSkew"), skew, "must be greater than zero");
            if (key.Length == 0)
                errors.Required(at.Child("topologyKey"), "can not be empty");
            errors.OneOf(at, "whenUnsatisfiable", action, Actions);
            if (IsRepeated(constraints, i, key, action))
                errors.Duplicate(at.Child("{topologyKey, whenUnsatisfiable}"), $"{{{key}, {action}}}");
            if (constraint.GetInteger("minDomains") is { } domains)
            {
                if (domains <= 0)
                    errors.Invalid(at.Child("minDomains"), domains, "must be greater than zero");
                if (action != "DoNotSchedule")
                    errors.Invalid(at.Child("minDomains"), domains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
            }

            foreach (var policy in (ReadOnlySpan<string>)["nodeAffinityPolicy", "nodeTaintsPolicy"])
            {
                if (constraint.GetString(policy) is { } value)
                    errors.OneOf(at, policy, value, Policies);
            }

            if (options.OldPodViolatesMatchLabelKeys)
                LabelKeysValidation.ValidateLegacy(errors, constraint, at.Child("matchLabelKeys"));
            else
                LabelKeysValidation.Validate(errors, constraint, at);
            if (!options.AllowInvalidTopologySpreadConstraintLabelSelector)
                LabelSelectorValidation.Validate(errors, constraint, "labelSelector", at);
        }
    }

    private static bool IsRepeated(Sequence constraints, int index, string key, string action)
    {
        for (var i = index + 1; i < constraints.Count; i++)
        {
            if (constraints.At(i).Text("topologyKey") == key && constraints.At(i).Text("whenUnsatisfiable") == action)
                return true;
        }

        return false;
    }
}
