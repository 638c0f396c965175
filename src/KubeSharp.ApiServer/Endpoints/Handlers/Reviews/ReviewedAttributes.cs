using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Fields;
using KubeSharp.ApiMachinery.Labels;

namespace KubeSharp.ApiServer.Endpoints.Handlers.Reviews;

/// <summary>What an access review asks about, as a request of its own (pkg/registry/authorization/util/helpers.go, v1.36).</summary>
internal static class ReviewedAttributes
{
    /// <param name="spec">The spec of an access review.</param>
    /// <param name="evaluationError">Which selectors could not be read, in upstream's words.</param>
    public static RequestInfo Of(Map spec, out string evaluationError)
    {
        evaluationError = "";
        if (spec.GetMap("resourceAttributes") is not { } resource)
        {
            var path = spec.GetMap("nonResourceAttributes") ?? Map.Empty;
            return new RequestInfo { Path = path.GetString("path") ?? "", Verb = path.GetString("verb") ?? "" };
        }

        var problems = new List<string>();
        var version = resource.GetString("version") ?? "";
        var request = new RequestInfo
        {
            IsResourceRequest = true,
            Path = "",
            Verb = resource.GetString("verb") ?? "",
            ApiGroup = resource.GetString("group") ?? "",
            ApiVersion = version.Length > 0 ? version : "*",
            Resource = resource.GetString("resource") ?? "",
            Subresource = resource.GetString("subresource") ?? "",
            Namespace = resource.GetString("namespace") ?? "",
            Name = resource.GetString("name") ?? "",
            FieldSelector = FieldsOf(resource.GetMap("fieldSelector"), problems),
            LabelSelector = LabelsOf(resource.GetMap("labelSelector"), problems),
        };
        evaluationError = string.Join("; ", problems);
        return request;
    }

    private static string FieldsOf(Map? selector, List<string> problems)
    {
        if (selector is null)
            return "";
        var requirements = selector.GetSequence("requirements") ?? Sequence.Empty;
        if (requirements.Count == 0)
        {
            var raw = selector.GetString("rawSelector") ?? "";
            if (FieldSelector.TryParse(raw, out _, out _))
                return raw;
            problems.Add(Problem("fieldSelector", partly: false));
            return "";
        }

        var terms = new List<string>();
        foreach (var item in requirements)
        {
            var requirement = item.AsMap ?? Map.Empty;
            var values = requirement.GetSequence("values") ?? Sequence.Empty;
            var symbol = requirement.GetString("operator") switch { "In" => "=", "NotIn" => "!=", _ => null };
            if (symbol is not null && values.Count == 1)
                terms.Add($"{requirement.GetString("key")}{symbol}{FieldSelector.EscapeValue(values[0].AsString ?? "")}");
        }

        if (terms.Count < requirements.Count)
            problems.Add(Problem("fieldSelector", partly: terms.Count > 0));
        return string.Join(',', terms);
    }

    private static string LabelsOf(Map? selector, List<string> problems)
    {
        if (selector is null)
            return "";
        var requirements = selector.GetSequence("requirements") ?? Sequence.Empty;
        if (requirements.Count == 0)
        {
            var raw = selector.GetString("rawSelector") ?? "";
            if (LabelSelector.TryParse(raw, out _, out _))
                return raw;
            problems.Add(Problem("labelSelector", partly: false));
            return "";
        }

        var terms = new List<string>();
        foreach (var item in requirements)
        {
            var requirement = item.AsMap ?? Map.Empty;
            LabelOperator? known = requirement.GetString("operator") switch
            {
                "In" => LabelOperator.In,
                "NotIn" => LabelOperator.NotIn,
                "Exists" => LabelOperator.Exists,
                "DoesNotExist" => LabelOperator.DoesNotExist,
                _ => null,
            };
            if (known is { } op && LabelRequirement.TryCreate(requirement.GetString("key") ?? "", op, UserInfoMap.Strings(requirement.GetSequence("values")), out var made, out _))
                terms.Add(made.ToString()!);
        }

        if (terms.Count < requirements.Count)
            problems.Add(Problem("labelSelector", partly: terms.Count > 0));
        return string.Join(',', terms);
    }

    private static string Problem(string selector, bool partly) => $"spec.resourceAttributes.{selector} {(partly ? "partially ignored" : "ignored")} due to parse error";
}
