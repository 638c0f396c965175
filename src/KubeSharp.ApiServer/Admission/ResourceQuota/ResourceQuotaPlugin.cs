using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ComponentBase.Quota;
using Quota = KubeSharp.ApiMachinery.Views.Core.V1.ResourceQuota;

namespace KubeSharp.ApiServer.Admission.ResourceQuota;

/// <summary>
/// Keeps namespaces within their quotas: what a write uses is added to the status of each quota that counts it, by
/// compare-and-swap, before the write. The quota controller puts right what was charged and not written.
/// Source: apiserver/pkg/admission/plugin/resourcequota, v1.36. Differs: writes of a namespace take turns rather than being
/// judged in batches.
/// </summary>
internal sealed class ResourceQuotaPlugin(IReadOnlyList<LimitedResource> limited, QuotaAccess access, QuotaRegistry registry) : IAdmissionPlugin
{
    /// <summary>Rounds after the first one in which another writer may have changed a quota.</summary>
    private const int Retries = 3;
    private const int Turns = 64;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    /// <summary>One turn at a time for each namespace; namespaces may share one.</summary>
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Turns).Select(static _ => new SemaphoreSlim(1, 1))];

    public string Name => "ResourceQuota";

    public AdmissionOperation Operations => AdmissionOperation.Create | AdmissionOperation.Update;

    public async ValueTask ValidateAsync(AdmissionAttributes attributes, CancellationToken cancellationToken)
    {
        if (attributes.Namespace.Length == 0 || attributes.Object is not { } obj || (attributes.Resource.Group.Length == 0 && attributes.Resource.Resource == "namespaces"))
            return;
        // Most namespaces have no quota.
        if (limited.Count == 0 && access.List(attributes.Namespace).Count == 0)
            return;
        var write = new QuotaWrite(attributes.Operation == AdmissionOperation.Create, attributes.Subresource, obj, attributes.OldObject);
        if (registry.For(attributes.Resource.GroupResource) is not { } evaluator || !evaluator.Handles(write))
            return;
        var turn = _turns[(uint)string.GetHashCode(attributes.Namespace, StringComparison.Ordinal) % Turns];
        if (!await turn.WaitAsync(MaxWait, cancellationToken).ConfigureAwait(false))
            throw StatusErrors.InternalError("resource quota evaluation timed out");
        try
        {
            await ChargeAsync(attributes, new QuotaCheck(attributes, evaluator, limited), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask ChargeAsync(AdmissionAttributes attributes, QuotaCheck check, CancellationToken cancellationToken)
    {
        var quotas = access.List(attributes.Namespace);
        for (var attempt = 0; ; attempt++)
        {
            var charges = check.Judge(quotas);
            if (attributes.Context.DryRun || charges.Count == 0)
                return;
            var failed = new HashSet<string>(StringComparer.Ordinal);
            StatusException? last = null;
            foreach (var (index, used) in charges)
            {
                try
                {
                    await access.UpdateAsync(quotas[index], used, cancellationToken).ConfigureAwait(false);
                }
                catch (StatusException exception)
                {
                    failed.Add(quotas[index].Metadata.Name);
                    last = exception;
                }
            }

            if (last is null)
                return;
            if (attempt == Retries)
                throw last;
            // Those that were charged are done; a quota that has gone asks for nothing any more.
            await access.CatchUpAsync(cancellationToken).ConfigureAwait(false);
            quotas = [.. access.List(attributes.Namespace).Where(quota => failed.Contains(quota.Metadata.Name))];
        }
    }

    /// <summary>The evaluators, over the server's own caches.</summary>
    public static QuotaRegistry Registry(AdmissionDependencies needs) => new(needs.Time, new ResourceClaimSources(
        () => AdmissionDependencies.In(needs.Store("resource.k8s.io", "deviceclasses"), "").Select(static cached => cached.Tree()),
        (ns, name) => needs.Store("", "pods").Peek(ns, name)?.Tree(),
        ns => AdmissionDependencies.In(needs.Store("resource.k8s.io", "resourceclaims"), ns).Select(static cached => cached.Tree())));
}
