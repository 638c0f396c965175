using System.Globalization;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Cache;
using KubeSharp.Storage;

namespace KubeSharp.ApiServer.Registry;

/// <summary>Which part of an object a write is about.</summary>
public enum UpdateTarget
{
    Main,
    Status,

    /// <summary>Another subresource of the object's own kind, which the context names.</summary>
    Subresource,
}

/// <summary>An update to be carried out: how the new object is made of the current one, which may happen several times.</summary>
public sealed record UpdateRequest
{
    /// <summary>Makes the new tree (mutable) of the current one (frozen; null when creating).</summary>
    public required Func<Map?, ValueTask<Map>> Transform { get; init; }

    public UpdateTarget Target { get; init; }

    /// <summary>Replaces the strategy's own preparation and validation (subresources other than status).</summary>
    public Action<Map, Map, FieldErrorList>? PrepareAndValidate { get; init; }

    /// <summary>Whether a missing object is created (server-side apply).</summary>
    public bool ForceAllowCreate { get; init; }

    /// <summary>The uid that the object must have, from the body.</summary>
    public string? Uid { get; init; }

    /// <summary>Mutating admission, on the new object and the old one (null when creating).</summary>
    public Func<Map, Map?, ValueTask>? Mutate { get; init; }

    /// <summary>Validating admission, on the object as it will be stored and the old one (null when creating).</summary>
    public Func<Map, Map?, ValueTask>? Admit { get; init; }
}

public sealed partial class ResourceStore
{
    /// <summary>Updates an object, or creates it where that is allowed. A write that changes nothing is not stored, unless the
    /// object should be sealed anew.</summary>
    /// <returns>The object and whether it was created.</returns>
    /// <exception cref="StatusException">404, 409, 422, and what the transformation, strategy and admission throw.</exception>
    public async ValueTask<(CachedObject Object, bool Created)> UpdateAsync(OperationContext context, string name, UpdateRequest request, CancellationToken cancellationToken)
    {
        var key = KeyOf(context.Namespace, name);
        var current = Cache.Snapshot.Find(key);
        var isFresh = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (current is null)
                {
                    // The cache may be behind: only the store can say that there is nothing.
                    if (!isFresh)
                        current = await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false);
                    isFresh = true;
                }

                if (current is null)
                {
                    if (!Strategy.AllowCreateOnUpdate && !request.ForceAllowCreate)
                        throw StatusErrors.NotFound(Qualified(context), name);
                    return (await CreateByUpdateAsync(context, request, cancellationToken).ConfigureAwait(false), true);
                }

