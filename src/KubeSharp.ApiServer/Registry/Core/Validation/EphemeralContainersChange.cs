using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Writes through the subresource ephemeralcontainers, which only adds such containers
/// (ValidatePodEphemeralContainersUpdate in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class EphemeralContainersChange
{
    private static readonly FieldPath Path = MetadataValidation.Spec.Child("ephemeralContainers");

    /// <summary>Everything else, and most of the metadata, is the stored pod's.</summary>
    public static void Prepare(Map obj, Map old)
    {
        var spec = old.Sub("spec").ShallowClone();
        spec.Set("ephemeralContainers", obj.Sub("spec")["ephemeralContainers"]);
        obj.Set("spec", spec);
        obj.Set("status", old["status"]);
    }

    public static void Validate(FieldErrorList errors, Map obj, Map old)
    {
        var (metadata, oldMetadata) = (obj.Sub("metadata"), old.Sub("metadata"));
        if (oldMetadata.Sub("annotations").ContainsKey(PodAnnotationValidation.Mirror))
        {
            errors.Forbidden(new FieldPath(""), "static pods do not support ephemeral containers");
            return;
        }

        MetadataValidation.ValidateUpdate(errors, obj, old);
        PodValidation.ValidateMetadataAndSpec(errors, obj, PodValidation.OptionsFor(old));
        PodAnnotationValidation.ValidateUpdate(errors, metadata.Sub("annotations"), oldMetadata.Sub("annotations"), MetadataValidation.Path.Child("annotations"));
        var now = obj.Sub("spec").List("ephemeralContainers");
        foreach (var item in old.Sub("spec").List("ephemeralContainers"))
        {
            var name = item.AsMap.Text("name");
            if (Find(now, name) is not { } same)
                errors.Forbidden(Path, $"existing ephemeral containers {GoText.Quote(name)} may not be removed\n");
            else if (!item.SemanticallyEquals(same))
                errors.Forbidden(Path, $"existing ephemeral containers {GoText.Quote(name)} may not be changed\n{InternalForm.Difference(item, same, new("", "v1", "Pod"), "spec", "ephemeralContainers")}");
        }
    }

    private static Map? Find(Sequence containers, string name)
    {
        for (var i = containers.Count - 1; i >= 0; i--)
        {
            if (containers.At(i).Text("name") == name)
                return containers.At(i);
        }

        return null;
    }
}
