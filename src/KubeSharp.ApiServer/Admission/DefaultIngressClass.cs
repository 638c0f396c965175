using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Ingresses that name no class get the default one
/// (plugin/pkg/admission/network/defaultingressclass/admission.go, v1.36).</summary>
internal sealed class DefaultIngressClass(ResourceStore classes) : IAdmissionPlugin
{
    public string Name => "DefaultIngressClass";

    public AdmissionOperation Operations => AdmissionOperation.Create;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("networking.k8s.io", "ingresses") || attributes.Object is not { } ingress)
            return ValueTask.CompletedTask;
        if (ingress.GetMap("spec")?.GetString("ingressClassName") is not null || ingress.GetMap("metadata")?.GetMap("annotations")?.ContainsKey("kubernetes.io/ingress.class") == true)
            return ValueTask.CompletedTask;
        if (DefaultClass.Find(classes, "ingressclass.kubernetes.io/is-default-class") is { } name)
            ingress.EditMap("spec").Set("ingressClassName", name);
        return ValueTask.CompletedTask;
    }
}
