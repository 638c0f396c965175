using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>Bindings whose subjects had a version, and where the user <c>*</c> was everybody (pkg/apis/rbac/v1alpha1/conversion.go, v1.36).</summary>
internal static class RoleBindingV1Alpha1
{
    private const string Group = "rbac.authorization.k8s.io";

    public static Map ToStorage(Map binding)
    {
        if (binding["subjects"].AsSequence is null)
            return binding;
        var subjects = binding.EditSequence("subjects");
        for (var i = 0; i < subjects.Count; i++)
        {
            var subject = subjects.EditMap(i);
            var version = subject.Text("apiVersion");
            subject.Remove("apiVersion");
            var group = subject.Text("kind") switch
            {
                "ServiceAccount" => "",
                "User" or "Group" => Group,
                _ => GroupVersion.TryParse(version, out var parsed) ? parsed.Group : "",
            };
            if (group.Length > 0)
                subject.Set("apiGroup", group);
            if (subject.Text("kind") == "User" && subject.Text("name") == "*")
            {
                subject.Set("kind", "Group");
                subject.Set("name", "system:authenticated");
            }
        }

        return binding;
    }
}
