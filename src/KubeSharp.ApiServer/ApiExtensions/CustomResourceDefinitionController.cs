using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Registry.CustomResources;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ComponentBase.Cache;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Controllers;

namespace KubeSharp.ApiServer.ApiExtensions;

/// <summary>
/// Takes a definition through its life: names accepted, established and served, terminated with its objects. One controller
/// where upstream has several, because each step follows from the one before
/// (apiextensions-apiserver/pkg/controller/{status/naming_controller.go,establish,finalizer}, v1.36).
/// </summary>
internal sealed class CustomResourceDefinitionController : Controller
{
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public static readonly GroupVersionResource Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private const int PageSize = 500;

    /// <summary>How long to wait before looking again whether finalizers have let the objects go.</summary>
    private static readonly TimeSpan RemainingObjectsDelay = TimeSpan.FromSeconds(1);

    private readonly CustomResourceHandler _handler;
    private readonly Lister _definitions;
    private readonly Dictionary<string, Map> _served = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public CustomResourceDefinitionController(ControllerContext context, CustomResourceHandler handler)
        : base("customresourcedefinition", context)
    {
        _handler = handler;
        var definitions = context.Informers.ForResource(Definitions);
        _definitions = definitions.Lister;
        definitions.AddHandler(new ResourceEventHandler
        {
            OnAdded = definition => Queue.Add(definition.Name()),
            OnUpdated = (_, definition) => Queue.Add(definition.Name()),
            OnDeleted = definition => Queue.Add(definition.Name()),
        });
    }