                if (await UpdateOnceAsync(context, name, request, current, cancellationToken).ConfigureAwait(false) is { } updated)
                    return (updated, false);
            }
            catch (StatusException) when (!isFresh)
            {
                // What was refused may have been refused because of an old state. If the state is the newest, it stands.
                var newest = await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false);
                if (newest?.Revision == current?.Revision)
                    throw;
                current = newest;
                isFresh = true;
                continue;
            }

            if (attempt >= MaxAttempts)
                throw Conflict(context, name);
            current = await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false);
            isFresh = true;
        }
    }

    /// <summary>Goes the rest of the way of an update that is known to leave an object as it is: admission may think otherwise by
    /// now, and so may the store.</summary>
    /// <param name="current">The object that would stay.</param>
    /// <param name="mutate">Mutating admission, as in <see cref="UpdateRequest"/>.</param>
    /// <param name="admit">Validating admission.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the object stays; if not, the update must be carried out in full.</returns>
    /// <exception cref="StatusException">What admission throws.</exception>
    internal async ValueTask<bool> ConfirmUnchangedAsync(
        CachedObject current, Func<Map, Map?, ValueTask> mutate, Func<Map, Map?, ValueTask> admit, CancellationToken cancellationToken)
    {
        // The state first: admission of an old one could refuse what the new one allows.
        if (await CompareWithStoreAsync(current, cancellationToken).ConfigureAwait(false) != StoredState.Current)
            return false;
        var old = current.Tree();
        var next = old.ShallowClone();
        await mutate(next, old).ConfigureAwait(false);
        if (!next.DeepEquals(old))
            return false;
        await admit(next, old).ConfigureAwait(false);
        return true;
    }

    /// <summary>As the storage layer words it (apiserver/pkg/storage/errors.go NewInvalidObjError). A dry run names the key
    /// without the prefix that all keys share.</summary>
    internal static string UidPreconditionFailed(string key, bool dryRun, string uid, string? current) =>
        $"StorageError: invalid object, Code: 4, Key: {(dryRun ? key[key.IndexOf('/', 1)..] : key)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {current}";

    private async ValueTask<CachedObject> CreateByUpdateAsync(OperationContext context, UpdateRequest request, CancellationToken cancellationToken)
    {
        var obj = await request.Transform(null).ConfigureAwait(false);
        if (request.Mutate is { } mutate)
            await mutate(obj, null).ConfigureAwait(false);
        obj.EditMap("metadata").Remove("resourceVersion");
        return await CreateAsync(context, obj, request.Admit is { } admit ? candidate => admit(candidate, null) : null, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>The stored object; null when another writer was faster.</returns>
    private async ValueTask<CachedObject?> UpdateOnceAsync(OperationContext context, string name, UpdateRequest request, CachedObject current, CancellationToken cancellationToken)
    {
        var old = current.Tree();
        if (request.Uid is { Length: > 0 } uid && uid != old.GetMap("metadata")?.GetString("uid"))
        {
            throw StatusErrors.Conflict(Qualified(context), name, UidPreconditionFailed(current.Key, context.DryRun, uid, old.GetMap("metadata")?.GetString("uid")));
        }

        var obj = await request.Transform(old).ConfigureAwait(false);
        if (request.Mutate is { } mutate)
            await mutate(obj, old).ConfigureAwait(false);
        CheckResourceVersion(context, name, obj, current);
        // The old object is in normal form: only like can be compared with like, empty lists and maps excepted.
        context.HasEmpties = NormalForm.Apply(obj, Codec.Schema, Empties.Kept);
        IAllocation? allocation = null;
        try
        {
            if (request.Target == UpdateTarget.Main)
                allocation = await Strategy.BeginWriteAsync(context, obj, old, cancellationToken).ConfigureAwait(false);
            PrepareUpdate(context, request, obj, old);
            if (request.Admit is { } admit)
                await admit(obj, old).ConfigureAwait(false);
            if (ShouldDeleteDuringUpdate(obj))
                return await DeleteDuringUpdateAsync(context, current, obj, cancellationToken).ConfigureAwait(false);
            KeepTimestamps(obj, old);
            var written = CachedObject.ForWrite(Codec, current.Key, obj);
            if (written.Stored.Span.SequenceEqual(current.Stored.Span))
            {
                var stored = await CompareWithStoreAsync(current, cancellationToken).ConfigureAwait(false);
                if (stored != StoredState.Stale)
                    return stored == StoredState.Current ? current : null;
            }

            if (context.DryRun)
                return DryRunResult(written, current.Revision);
            var result = await WriteAsync(written, current.Revision, cancellationToken).ConfigureAwait(false);
            if (result is not null && allocation is not null)
            {
                await allocation.CommitAsync(cancellationToken).ConfigureAwait(false);
                allocation = null;
            }

            return result;
        }
        finally
        {
            if (allocation is not null)
                await allocation.RollbackAsync().ConfigureAwait(false);
        }
    }

    /// <summary>An update that changes nothing but the times of managed fields changes nothing
    /// (endpoints/handlers/fieldmanager/equality.go IgnoreManagedFieldsTimestampsTransformer).</summary>
    private void KeepTimestamps(Map obj, Map old)
    {
        if (obj.GetMap("metadata")?.GetSequence("managedFields") is not { } fields || old.GetMap("metadata")?.GetSequence("managedFields") is not { } oldFields || fields.Count != oldFields.Count)
            return;
        for (var i = 0; i < fields.Count; i++)
        {
            if (!EqualsWithoutTime(fields[i].AsMap!, oldFields[i].AsMap!))
                return;
        }

        NormalForm.Apply(obj, Codec.Schema);
        foreach (var (key, value) in obj)
        {
            if (key != "metadata" && value != old[key])
                return;
        }

        var metadata = obj.EditMap("metadata");
        foreach (var (key, value) in metadata)
        {
            if (key is not ("managedFields" or "resourceVersion") && value != old.GetMap("metadata")![key])
                return;
        }

        metadata.Set("managedFields", oldFields);
    }

    private static bool EqualsWithoutTime(Map entry, Map other)
    {
        foreach (var (key, value) in entry)
        {
            if (key != "time" && value != other[key])
                return false;
        }

        return entry.ContainsKey("time") == other.ContainsKey("time") && entry.Count == other.Count;
    }

    /// <summary>Whether a state of the cache is still the store's: what is answered without a write must be.</summary>
    private async ValueTask<bool> IsNewestAsync(CachedObject cached, CancellationToken cancellationToken)
    {
        var result = await _store.RangeAsync(new RangeRequest(cached.Key, cached.Key + "\0", Limit: 1, KeysOnly: true), cancellationToken).ConfigureAwait(false);
        return result.Items is [var newest] && newest.ModRevision == cached.Revision;
    }

    private enum StoredState
    {
        /// <summary>Another writer was faster.</summary>
        Changed,

        /// <summary>Nothing need be written.</summary>
        Current,

        /// <summary>The same object, sealed in a way that is no longer the one to write with: it is written anew.</summary>
        Stale,
    }

    /// <summary>What the store has of an object that an update would not change (storage/etcd3/store.go GuaranteedUpdate).</summary>
    private async ValueTask<StoredState> CompareWithStoreAsync(CachedObject cached, CancellationToken cancellationToken)
    {
        var result = await _store.GetAsync(cached.Key, 0, cancellationToken).ConfigureAwait(false);
        if (result.KeyValue is not { } item || item.ModRevision != cached.Revision)
            return StoredState.Changed;
        return await Codec.IsStaleAsync(item, cached, cancellationToken).ConfigureAwait(false) ? StoredState.Stale : StoredState.Current;
    }

    private void CheckResourceVersion(OperationContext context, string name, Map obj, CachedObject current)
    {
        var text = obj.GetMap("metadata")?.GetString("resourceVersion");
        if (string.IsNullOrEmpty(text) || text == "0")
        {
            if (!Strategy.AllowUnconditionalUpdate)
            {
                var errors = new FieldErrorList();
                errors.Add(FieldError.Invalid(new FieldPath("metadata").Child("resourceVersion"), 0, "must be specified for an update"));
                throw StatusErrors.Invalid(new(GroupResource.Group, GroupResource.Resource), name, errors);
            }

            return;
        }

        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            throw StatusErrors.Unknown($"strconv.ParseUint: parsing {GoText.Quote(text)}: {(text.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}");
        if (revision != (ulong)current.Revision)
            throw Conflict(context, name);
    }

    /// <summary>rest.BeforeUpdate: what callers may not change is put back, then all is validated.</summary>
    private void PrepareUpdate(OperationContext context, UpdateRequest request, Map obj, Map old)
    {
        var metadata = obj.EditMap("metadata");
        var oldMetadata = old.GetMap("metadata") ?? Map.Empty;
        metadata.Set("generation", oldMetadata["generation"]);
        // The link goes when the object is made ready for the store, where a dry run does not come to.
        if (!context.DryRun)
            metadata.Remove("selfLink");
        var errors = new FieldErrorList();
        if (request.PrepareAndValidate is null)
        {
            if (request.Target == UpdateTarget.Status)
                Strategy.PrepareForStatusUpdate(context, obj, old);
            else if (request.Target == UpdateTarget.Subresource)
                Strategy.PrepareForSubresourceUpdate(context, obj, old);
            else
                Strategy.PrepareForUpdate(context, obj, old);
            metadata = obj.EditMap("metadata");
        }

        if (string.IsNullOrEmpty(metadata.GetString("uid")))
            metadata.Set("uid", oldMetadata["uid"]);
        if (!oldMetadata["creationTimestamp"].IsNullOrUndefined)
            metadata.Set("creationTimestamp", oldMetadata["creationTimestamp"]);
        if (!oldMetadata["deletionTimestamp"].IsNullOrUndefined)
            metadata.Set("deletionTimestamp", oldMetadata["deletionTimestamp"]);
        if (!oldMetadata["deletionGracePeriodSeconds"].IsNullOrUndefined && metadata["deletionGracePeriodSeconds"].IsNullOrUndefined)
            metadata.Set("deletionGracePeriodSeconds", oldMetadata["deletionGracePeriodSeconds"]);
        metadata.Set("resourceVersion", oldMetadata["resourceVersion"]);

        ValidateObjectMeta(obj, errors);
        ObjectMetaValidation.ValidateUpdate(errors, metadata, oldMetadata, new FieldPath("metadata"));
        if (request.PrepareAndValidate is { } custom)
            custom(obj, old, errors);
        else if (request.Target == UpdateTarget.Status)
            Strategy.ValidateStatusUpdate(context, obj, old, errors);
        else if (request.Target == UpdateTarget.Subresource)
            Strategy.ValidateSubresourceUpdate(context, obj, old, errors);
        else
            Strategy.ValidateUpdate(context, obj, old, errors);
        if (errors.Count > 0)
            throw StatusErrors.Invalid(Resource.GroupKind, Name(old), errors);
        if (request.Target == UpdateTarget.Main && request.PrepareAndValidate is null)
            Strategy.Warn(context, obj, old);
        else if (request.Target == UpdateTarget.Status && request.PrepareAndValidate is null)
            Strategy.WarnOfStatus(context, obj);
        Strategy.Canonicalize(obj);
    }

    /// <summary>An object under deletion whose last finalizer has just gone, and whose grace has passed, goes now.</summary>
    private bool ShouldDeleteDuringUpdate(Map obj)
    {
        var metadata = obj.GetMap("metadata")!;
        return !metadata["deletionTimestamp"].IsNullOrUndefined
            && (metadata.GetSequence("finalizers")?.Count ?? 0) == 0
            && (metadata.GetInteger("deletionGracePeriodSeconds") ?? 0) == 0
            && Strategy.ShouldDeleteDuringUpdate(obj);
    }

    private async ValueTask<CachedObject?> DeleteDuringUpdateAsync(OperationContext context, CachedObject current, Map obj, CancellationToken cancellationToken)
    {
        var last = CachedObject.ForWrite(Codec, current.Key, obj);
        if (context.DryRun)
            return DryRunResult(last, current.Revision);
        var result = await _store.DeleteAsync(current.Key, current.Revision, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded && result.Current is not null)
            return null;
        await Strategy.AfterDeleteAsync(context, obj, cancellationToken).ConfigureAwait(false);
        last.Complete(result.Succeeded ? result.Revision : current.Revision);
        return last;
    }
}
