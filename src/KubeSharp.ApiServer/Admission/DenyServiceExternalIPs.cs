using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Services get no external IPs that they did not have (plugin/pkg/admission/network/denyserviceexternalips/admission.go, v1.36).</summary>
internal sealed class DenyServiceExternalIPs : IAdmissionPlugin
{
    public string Name => "DenyServiceExternalIPs";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (!attributes.IsMain("", "services"))
            return ValueTask.CompletedTask;
        var old = new Service(attributes.OldObject).Spec.ExternalIPs;
        foreach (var address in new Service(attributes.Object).Spec.ExternalIPs)
        {
            if (!old.Contains(address))
                throw attributes.Forbidden("Use of external IPs is denied by admission control");
        }

        return ValueTask.CompletedTask;
    }
}
