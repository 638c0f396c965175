using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Authorization.Node;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Images are pulled each time, so that who runs them shows that he may
/// (plugin/pkg/admission/alwayspullimages/admission.go, v1.36).</summary>
internal sealed class AlwaysPullImages : IAdmissionPlugin
{
    private const string Always = "Always";
    private static readonly string[] Lists = ["initContainers", "containers", "ephemeralContainers"];

    public string Name => "AlwaysPullImages";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!Concerns(attributes))
            return ValueTask.CompletedTask;
        var spec = attributes.Object!.EditMap("spec");
        foreach (var list in Lists)
        {
            for (var i = 0; i < (spec.GetSequence(list)?.Count ?? 0); i++)
                spec.EditSequence(list).EditMap(i).Set("imagePullPolicy", Always);
        }

        for (var i = 0; i < (spec.GetSequence("volumes")?.Count ?? 0); i++)
        {
            if (spec.GetSequence("volumes")![i].AsMap?.GetMap("image") is not null)
                spec.EditSequence("volumes").EditMap(i).EditMap("image").Set("pullPolicy", Always);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!Concerns(attributes))
            return ValueTask.CompletedTask;
        var spec = attributes.Object!.GetMap("spec");
        var problems = new List<string>();
        foreach (var list in Lists)
        {
            var at = 0;
            foreach (var container in PodReferences.Items(spec, list))
                Check(container.GetString("imagePullPolicy"), new FieldPath("spec", list).Index(at++).Child("imagePullPolicy"));
        }

        var volume = 0;
        foreach (var item in PodReferences.Items(spec, "volumes"))
        {
            if (item.GetMap("image") is { } image)
                Check(image.GetString("pullPolicy"), new FieldPath("spec", "volumes").Index(volume).Child("image", "pullPolicy"));
            volume++;
        }

        // As upstream, what is said of several fields is no Status.
        if (problems.Count > 0)
            throw StatusErrors.Unknown(problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems)}]");
        return ValueTask.CompletedTask;

        void Check(string? policy, FieldPath path)
        {
            if (policy != Always)
                problems.Add(attributes.Forbidden(FieldError.NotSupported(path, policy ?? "", [Always]).Error()).Message);
        }
    }

    private static bool Concerns(AdmissionAttributes attributes)
    {
        if (!attributes.IsMain("", "pods") || attributes.Object is null)
            return false;
        if (attributes.OldObject is not { } old)
            return true;
        var known = Images(old);
        return !Images(attributes.Object).IsSubsetOf(known);
    }

    private static HashSet<string> Images(Map pod)
    {
        var images = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in Lists)
        {
            foreach (var container in PodReferences.Items(pod.GetMap("spec"), list))
                images.Add(container.GetString("image") ?? "");
        }

        return images;
    }
}
