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
        var decoded = RequestBody.Decode(body.Span, Negotiator.Input(request.Http.Request), Kind, BuiltInSchema.Find(Kind)!, options.FieldValidation != FieldValidation.Ignore);
        var eviction = decoded.Of(Kind);
        var operation = request.Operation(options.DryRun);
        WriteFlow.TreatStrictErrors(operation, options.FieldValidation, decoded.Kind, decoded.StrictErrors);
        flow.CheckNamespace(request, eviction);
        if ((eviction.GetMap("metadata")?.GetString("name") ?? "") != request.Info.Name)
            throw StatusErrors.BadRequest("name in URL does not match name in Eviction object");
        var attributes = new AdmissionAttributes(AdmissionOperation.Create, request.Resource, "eviction", request.Info.Namespace, request.Info.Name, eviction, null, operation);
        await flow.Admission.AdmitAsync(attributes, request.Aborted).ConfigureAwait(false);
        var store = request.Served.Store;
        var pod = await store.GetAsync(request.Info.Namespace, request.Info.Name, request.Aborted).ConfigureAwait(false);
        var deletion = eviction.GetMap("deleteOptions")?.ShallowClone() ?? new Map();
        var dryRun = options.DryRun || deletion.GetSequence("dryRun") is { Count: > 0 };
        var isBound = false;
        if (CanIgnoreBudgets(pod.Tree()))
            isBound = !HasEnded(pod.Tree());
        else if (FindBudget(request, pod) is { } budget)
            isBound = !await TakeFromBudgetAsync(request, budget, pod, dryRun).ConfigureAwait(false);
        await DeleteAsync(request, pod, deletion, dryRun, isBound).ConfigureAwait(false);
        WarningHeaders.Add(request.Http.Response, operation.Warnings);
        var status = new Status { StatusText = "Success", Code = 201 };
        await ResponseWriter.WriteTreeAsync(request.Http, format, status.ToMap(), BuiltInSchema.Find(new GroupVersionKind("", "v1", "Status")), 201).ConfigureAwait(false);
    }

    private static bool HasEnded(Map pod) =>
        pod.GetMap("status")?.GetString("phase") is "Succeeded" or "Failed" || pod.GetMap("metadata")?.GetString("deletionTimestamp") is not null;

    private static bool CanIgnoreBudgets(Map pod) => HasEnded(pod) || pod.GetMap("status")?.GetString("phase") == "Pending";

    /// <summary>Says on the pod why it goes, then deletes it.</summary>
    /// <param name="request">The eviction.</param>
    /// <param name="pod">The pod as it was judged.</param>
    /// <param name="deletion">The caller's DeleteOptions.</param>
    /// <param name="dryRun">Whether nothing may be stored.</param>
    /// <param name="isBound">Whether the judgement holds for this state of the pod only.</param>
    private async Task DeleteAsync(ApiRequest request, CachedObject pod, Map deletion, bool dryRun, bool isBound)
    {
        var store = request.Served.Store;
        var version = deletion.GetMap("preconditions")?.GetString("resourceVersion");
        if (isBound && version is null)
            deletion.EditMap("preconditions").Set("resourceVersion", version = pod.Tree().GetMap("metadata")!.GetString("resourceVersion"));
        if (!dryRun)
        {
            var update = new UpdateRequest
            {
                Transform = old =>
                {
                    if (version is { Length: > 0 } && version != old!.GetMap("metadata")!.GetString("resourceVersion"))
                        throw Conflict(request, version, old);
                    var next = old!.ShallowClone();
                    PodConditions.Update(next.EditMap("status"), "DisruptionTarget", "True", "EvictionByEvictionAPI", "Eviction API: evicting", flow.Time.GetUtcNow());
                    return ValueTask.FromResult(next);
                },
                PrepareAndValidate = static (_, _, _) => { },
            };
            var (updated, _) = await store.UpdateAsync(request.Operation(), request.Info.Name, update, request.Aborted).ConfigureAwait(false);
            if (version is { Length: > 0 })
                deletion.EditMap("preconditions").Set("resourceVersion", updated.Tree().GetMap("metadata")!["resourceVersion"]);
        }

        var operation = request.Operation(dryRun);
        operation.DeleteOptions = deletion;
        await store.DeleteAsync(operation, request.Info.Name, null, request.Aborted).ConfigureAwait(false);
    }

    private static StatusException Conflict(ApiRequest request, string version, Map pod) => StatusErrors.Conflict(
        new GroupResource("", "Pod"), request.Info.Name,
        $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({pod.GetMap("metadata")!.GetString("resourceVersion")}). The object might have been modified");

    private static CachedObject? FindBudget(ApiRequest request, CachedObject pod)
    {
        var budgets = request.All.Find(new GroupVersionResource("policy", "v1", "poddisruptionbudgets"))!.Store;
        CachedObject? found = null;
        foreach (var budget in budgets.Cache.Snapshot.Range($"{budgets.Cache.KeyPrefix}{pod.Namespace}/", ""))
        {
            if (!LabelSelector.TryFromMeta(budget.Tree().GetMap("spec")?.GetMap("selector"), out var selector, out _) || !selector.Matches(pod.Labels))
                continue;
            if (found is not null)
                throw StatusErrors.Unknown("This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
            found = budget;
        }

        return found;
    }

    /// <returns>False when the pod is unhealthy and may go without counting.</returns>
    /// <exception cref="StatusException">429: the budget is used up.</exception>
    private async Task<bool> TakeFromBudgetAsync(ApiRequest request, CachedObject budget, CachedObject pod, bool dryRun)
    {
        var state = budget.Tree();
        if (!PodConditions.IsReady(pod.Tree()))
        {
            var desired = state.GetMap("status")?.GetInteger("desiredHealthy") ?? 0;
            if (state.GetMap("spec")?.GetString("unhealthyPodEvictionPolicy") == "AlwaysAllow"
                || (desired > 0 && (state.GetMap("status")?.GetInteger("currentHealthy") ?? 0) >= desired))
                return false;
        }

        var budgets = request.All.Find(new GroupVersionResource("policy", "v1", "poddisruptionbudgets"))!;
        var operation = new OperationContext { Info = request.Info with { Name = budget.Name }, User = request.User, Served = budgets, DryRun = dryRun, FieldManager = "kube-apiserver" };
        var update = new UpdateRequest
        {
            Target = UpdateTarget.Status,
            Transform = old =>
            {
                var next = Decrement(old!, pod.Name, flow.Time.GetUtcNow());
                flow.TrackManagedFields(operation, next, old, "status");
                return ValueTask.FromResult(next);
            },
        };
        await budgets.Store.UpdateAsync(operation, budget.Name, update, request.Aborted).ConfigureAwait(false);
        return true;
    }

    private static Map Decrement(Map budget, string pod, DateTimeOffset now)
    {
        var name = budget.GetMap("metadata")!.GetString("name")!;
        var status = budget.GetMap("status") ?? Map.Empty;
        if ((status.GetInteger("observedGeneration") ?? 0) < (budget.GetMap("metadata")!.GetInteger("generation") ?? 0))
            throw Refused($"The disruption budget {name} is still being processed by the server.", 10);
        var allowed = status.GetInteger("disruptionsAllowed") ?? 0;
        var forbidden = new GroupResource("policy", "poddisruptionbudget");
        if (allowed < 0)
            throw StatusErrors.Forbidden(forbidden, name, "pdb disruptions allowed is negative");
        if (status.GetMap("disruptedPods") is { Count: > 2000 })
            throw StatusErrors.Forbidden(forbidden, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        if (allowed == 0)
            throw Refused(WhyNot(name, status), 0);
        var next = budget.ShallowClone();
        var nextStatus = next.EditMap("status");
        nextStatus.Set("disruptionsAllowed", allowed - 1);
        if (allowed == 1)
            SetNoneAllowed(nextStatus, now);
        nextStatus.EditMap("disruptedPods").Set(pod, PodConditions.Format(now));
        return next;
    }

    private static string WhyNot(string name, Map status)
    {
        Map? condition = null;
        foreach (var item in status.GetSequence("conditions") ?? Sequence.Empty)
        {
            if (item.AsMap?.GetString("type") == "DisruptionAllowed")
                condition = item.AsMap;
        }

        var message = condition?.GetString("status") == "False" ? condition.GetString("message") ?? "" : "";
        var (current, desired) = (status.GetInteger("currentHealthy") ?? 0, status.GetInteger("desiredHealthy") ?? 0);
        if (message.Length > 0 && condition!.GetString("reason") == "SyncFailed")
            return $"The disruption budget {name} does not allow evicting pods currently because it failed sync: {message}";
        if (current <= desired)
            return $"The disruption budget {name} needs {desired} healthy pods and has {current} currently";
        return message.Length > 0
            ? $"The disruption budget {name} does not allow evicting pods currently ({condition!.GetString("reason")}): {message}"
            : $"The disruption budget {name} does not allow evicting pods currently";
    }

    private static void SetNoneAllowed(Map status, DateTimeOffset now)
    {
        var conditions = status.EditSequence("conditions");
        var condition = new Map(6)
        {
            { "type", "DisruptionAllowed" }, { "status", "False" }, { "observedGeneration", status.GetInteger("observedGeneration") ?? 0 },
            { "lastTransitionTime", PodConditions.Format(now) }, { "reason", "InsufficientPods" }, { "message", "" },
        };
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].AsMap is not { } existing || existing.GetString("type") != "DisruptionAllowed")
                continue;
            if (existing.GetString("status") == "False")
                condition.Set("lastTransitionTime", existing["lastTransitionTime"]);
            conditions[i] = condition;
            return;
        }

        conditions.Add(condition);
    }

    private static StatusException Refused(string cause, int retryAfter) => new(new Status
    {
        Code = 429,
        Reason = StatusReason.TooManyRequests,
        Message = "Cannot evict pod as it would violate the pod's disruption budget.",
        Details = new StatusDetails { Causes = [new StatusCause("DisruptionBudget", cause)], RetryAfterSeconds = retryAfter },
    });
}
