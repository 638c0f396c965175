using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

[Flags]
public enum AdmissionOperation
{
    None = 0,
    Create = 1,
    Update = 2,
    Delete = 4,
    Connect = 8,
}

/// <summary>One write as admission plugins see it (apiserver/pkg/admission/attributes.go). The trees are at the storage
/// version; <paramref name="OldObject"/> is frozen and null on create, <paramref name="Object"/> is null on delete.</summary>
public sealed record AdmissionAttributes(
    AdmissionOperation Operation,
    ApiResource Resource,
    string Subresource,
    string Namespace,
    string Name,
    Map? Object,
    Map? OldObject,
    OperationContext Context)
{
    public bool IsMain(string group, string resource) => Subresource.Length == 0 && Resource.Group == group && Resource.Resource == resource;
}

/// <summary>
/// One admission plugin: a file by its upstream name. A mutating plugin changes the object before the strategy sees it,
/// a validating one sees it as it will be stored. Both refuse by throwing a StatusException.
/// </summary>
public interface IAdmissionPlugin
{
    /// <summary>Upstream's name, as in <c>--enable-admission-plugins</c>.</summary>
    string Name { get; }

    AdmissionOperation Operations { get; }

    ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
