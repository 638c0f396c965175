namespace KubeSharp.ApiServer.Admission;

/// <summary>Runs the enabled plugins in upstream's order (pkg/kubeapiserver/options/plugins.go AllOrderedPlugins).</summary>
public sealed class AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
{
    public IReadOnlyList<IAdmissionPlugin> Plugins { get; } = plugins;

    public async ValueTask AdmitAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        foreach (var plugin in Plugins)
        {
            if ((plugin.Operations & attributes.Operation) != 0)
                await plugin.AdmitAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        foreach (var plugin in Plugins)
        {
            if ((plugin.Operations & attributes.Operation) != 0)
                await plugin.ValidateAsync(attributes, cancellationToken).ConfigureAwait(false);
        }
    }
}
