using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>
/// The ConfigMap that says since when the use of long-lived service account tokens is noted, so that what removes unused ones
/// knows how far back the notes go. Source: pkg/controlplane/controller/legacytokentracking/controller.go, v1.36; KEP-2799.
/// </summary>
internal sealed class LegacyTokenTrackingController(IApiClient client, TimeProvider time)
{
    public const string HookName = "start-legacy-token-tracking-controller";

    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(30);

    private const string Namespace = "kube-system";
    private const string Name = "kube-apiserver-legacy-service-account-token-tracking";
    private const string DateFormat = "yyyy-MM-dd";

    private static readonly GroupVersionResource ConfigMaps = new("", "v1", "configmaps");
    private static readonly ResourceRequest Own = new(ConfigMaps, Namespace, Name);

    /// <summary>Makes the object, or sets its date anew when it is none.</summary>
    /// <exception cref="StatusException">The object cannot be read or written.</exception>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        var today = time.GetUtcNow().ToString(DateFormat, CultureInfo.InvariantCulture);
        try
        {
            var found = await client.GetAsync(Own, cancellationToken).ConfigureAwait(false);
            if (DateOnly.TryParseExact(found.Sub("data").Text("since"), DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                return;
            var next = found.DeepClone();
            next.EditMap("data").Set("since", today);
            await client.UpdateAsync(Own, next, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            var created = new Map { { "metadata", new Map { { "name", Name }, { "namespace", Namespace } } }, { "data", new Map { { "since", today } } } };
            await client.CreateAsync(new ResourceRequest(ConfigMaps, Namespace), created, cancellationToken).ConfigureAwait(false);
        }
    }
}
