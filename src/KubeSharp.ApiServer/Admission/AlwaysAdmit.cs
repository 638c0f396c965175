namespace KubeSharp.ApiServer.Admission;

/// <summary>Lets everything through (plugin/pkg/admission/admit/admission.go, v1.36; deprecated).</summary>
internal sealed class AlwaysAdmit : IAdmissionPlugin
{
    public string Name => "AlwaysAdmit";

    public AdmissionOperation Operations => AdmissionOperation.None;
}
