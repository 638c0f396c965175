using System.Globalization;
using System.Security.Cryptography;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Cache;

namespace KubeSharp.ApiServer.Registry;

public sealed partial class ResourceStore
{
    /// <summary>Upstream's alphabet without vowels and look-alikes, and the length of a generated suffix (names/generate.go).</summary>
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int SuffixLength = 5;
    private const int MaxGeneratedNameLength = 63;
    private const int GenerateNameAttempts = 8;

    /// <summary>Creates an object.</summary>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="obj">The tree to store, mutable; it belongs to the store afterwards.</param>
    /// <param name="admit">Validating admission, run on the object as it will be stored.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StatusException">409 AlreadyExists, 422 Invalid, and what strategy and admission throw.</exception>
    public async ValueTask<CachedObject> CreateAsync(OperationContext context, Map obj, Func<Map, ValueTask>? admit, CancellationToken cancellationToken)
    {
        var metadata = obj.EditMap("metadata");
        FillSystemFields(metadata);
        var generateName = metadata.GetString("generateName") ?? "";
        var generate = string.IsNullOrEmpty(metadata.GetString("name")) && generateName.Length > 0;
        for (var attempt = 1; ; attempt++)
        {
            if (generate)
                metadata.Set("name", GenerateName(generateName));
            var candidate = generate && attempt < GenerateNameAttempts ? obj.DeepClone() : obj;
            try
            {
                return await CreateOnceAsync(context, candidate, admit, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (generate && exception.Status.Reason == StatusReason.AlreadyExists)
            {
                if (attempt >= GenerateNameAttempts)
                    throw StatusErrors.GenerateNameConflict(Qualified(context), Name(candidate), 1);
            }
        }
    }

    /// <summary>What the server itself sets on every new object (rest/meta.go FillObjectMetaSystemFields).</summary>
    private void FillSystemFields(Map metadata)
    {
        metadata.Set("uid", Guid.NewGuid().ToString());
        metadata.Set("creationTimestamp", _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("selfLink");
    }

    private async ValueTask<CachedObject> CreateOnceAsync(OperationContext context, Map obj, Func<Map, ValueTask>? admit, CancellationToken cancellationToken)
    {
        var name = Name(obj);
        // A dry run does not reach the store, which is who refuses.
        if (!context.DryRun && !string.IsNullOrEmpty(obj.GetMap("metadata")?.GetString("resourceVersion")))
            throw StatusErrors.BadRequest("resourceVersion should not be set on objects to be created");
        var allocation = await Strategy.BeginWriteAsync(context, obj, null, cancellationToken).ConfigureAwait(false);
        try
        {
            PrepareCreate(context, obj);
            if (admit is not null)
                await admit(obj).ConfigureAwait(false);
            var key = KeyOf(context.Namespace, name);
            var written = CachedObject.ForWrite(Codec, key, obj);
            if (context.DryRun)
            {
                if (await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false) is not null)
                    throw StatusErrors.AlreadyExists(Qualified(context), name);
                return DryRunResult(written, 0);
            }

            var stored = await WriteAsync(written, 0, cancellationToken).ConfigureAwait(false)
                ?? throw await AlreadyExistsAsync(context, key, name, cancellationToken).ConfigureAwait(false);
            if (allocation is not null)
                await allocation.CommitAsync(cancellationToken).ConfigureAwait(false);
            allocation = null;
            return stored;
        }
        finally
        {
            if (allocation is not null)
                await allocation.RollbackAsync().ConfigureAwait(false);
        }
    }

    private void PrepareCreate(OperationContext context, Map obj)
    {
        Strategy.PrepareForCreate(context, obj);
        var errors = new FieldErrorList();
        Strategy.Validate(context, obj, errors);
        if (errors.Count > 0)
            throw StatusErrors.Invalid(Resource.GroupKind, Name(obj), errors);
        ValidateObjectMeta(obj, errors);
        if (errors.Count > 0)
            throw StatusErrors.Invalid(Resource.GroupKind, Name(obj), errors);
        Strategy.Warn(context, obj, null);
        Strategy.Canonicalize(obj);
    }

    /// <summary>409, with upstream's hint when the object in the way is being deleted.</summary>
    private async ValueTask<StatusException> AlreadyExistsAsync(OperationContext context, string key, string name, CancellationToken cancellationToken)
    {
        var error = StatusErrors.AlreadyExists(Qualified(context), name);
        CachedObject? existing;
        try
        {
            existing = await ReadThroughAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (StatusException)
        {
            // It cannot be read, but it is there.
            return error;
        }

        return existing?.Tree().GetMap("metadata")?.GetString("deletionTimestamp") is null
            ? error
            : new StatusException(error.Status with { Message = $"object is being deleted: {error.Status.Message}" });
    }

    private static string GenerateName(string prefix)
    {
        if (prefix.Length > MaxGeneratedNameLength - SuffixLength)
            prefix = prefix[..(MaxGeneratedNameLength - SuffixLength)];
        return prefix + RandomNumberGenerator.GetString(SuffixAlphabet, SuffixLength);
    }
}
