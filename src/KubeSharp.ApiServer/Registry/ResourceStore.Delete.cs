using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Cache;

namespace KubeSharp.ApiServer.Registry;

/// <summary>How a deletion ended: the object's last or current state, and whether it is gone.</summary>
public readonly record struct DeleteResult(CachedObject Object, bool Deleted, bool Graceful);

public sealed partial class ResourceStore
{
    private const string OrphanFinalizer = "orphan";
    private const string ForegroundFinalizer = "foregroundDeletion";

    /// <summary>
    /// Deletes an object: at once, or by marking it (grace period, finalizers). <see cref="OperationContext.DeleteOptions"/>
    /// gives preconditions, grace and propagation.
    /// </summary>
    /// <exception cref="StatusException">404, 409 (preconditions), 422 (options).</exception>
    public async ValueTask<DeleteResult> DeleteAsync(OperationContext context, string name, Func<Map, ValueTask>? admit, CancellationToken cancellationToken)
    {
        var options = context.DeleteOptions ?? Map.Empty;
        var key = KeyOf(context.Namespace, name);
        var current = Cache.Snapshot.Find(key);
        for (var attempt = 1; ; attempt++)
        {
            if (current is null || attempt > 1)
                current = await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false);
            if (current is null)
                throw StatusErrors.NotFound(Qualified(context), name);
            try
            {
                if (await DeleteOnceAsync(context, name, current, options, admit, cancellationToken).ConfigureAwait(false) is { } result)
                    return result;
            }
            catch (StatusException exception) when (attempt == 1 && exception.Status.Code == 409)
            {
                // A precondition may have failed against an old state of the cache.
                var newest = await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false);
                if (newest?.Revision == current.Revision)
                    throw;
            }

