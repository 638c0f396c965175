using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>Evicts a pod: a deletion that disruption budgets may refuse
/// (pkg/registry/core/pod/storage/eviction.go, v1.36).</summary>
public sealed class EvictionHandler(WriteFlow flow) : IVerbHandler
{
    private static readonly GroupVersionKind Kind = new("policy", "v1", "Eviction");

    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: false);
        var options = WriteOptions.From(request.Http.Request, "CreateOptions");
        var body = await RequestBody.ReadAsync(request.Http.Request, request.Aborted).ConfigureAwait(false);
        var eviction = RequestBody.Decode(body.Span, Negotiator.Input(request.Http.Request), Kind, BuiltInSchema.Find(Kind)!, strict: false).Root;
        var given = eviction.GetMap("metadata")?.GetString("name");
        if (!string.IsNullOrEmpty(given) && given != request.Info.Name)
            throw StatusErrors.BadRequest("name in URL does not match name in Eviction object");
        var attributes = new AdmissionAttributes(AdmissionOperation.Create, request.Resource, "eviction", request.Info.Namespace, request.Info.Name, eviction, null, request.Operation(options.DryRun));
        await flow.Admission.AdmitAsync(attributes, request.Aborted).ConfigureAwait(false);
        var store = request.Served.Store;
        var pod = await store.GetAsync(request.Info.Namespace, request.Info.Name, request.Aborted).ConfigureAwait(false);
        var deletion = eviction.GetMap("deleteOptions")?.ShallowClone() ?? new Map();
        var dryRun = options.DryRun || deletion.GetSequence("dryRun") is { Count: > 0 };
        if (!CanIgnoreBudgets(pod.Tree()) && FindBudget(request, pod) is { } budget)
            await TakeFromBudgetAsync(request, budget, pod, dryRun).ConfigureAwait(false);
        var operation = request.Operation(dryRun);
        operation.DeleteOptions = deletion;
        await store.DeleteAsync(operation, request.Info.Name, null, request.Aborted).ConfigureAwait(false);
        var status = new Status { StatusText = "Success", Code = 201 };
        await ResponseWriter.WriteTreeAsync(request.Http, format, status.ToMap(), BuiltInSchema.Find(new GroupVersionKind("", "v1", "Status")), 201).ConfigureAwait(false);
    }

    private static bool CanIgnoreBudgets(Map pod) =>
        pod.GetMap("status")?.GetString("phase") is "Succeeded" or "Failed" or "Pending" || pod.GetMap("metadata")?.GetString("deletionTimestamp") is not null;

    private static CachedObject? FindBudget(ApiRequest request, CachedObject pod)
    {
        var budgets = request.All.Find(new GroupVersionResource("policy", "v1", "poddisruptionbudgets"))!.Store;
        CachedObject? found = null;
        foreach (var budget in budgets.Cache.Snapshot.Range($"{budgets.Cache.KeyPrefix}{pod.Namespace}/", ""))
        {
            if (!LabelSelector.TryFromMeta(budget.Tree().GetMap("spec")?.GetMap("selector"), out var selector, out _) || !selector.Matches(pod.Labels))
                continue;
            if (found is not null)
                throw StatusErrors.InternalError("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
            found = budget;
        }

        return found;
    }

    private static async Task TakeFromBudgetAsync(ApiRequest request, CachedObject budget, CachedObject pod, bool dryRun)
    {
        var budgets = request.All.Find(new GroupVersionResource("policy", "v1", "poddisruptionbudgets"))!;
        var operation = new OperationContext { Info = request.Info with { Name = budget.Name }, User = request.User, Served = budgets, DryRun = dryRun };
        var update = new UpdateRequest
        {
            Target = UpdateTarget.Status,
            Transform = old =>
            {
                var status = old!.GetMap("status") ?? Map.Empty;
                var metadata = old.GetMap("metadata")!;
                if ((status.GetInteger("observedGeneration") ?? 0) < (metadata.GetInteger("generation") ?? 0))
                    throw Refused(budget.Name, "Cannot evict pod as it would violate the pod's disruption budget.", $"The disruption budget {budget.Name} is still being processed by the server.", 10);
                if ((status.GetInteger("disruptionsAllowed") ?? 0) <= 0)
                    throw Refused(budget.Name, "Cannot evict pod as it would violate the pod's disruption budget.", $"The disruption budget {budget.Name} needs {status.GetInteger("desiredHealthy") ?? 0} healthy pods and has {status.GetInteger("currentHealthy") ?? 0} currently", 0);
                var next = old.ShallowClone();
                var nextStatus = next.EditMap("status");
                nextStatus.Set("disruptionsAllowed", status.GetInteger("disruptionsAllowed")!.Value - 1);
                nextStatus.EditMap("disruptedPods").Set(pod.Name, DateTimeOffset.UtcNow.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
                return ValueTask.FromResult(next);
            },
        };
        await budgets.Store.UpdateAsync(operation, budget.Name, update, request.Aborted).ConfigureAwait(false);
    }

    private static StatusException Refused(string budget, string message, string cause, int retryAfter)
    {
        _ = budget;
        return new StatusException(new Status
        {
            Code = 429,
            Reason = StatusReason.TooManyRequests,
            Message = message,
            Details = new StatusDetails { Causes = [new StatusCause("DisruptionBudget", cause)], RetryAfterSeconds = retryAfter },
        });
    }
}
