namespace KubeSharp.ApiServer.Admission;

/// <summary>Refuses every write (plugin/pkg/admission/deny/admission.go, v1.36; deprecated).</summary>
internal sealed class AlwaysDeny : IAdmissionPlugin
{
    private const string Message = "admission control is denying all modifications";

    public string Name => "AlwaysDeny";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update | AdmissionOperation.Delete | AdmissionOperation.Connect;

    public ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken) => throw attributes.Forbidden(Message);

    public ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken) => throw attributes.Forbidden(Message);
}