            if (attempt >= MaxAttempts)
                throw Conflict(context, name);
        }
    }

    private async ValueTask<DeleteResult?> DeleteOnceAsync(OperationContext context, string name, CachedObject current, Map options, Func<Map, ValueTask>? admit, CancellationToken cancellationToken)
    {
        var old = current.Tree();
        var plan = PlanDeletion(context, old, options);
        if (plan.AlreadyPending)
            return await IsNewestAsync(current, cancellationToken).ConfigureAwait(false) ? new DeleteResult(current, false, true) : null;
        if (admit is not null)
            await admit(old).ConfigureAwait(false);
        if (plan.Marked is { } marked)
        {
            var written = CachedObject.ForWrite(Codec, current.Key, marked);
            if (written.Stored.Span.SequenceEqual(current.Stored.Span))
            {
                var compared = await CompareWithStoreAsync(current, cancellationToken).ConfigureAwait(false);
                if (compared != StoredState.Stale)
                    return compared == StoredState.Current ? new DeleteResult(current, false, plan.Graceful) : null;
            }

            if (context.DryRun)
                return new DeleteResult(DryRunResult(written, current.Revision), false, plan.Graceful);
            var stored = await WriteAsync(written, current.Revision, cancellationToken).ConfigureAwait(false);
            if (stored is null)
                return null;
            if (plan.Remains)
                return new DeleteResult(stored, false, plan.Graceful);
            current = stored;
        }

        if (context.DryRun)
            return new DeleteResult(current, true, plan.Graceful);
        var result = await _store.DeleteAsync(current.Key, current.Revision, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded)
            return null;
        await Strategy.AfterDeleteAsync(context, old, cancellationToken).ConfigureAwait(false);
        return new DeleteResult(current.AtRevision(result.Revision), true, plan.Graceful);
    }

    /// <summary>
    /// What a deletion does to an object. <see cref="Marked"/>: the object to store first, null to delete at once;
    /// <see cref="Remains"/>: it stays until its grace or its finalizers end.
    /// </summary>
    private readonly record struct DeletionPlan(bool AlreadyPending, bool Graceful, Map? Marked, bool Remains);

    private DeletionPlan PlanDeletion(OperationContext context, Map old, Map options)
    {
        var metadata = old.GetMap("metadata")!;
        CheckPreconditions(old, metadata, options.GetMap("preconditions"));
        if (Strategy.MarkTerminating(old, options, _time.GetUtcNow()) is { } terminating)
            return new DeletionPlan(ReferenceEquals(terminating, old), false, terminating, true);
        var requested = options.GetInteger("gracePeriodSeconds");
        if (requested < 0)
            requested = 1;

        var (graceful, pending, timestamp, seconds) = PlanGrace(context, old, metadata, requested);
        if (pending)
            return new DeletionPlan(true, true, null, true);

        var finalizers = FinalizersAfter(metadata, options, out var finalizersChanged);
        if (!graceful && finalizers.Count == 0)
            return new DeletionPlan(false, false, null, false);

        var marked = old.ShallowClone();
        var newMetadata = marked.EditMap("metadata");
        if (finalizersChanged)
            newMetadata.Set("finalizers", finalizers.Count == 0 ? default : ToSequence(finalizers));
        if (graceful)
        {
            if (metadata["deletionTimestamp"].IsNullOrUndefined && newMetadata.GetInteger("generation") is > 0 and var generation)
                newMetadata.Set("generation", generation + 1);
            newMetadata.Set("deletionTimestamp", timestamp);
            newMetadata.Set("deletionGracePeriodSeconds", seconds);
        }
        else
        {
            MarkAsDeleting(metadata, newMetadata);
        }

        return new DeletionPlan(false, graceful, marked, finalizers.Count > 0 || (graceful && seconds > 0));
    }

    /// <summary>rest.BeforeDelete without its side effects.</summary>
    private (bool Graceful, bool Pending, string? Timestamp, long Seconds) PlanGrace(OperationContext context, Map old, Map metadata, long? requested)
    {
        var now = _time.GetUtcNow();
        if (metadata.GetString("deletionTimestamp") is not { } deletionText)
        {
            return Strategy.GracePeriodSeconds(context, old, requested) is { } seconds
                ? (true, false, Format(now.AddSeconds(seconds)), seconds)
                : (false, false, null, 0);
        }

        var current = metadata.GetInteger("deletionGracePeriodSeconds") ?? 0;
        if (current == 0 || !SupportsGrace)
            return (false, false, null, 0);
        if (requested is not { } period || period >= current)
            return (false, true, null, 0);
        // A shorter grace moves the deadline forward, never into the past.
        var deadline = DateTimeOffset.Parse(deletionText, CultureInfo.InvariantCulture).AddSeconds(period - current);
        if (deadline < now)
        {
            deadline = now;
            if (period != 0)
                period = 1;
        }

        return (true, false, Format(deadline), period);
    }

    private bool SupportsGrace => Strategy is IGracefulDeletion;

    private void CheckPreconditions(Map old, Map metadata, Map? preconditions)
    {
        if (preconditions is null)
            return;
        var gr = new ApiMachinery.Schemas.GroupResource(Resource.Group, Resource.Kind);
        if (preconditions.GetString("uid") is { } uid && uid != metadata.GetString("uid"))
        {
            throw StatusErrors.Conflict(gr, Name(old),
                $"the UID in the precondition ({uid}) does not match the UID in record ({metadata.GetString("uid")}). The object might have been deleted and then recreated");
        }

        if (preconditions.GetString("resourceVersion") is { } version && version != metadata.GetString("resourceVersion"))
        {
            throw StatusErrors.Conflict(gr, Name(old),
                $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({metadata.GetString("resourceVersion")}). The object might have been modified");
        }
    }

    /// <summary>The finalizers that remain after the propagation policy was applied (store.go deletionFinalizersForGarbageCollection).</summary>
    private List<string> FinalizersAfter(Map metadata, Map options, out bool changed)
    {
        var before = new List<string>();
        foreach (var finalizer in metadata.GetSequence("finalizers") ?? Sequence.Empty)
            before.Add(finalizer.AsString ?? "");
        var after = before.Where(f => f is not (OrphanFinalizer or ForegroundFinalizer)).ToList();
        if (ShouldOrphan(before, options))
            after.Add(OrphanFinalizer);
        if (ShouldDeleteInForeground(before, options))
            after.Add(ForegroundFinalizer);
        changed = !before.ToHashSet(StringComparer.Ordinal).SetEquals(after);
        return changed ? after : before;
    }

    private bool ShouldOrphan(List<string> finalizers, Map options)
    {
        if (Strategy.DefaultGarbageCollectionPolicy == GarbageCollectionPolicy.Unsupported)
            return false;
        if (options.GetBoolean("orphanDependents") is { } orphan)
            return orphan;
        switch (options.GetString("propagationPolicy"))
        {
            case "Orphan":
                return true;
            case "Background" or "Foreground":
                return false;
        }

        foreach (var finalizer in finalizers)
        {
            if (finalizer == OrphanFinalizer)
                return true;
            if (finalizer == ForegroundFinalizer)
                return false;
        }

        return Strategy.DefaultGarbageCollectionPolicy == GarbageCollectionPolicy.OrphanDependents;
    }

    private bool ShouldDeleteInForeground(List<string> finalizers, Map options)
    {
        if (Strategy.DefaultGarbageCollectionPolicy == GarbageCollectionPolicy.Unsupported || options.GetBoolean("orphanDependents") is not null)
            return false;
        switch (options.GetString("propagationPolicy"))
        {
            case "Foreground":
                return true;
            case "Background" or "Orphan":
                return false;
        }

        foreach (var finalizer in finalizers)
        {
            if (finalizer == ForegroundFinalizer)
                return true;
            if (finalizer == OrphanFinalizer)
                return false;
        }

        return false;
    }

    private void MarkAsDeleting(Map old, Map metadata)
    {
        var now = _time.GetUtcNow();
        if (metadata.GetInteger("generation") is > 0 and var generation && old["deletionTimestamp"].IsNullOrUndefined)
            metadata.Set("generation", generation + 1);
        if (old.GetString("deletionTimestamp") is not { } existing || DateTimeOffset.Parse(existing, CultureInfo.InvariantCulture) > now)
            metadata.Set("deletionTimestamp", Format(now));
        metadata.Set("deletionGracePeriodSeconds", 0);
    }

    private static Sequence ToSequence(List<string> items)
    {
        var sequence = new Sequence(items.Count);
        foreach (var item in items)
            sequence.Add(item);
        return sequence;
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>Marks strategies whose objects are deleted gracefully (pods, and what upstream gives a grace period).</summary>
public interface IGracefulDeletion;
