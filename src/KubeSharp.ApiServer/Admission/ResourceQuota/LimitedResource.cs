using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiMachinery.Views.Core.V1;
using GroupResource = KubeSharp.ApiMachinery.Schemas.GroupResource;

namespace KubeSharp.ApiServer.Admission.ResourceQuota;

/// <summary>What may be used only where a quota covers it: an entry of ResourceQuotaConfiguration
/// (apiserver.config.k8s.io/v1; apiserver/pkg/admission/plugin/resourcequota/apis, v1.36).</summary>
internal sealed record LimitedResource(GroupResource Resource, IReadOnlyList<string> MatchContains, IReadOnlyList<ScopedResourceSelectorRequirement> MatchScopes)
{
    private static readonly string[] Versions = ["apiserver.config.k8s.io/v1", "resourcequota.admission.k8s.io/v1beta1", "resourcequota.admission.k8s.io/v1alpha1"];

    /// <exception cref="FormatException">The configuration is not valid.</exception>
    public static IReadOnlyList<LimitedResource> Read(Map? root)
    {
        if (root is null)
            return [];
        if (!Versions.Contains(root.GetString("apiVersion")) || root.GetString("kind") is not ("ResourceQuotaConfiguration" or "Configuration"))
            throw new FormatException($"no kind \"{root.GetString("kind")}\" is registered for version \"{root.GetString("apiVersion")}\"");
        var limited = new List<LimitedResource>();
        var errors = new FieldErrorList();
        foreach (var item in root.GetSequence("limitedResources") ?? Sequence.Empty)
        {
            var entry = item.AsMap ?? Map.Empty;
            if (string.IsNullOrEmpty(entry.GetString("resource")))
                errors.Add(FieldError.Required(new FieldPath("limitedResources").Index(limited.Count).Child("resource"), ""));
            limited.Add(new LimitedResource(
                new GroupResource(entry.GetString("apiGroup") ?? "", entry.GetString("resource") ?? ""),
                [.. (entry.GetSequence("matchContains") ?? Sequence.Empty).Select(static value => value.AsString ?? "")],
                [.. (entry.GetSequence("matchScopes") ?? Sequence.Empty).Select(static value => new ScopedResourceSelectorRequirement(value.AsMap))]));
        }

        return errors.ToAggregate() is { } problem ? throw new FormatException(problem) : limited;
    }
}
