using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>A namespace in which something is created is made when it does not exist
/// (plugin/pkg/admission/namespace/autoprovision/admission.go, v1.36). Differs: the new namespace itself is not admitted again.</summary>
internal sealed class NamespaceAutoProvision(ServedResource namespaces) : IAdmissionPlugin
{
    private static readonly UserInfo Self = new("system:apiserver", "", [UserInfo.PrivilegedGroup, UserInfo.AllAuthenticated]);

    public string Name => "NamespaceAutoProvision";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        var name = attributes.Namespace;
        if (attributes.Context.DryRun || name.Length == 0 || attributes.Resource.GroupKind == new GroupKind("", "Namespace") || namespaces.Store.Peek("", name) is not null)
            return;
        var operation = new OperationContext
        {
            User = Self,
            Served = namespaces,
            FieldManager = "kube-apiserver",
            Info = new RequestInfo { IsResourceRequest = true, Path = "", Verb = "create", ApiVersion = "v1", Resource = "namespaces", Name = name },
        };
        var tree = new Map(3) { { "apiVersion", "v1" }, { "kind", "Namespace" }, { "metadata", new Map(1) { { "name", name } } } };
        namespaces.Store.Strategy.SetDefaults(tree);
        try
        {
            await namespaces.Store.CreateAsync(operation, tree, null, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsAlreadyExists)
        {
            // The cache was behind, or somebody was faster.
        }
        catch (StatusException exception)
        {
            throw attributes.Forbidden(exception.Message);
        }
    }
}
