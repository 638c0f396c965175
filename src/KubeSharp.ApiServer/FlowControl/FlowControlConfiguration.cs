using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.FlowControl;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.FlowControl;

/// <summary>Keeps the mandatory and the suggested objects of flow control there, and as this version has them where nobody
/// took them over (pkg/registry/flowcontrol/{rest/storage_flowcontrol.go,ensurer}, v1.36).</summary>
internal sealed class FlowControlConfiguration(IApiClient client)
{
    /// <summary>The name in managed fields (flowcontrol.apiserver.k8s.io, pkg/registry/flowcontrol/rest).</summary>
    public const string FieldManager = "api-priority-and-fairness-config-producer-v1";

    /// <summary>How often the objects are looked at again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const int Parallelism = 32;

    public static readonly GroupVersionResource PriorityLevels = new("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations");
    public static readonly GroupVersionResource FlowSchemas = new("flowcontrol.apiserver.k8s.io", "v1", "flowschemas");

    /// <summary>Creates what is missing and revises what is the server's own, several at a time so that the store commits them together.</summary>
    public Task EnsureAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        All(),
        new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
        async (item, token) => await EnsureAsync(item.Resource, item.Expected, item.Mandatory, token).ConfigureAwait(false));

    private static IEnumerable<(GroupVersionResource Resource, Map Expected, bool Mandatory)> All() =>
    [
        .. BootstrapFlowControl.MandatoryPriorityLevels.Select(level => (PriorityLevels, level, true)),
        .. BootstrapFlowControl.SuggestedPriorityLevels.Select(level => (PriorityLevels, level, false)),
        .. BootstrapFlowControl.MandatoryFlowSchemas.Select(schema => (FlowSchemas, schema, true)),
        .. BootstrapFlowControl.SuggestedFlowSchemas.Select(schema => (FlowSchemas, schema, false)),
    ];

    private async Task EnsureAsync(GroupVersionResource resource, Map expected, bool mandatory, CancellationToken cancellationToken)
    {
        var request = new ResourceRequest(resource, "", expected.Name());
        try
        {
            var existing = await client.GetAsync(request, cancellationToken).ConfigureAwait(false);
            if (Revise(existing, expected, mandatory) is { } revised)
                await client.UpdateAsync(request, revised, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.IsNotFound)
        {
            await client.CreateAsync(request, expected.DeepClone(), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The object as it is to be; null when it is that already. A suggested one whose annotation says "false" is
    /// somebody's own; without annotation it is as long as nobody has changed its spec (its generation is 1).</summary>
    internal static Map? Revise(Map existing, Map expected, bool mandatory)
    {
        var annotations = existing.Sub("metadata").Sub("annotations");
        var autoUpdate = mandatory || (annotations.Has(BootstrapFlowControl.AutoUpdate)
            ? annotations.Text(BootstrapFlowControl.AutoUpdate) == "true"
            : existing.Sub("metadata").Number("generation") == 1);
        var wanted = autoUpdate ? "true" : "false";
        var specChanged = autoUpdate && !IsEqualish(existing.Sub("spec"), expected.Sub("spec"));
        if (!specChanged && annotations.Text(BootstrapFlowControl.AutoUpdate) == wanted)
            return null;
        var revised = existing.ShallowClone();
        revised.EditMap("metadata").EditMap("annotations").Set(BootstrapFlowControl.AutoUpdate, wanted);
        if (specChanged)
            revised.Set("spec", expected.Sub("spec").DeepClone());
        return revised;
    }

    /// <summary>The shares of the exempt level are the administrator's.</summary>
    private static bool IsEqualish(Map spec, Map expected)
    {
        if (expected.Has("exempt"))
        {
            (spec, expected) = (spec.ShallowClone(), expected.ShallowClone());
            spec.Remove("exempt");
            expected.Remove("exempt");
        }

        return ((Value)spec).SemanticallyEquals(expected);
    }
}