    protected override async Task SyncAsync(string key, CancellationToken cancellationToken)
    {
        if (_definitions.Get(key) is not { } definition)
        {
            await StopServingAsync(key, cancellationToken).ConfigureAwait(false);
            // Names are free that others may have waited for.
            foreach (var other in _definitions.List())
                Queue.Add(other.Name());
            return;
        }

        if (definition.Sub("metadata").Has("deletionTimestamp"))
        {
            await TerminateAsync(definition, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (await AcceptNamesAsync(definition, cancellationToken).ConfigureAwait(false))
            return;
        if (SchemaConditions.Apply(definition, Now()) is { } remarked)
        {
            await UpdateStatusAsync(remarked, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!CustomResourceDefinition.HasCondition(definition, "Established"))
        {
            if (CustomResourceDefinition.HasCondition(definition, "NamesAccepted"))
                await EstablishAsync(definition, cancellationToken).ConfigureAwait(false);
            return;
        }

        await ServeAsync(definition, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Serves an established definition, if it is not served already as it is.</summary>
    public async Task ServeAsync(Map definition, CancellationToken cancellationToken)
    {
        bool sameSpec;
        lock (_gate)
        {
            sameSpec = _served.TryGetValue(definition.Name(), out var before) && before["spec"] == definition["spec"];
            if (_served.TryGetValue(definition.Name(), out var known) && known["spec"] == definition["spec"]
                && known.Sub("status")["acceptedNames"] == definition.Sub("status")["acceptedNames"] && known.Sub("metadata").Has("deletionTimestamp") == definition.Sub("metadata").Has("deletionTimestamp"))
                return;
        }

        await _handler.ServeAsync(new CustomResourceDefinition(definition), sameSpec, cancellationToken).ConfigureAwait(false);
        lock (_gate)
            _served[definition.Name()] = definition;
    }

    private async Task StopServingAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate)
            _served.Remove(name);
        await _handler.RemoveAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Whether the status was written, and the definition will come again.</returns>
    private async Task<bool> AcceptNamesAsync(Map definition, CancellationToken cancellationToken)
    {
        var (asked, accepted) = (definition.Sub("spec").Sub("names"), definition.Sub("status").Sub("acceptedNames"));
        if (((Value)asked).SemanticallyEquals(accepted))
            return false;
        var (names, condition) = CustomResourceNames.Accept(definition, _definitions.List());
        var changed = definition.ShallowClone();
        var status = changed.EditMap("status");
        status.Set("acceptedNames", names);
        SetCondition(changed, "NamesAccepted", condition.Status, condition.Reason, condition.Message);
        if (!CustomResourceDefinition.HasCondition(definition, "Established"))
        {
            if (condition.Status == "True")
                SetCondition(changed, "Established", "False", "Installing", "the initial names have been accepted");
            else if (DefinitionConditions.Find(definition, "Established") is null)
                SetCondition(changed, "Established", "False", "NotAccepted", "not all names are accepted");
        }

        if (((Value)changed).SemanticallyEquals(definition))
            return false;
        await UpdateStatusAsync(changed, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Task EstablishAsync(Map definition, CancellationToken cancellationToken)
    {
        var changed = definition.ShallowClone();
        SetCondition(changed, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted");
        return UpdateStatusAsync(changed, cancellationToken);
    }

    /// <summary>Deletes the objects, then lets the definition go.</summary>
    private async Task TerminateAsync(Map definition, CancellationToken cancellationToken)
    {
        if (!definition.Sub("metadata").List("finalizers").ContainsText(CleanupFinalizer))
            return;
        var changed = definition.ShallowClone();
        if (DefinitionConditions.Find(definition, "Terminating").Text("reason") != "InstanceDeletionInProgress")
        {
            // The clean-up may take a while; the definition comes again.
            SetCondition(changed, "Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress");
            await UpdateStatusAsync(changed, cancellationToken).ConfigureAwait(false);
            return;
        }

        var read = new CustomResourceDefinition(definition);
        if (read.IsEstablished)
        {
            await ServeAsync(definition, cancellationToken).ConfigureAwait(false);
            var version = read.Versions.FirstOrDefault(v => v.Served) ?? read.StorageVersion;
            if (await DeleteObjectsAsync(new GroupVersionResource(read.Group, version.Name, read.Plural), cancellationToken).ConfigureAwait(false))
            {
                Queue.AddAfter(read.Name, RemainingObjectsDelay);
                return;
            }

            SetCondition(changed, "Terminating", "False", "InstanceDeletionCompleted", "removed all instances");
        }
        else
        {
            SetCondition(changed, "Terminating", "False", "NeverEstablished", "resource was never established");
        }

        var finalizers = changed.EditMap("metadata").EditSequence("finalizers");
        for (var i = finalizers.Count - 1; i >= 0; i--)
        {
            if (finalizers.TextAt(i) == CleanupFinalizer)
                finalizers.RemoveAt(i);
        }

        await UpdateStatusAsync(changed, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Whether objects remain.</returns>
    private async Task<bool> DeleteObjectsAsync(GroupVersionResource resource, CancellationToken cancellationToken)
    {
        try
        {
            await Context.Client.DeleteCollectionAsync(new ResourceRequest(resource), new ListOptions(), null, cancellationToken).ConfigureAwait(false);
            var rest = await Context.Client.ListAsync(new ResourceRequest(resource), new ListOptions { Limit = PageSize }, cancellationToken).ConfigureAwait(false);
            return rest.Items.Count > 0;
        }
        catch (StatusException exception) when (exception.Status.Code == 404)
        {
            // No version is served: nothing can have been made.
            return false;
        }
    }

    private async Task UpdateStatusAsync(Map definition, CancellationToken cancellationToken)
    {
        try
        {
            await Context.Client.UpdateAsync(new ResourceRequest(Definitions, "", definition.Name()) { Subresource = "status" }, definition, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException exception) when (exception.Status.Reason is StatusReason.NotFound or StatusReason.Conflict)
        {
            // It changed or went meanwhile, and comes again.
        }
    }

    private string Now() => Context.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void SetCondition(Map definition, string type, string status, string reason, string message) =>
        DefinitionConditions.Set(definition, type, status, reason, message, Now());
}
