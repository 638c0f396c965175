using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Label keys whose values are taken from the incoming pod (matchLabelKeys and mismatchLabelKeys in
/// pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class LabelKeysValidation
{
    /// <summary>ValidateMatchLabelKeysAndMismatchLabelKeys, of an affinity term or a spread constraint.</summary>
    public static void Validate(FieldErrorList errors, Map holder, FieldPath path)
    {
        var (match, mismatch) = (holder.List("matchLabelKeys"), holder.List("mismatchLabelKeys"));
        if (match.Count == 0 && mismatch.Count == 0)
            return;
        var selector = holder.GetMap("labelSelector");
        ValidateKeys(errors, match, selector, path.Child("matchLabelKeys"));
        ValidateKeys(errors, mismatch, selector, path.Child("mismatchLabelKeys"));
        if (selector is not null)
            ValidateOnce(errors, match, selector, path);
        for (var i = 0; i < match.Count; i++)
        {
            if (mismatch.ContainsText(match.TextAt(i)))
                errors.Invalid(path.Child("matchLabelKeys").Index(i), match[i], "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }

    /// <summary>ValidateMatchLabelKeysInTopologySpread: the older rule, for objects which the newer one would refuse.</summary>
    public static void ValidateLegacy(FieldErrorList errors, Map constraint, FieldPath path)
    {
        var keys = constraint.List("matchLabelKeys");
        if (keys.Count == 0)
            return;
        var selector = constraint.GetMap("labelSelector");
        var used = SelectorLabels(selector);
        if (selector is null)
            errors.Forbidden(path, "must not be specified when labelSelector is not set");
        foreach (var expression in selector.List("matchExpressions"))
            used.Add(expression.AsMap.Text("key"));
        for (var i = 0; i < keys.Count; i++)
        {
            LabelValidation.ValidateLabelName(errors, keys.TextAt(i), path.Index(i));
            if (used.Contains(keys.TextAt(i)))
                errors.Invalid(path.Index(i), keys[i], "exists in both matchLabelKeys and labelSelector");
        }
    }

    private static void ValidateKeys(FieldErrorList errors, Sequence keys, Map? selector, FieldPath path)
    {
        if (keys.Count > 0 && selector is null)
        {
            errors.Forbidden(path, "must not be specified when labelSelector is not set");
            return;
        }

        for (var i = 0; i < keys.Count; i++)
            LabelValidation.ValidateLabelName(errors, keys.TextAt(i), path.Index(i));
    }

    /// <summary>The strategy has added an expression for each key by now: a second one of that key is the user's.</summary>
    private static void ValidateOnce(FieldErrorList errors, Sequence keys, Map selector, FieldPath path)
    {
        var used = SelectorLabels(selector);
        foreach (var expression in selector.List("matchExpressions"))
        {
            var key = expression.AsMap.Text("key");
            var index = -1;
            for (var i = 0; i < keys.Count; i++)
            {
                if (keys.TextAt(i) == key)
                    index = i;
            }

            if (!used.Add(key) && index >= 0)
                errors.Invalid(path.Index(index), key, "exists in both matchLabelKeys and labelSelector");
        }
    }

    private static HashSet<string> SelectorLabels(Map? selector)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, _) in selector.Sub("matchLabels"))
            used.Add(key);
        return used;
    }
}
