using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ApiServer.Admission;

/// <summary>How plugins refuse (apiserver/pkg/admission/errors.go NewForbidden, v1.36).</summary>
internal static class AdmissionRefusal
{
    /// <summary>403 about the object: by its name, or what its name is generated from, or "Unknown".</summary>
    public static StatusException Forbidden(this AdmissionAttributes attributes, string message) =>
        StatusErrors.Forbidden(attributes.Resource.GroupResource, NameOf(attributes), message);

    private static string NameOf(AdmissionAttributes attributes)
    {
        if (attributes.Name.Length > 0)
            return attributes.Name;
        var metadata = attributes.Object?.GetMap("metadata");
        if (metadata?.GetString("name") is { Length: > 0 } name)
            return name;
        return metadata?.GetString("generateName") is { Length: > 0 } prefix ? prefix : "Unknown";
    }
}
