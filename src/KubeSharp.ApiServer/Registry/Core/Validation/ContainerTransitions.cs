using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>A container that ended starts again only where its policies let it (ValidateContainerStateTransition in
/// pkg/apis/core/validation/validation.go and ContainerShouldRestart in pkg/api/v1/pod/util.go, v1.36).</summary>
internal static class ContainerTransitions
{
    public static readonly string[] Lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];

    public static void Validate(FieldErrorList errors, Map status, Map old, Map spec, FieldPath path)
    {
        var anyRestartsAll = RestartsAll(spec.List("initContainers")) || RestartsAll(spec.List("containers"));
        if (!anyRestartsAll)
        {
            ValidateList(errors, status, old, "containerStatuses", spec, spec.List("containers"), path);
            ValidateList(errors, status, old, "initContainerStatuses", spec, spec.List("initContainers"), path);
        }

        ValidateList(errors, status, old, "ephemeralContainerStatuses", spec, Sequence.Empty, path);
    }

    private static void ValidateList(FieldErrorList errors, Map status, Map old, string list, Map spec, Sequence containers, FieldPath path)
    {
        var before = old.List(list);
        for (var i = 0; i < before.Count; i++)
        {
            if (before.At(i).Sub("state").GetMap("terminated") is not { } terminated)
                continue;
            var name = before.At(i).Text("name");
            if (Find(status.List(list), name) is { } now && !now.Sub("state").Has("terminated") && !MayRestart(Find(containers, name), spec, terminated.Number("exitCode")))
                errors.Forbidden(path.Child(list).Index(i).Child("state"), "may not be transitioned to non-terminated state");
        }
    }

    private static Map? Find(Sequence items, string name)
    {
        foreach (var item in items)
        {
            if (item.AsMap.Text("name") == name)
                return item.AsMap;
        }

        return null;
    }

    private static bool RestartsAll(Sequence containers)
    {
        foreach (var container in containers)
        {
            foreach (var rule in container.AsMap.List("restartPolicyRules"))
            {
                if (rule.AsMap.Text("action") == "RestartAllContainers")
                    return true;
            }
        }

        return false;
    }

    private static bool MayRestart(Map? container, Map spec, long exitCode)
    {
        if (container is null)
            return false;
        if (container.Has("restartPolicy") && MatchingAction(container, exitCode) is "Restart" or "RestartAllContainers")
            return true;
        var policy = container.Text("restartPolicy");
        if (policy is not ("Always" or "OnFailure" or "Never"))
            policy = spec.Text("restartPolicy");
        return policy switch
        {
            "OnFailure" => exitCode != 0,
            "Never" => false,
            _ => true,
        };
    }

    private static string? MatchingAction(Map container, long exitCode)
    {
        foreach (var item in container.List("restartPolicyRules"))
        {
            if (item.AsMap?.GetMap("exitCodes") is not { } codes)
                continue;
            var listed = false;
            foreach (var value in codes.List("values"))
                listed |= value.AsInteger == exitCode;
            if (codes.Text("operator") == "In" ? listed : codes.Text("operator") == "NotIn" && !listed)
                return item.AsMap.Text("action");
        }

        return null;
    }
}
