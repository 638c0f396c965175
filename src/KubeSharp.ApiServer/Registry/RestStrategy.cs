using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.ManagedFields;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry;

/// <summary>What happens to dependents of a deleted object when the caller does not say.</summary>
public enum GarbageCollectionPolicy
{
    DeleteDependents,
    OrphanDependents,
    Unsupported,
}

/// <summary>
/// What the server knows of one kind beyond its schema: defaults that depend on other fields, what callers may not set,
/// validation, selectable fields, deletion. This base class is the plain default; a kind with rules of its own has a
/// subclass in <c>Registry/&lt;group&gt;/&lt;Kind&gt;.cs</c>. All trees are at the storage version and belong to the
/// operation until it ends, except <c>old</c>, which is frozen.
/// Source: apiserver/pkg/registry/rest/{create,update,delete}.go, v1.36.
/// </summary>
public class RestStrategy
{
    /// <summary>The schema of the storage version; set once the store is made.</summary>
    public SchemaType? Schema { get; set; }

    protected static readonly FieldPath MetadataPath = new("metadata");
    protected static readonly FieldSet StatusField = FieldSet.OfFields(["status"]);

    /// <summary>Whether the kind has a status subresource: then <c>status</c> is dropped on create and kept on update.</summary>
    public bool HasStatus { get; internal set; }

    /// <summary>What a status prints in which nothing is set; undefined when it prints nothing.</summary>
    public Value EmptyStatus { get; internal set; }

    internal FieldSet StatusResetFields { get; set; } = FieldSet.Empty;

    /// <summary>Whether objects of the kind live in namespaces.</summary>
    public bool Namespaced { get; internal set; }

    /// <summary>Whether an update of a missing object creates it.</summary>
    public virtual bool AllowCreateOnUpdate => false;

    /// <summary>Whether an update without resource version overwrites whatever is there.</summary>
    public virtual bool AllowUnconditionalUpdate => true;

    /// <summary>Whether an empty list in the place of none is such a change.</summary>
    public virtual bool CountsEmpties => false;

    /// <summary>Whether metadata.generation counts changes of the desired state.</summary>
    public virtual bool TracksGeneration => false;

    public virtual GarbageCollectionPolicy DefaultGarbageCollectionPolicy => GarbageCollectionPolicy.DeleteDependents;

    /// <summary>Whether a deletion answers with the object rather than a Status (upstream's ReturnDeletedObject).</summary>
    public virtual bool ReturnDeletedObject => false;

    /// <summary>The fields that field selectors may name, besides metadata.name and metadata.namespace.</summary>
    public virtual IReadOnlyList<string> SelectableFieldNames => [];

    /// <summary>The values for <see cref="SelectableFieldNames"/>, in their order.</summary>
    public virtual string[] SelectableFields(Map obj) => [];

    /// <summary>The selectable field by which lists and watches are mostly narrowed (upstream's TriggerFunc), or null.</summary>
    public virtual string? TriggerField => null;

    /// <summary>The selectable field that a field label stands for, or null when selectors may not name it. Kinds of the cluster
    /// that list their labels themselves leave the namespace out.</summary>
    public virtual string? FieldLabel(ApiResource resource, string label) =>
        label == "metadata.name" || (label == "metadata.namespace" && (resource.Namespaced || SelectableFieldNames.Count == 0)) || SelectableFieldNames.Contains(label) ? label : null;

    /// <summary>The 400 for a field that selectors may not name; kinds with a conversion function of their own word it differently.</summary>
    public virtual string UnsupportedFieldMessage(string field) =>
        SelectableFieldNames.Count > 0
            ? $"field label not supported: {field}"
            : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";

    /// <summary>The fields that a write through the main resource (empty) or a subresource cannot change, because the strategy
    /// puts them back: their writers do not come to own them (upstream's GetResetFields).</summary>
    public virtual FieldSet ResetFields(string subresource) => subresource switch
    {
        "" when HasStatus => StatusField,
        "status" => StatusResetFields,
        _ => FieldSet.Empty,
    };

    /// <summary>What names may be; a rule returns problems in upstream's words.</summary>
    public virtual ValidateName NameRule => NameRules.DnsSubdomain;

    /// <summary>Sets defaults that depend on more than the field itself (pkg/apis/&lt;group&gt;/&lt;version&gt;/defaults.go).
    /// Runs on every decoded object, before anything else.</summary>
    public virtual void SetDefaults(Map obj)
    {
    }

    /// <summary>The metadata without what stands in it for one version only: tables and metadata-only answers are made of the
    /// internal form. Returns its argument where there is nothing of that sort.</summary>
    public virtual Value CommonMetadata(Value metadata) => metadata;

    /// <summary>False where <see cref="CommonMetadata"/> is another than the object's own.</summary>
    public virtual bool HasPlainMetadata => true;

    public virtual void PrepareForCreate(OperationContext context, Map obj)
    {
        if (HasStatus)
            ResetStatus(obj);
        if (TracksGeneration)
            obj.EditMap("metadata").Set("generation", 1);
    }

    /// <summary>The kind's own validation on create. As upstream's, it includes that of the metadata with the kind's name rule;
    /// what all kinds share of it runs once more afterwards, with the loosest name rule.</summary>
    public virtual void Validate(OperationContext context, Map obj, FieldErrorList errors) =>
        ObjectMetaValidation.Validate(errors, obj.GetMap("metadata") ?? Map.Empty, Namespaced, NameRule, MetadataPath);

    public virtual void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        if (HasStatus)
            obj.Set("status", old["status"]);
        if (TracksGeneration && DesiredStateChanged(context, obj, old))
            IncrementGeneration(obj, old);
    }

    /// <summary>The kind's own validation on update, which as upstream's repeats that of the metadata.</summary>
    public virtual void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        ObjectMetaValidation.ValidateUpdate(errors, obj.GetMap("metadata") ?? Map.Empty, old.GetMap("metadata") ?? Map.Empty, MetadataPath);

    /// <summary>Prepares a write through the status subresource: everything but status and some metadata is the old.</summary>
    public virtual void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        for (var i = obj.Count - 1; i >= 0; i--)
        {
            var key = obj.KeyAt(i);
            if (key is not ("apiVersion" or "kind" or "metadata" or "status") && !old.ContainsKey(key))
                obj.Remove(key);
        }

        foreach (var (key, value) in old)
        {
            if (key is not ("apiVersion" or "kind" or "metadata" or "status"))
                obj.Set(key, value);
        }
    }

    public virtual void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
    }

    /// <summary>Prepares a write through another subresource that takes the whole object; the context names it.</summary>
    public virtual void PrepareForSubresourceUpdate(OperationContext context, Map obj, Map old) => PrepareForUpdate(context, obj, old);

    public virtual void ValidateSubresourceUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) => ValidateUpdate(context, obj, old, errors);

    /// <summary>Texts for Warning headers about a status that is about to be written.</summary>
    public virtual void WarnOfStatus(OperationContext context, Map obj)
    {
    }

    /// <summary>Brings a valid object into the form in which it is stored.</summary>
    public virtual void Canonicalize(Map obj)
    {
    }

    /// <summary>Texts for Warning headers about an object that is about to be written; <paramref name="old"/> is null on create.</summary>
    public virtual void Warn(OperationContext context, Map obj, Map? old)
    {
    }

    /// <summary>Runs before a write is prepared and validated (upstream's BeginCreate and BeginUpdate): allocations that must be
    /// undone when the write fails. <paramref name="obj"/> may be changed.</summary>
    public virtual ValueTask<IAllocation?> BeginWriteAsync(OperationContext context, Map obj, Map? old, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IAllocation?>(null);

    /// <summary>Runs once after a deletion was stored (release of allocations).</summary>
    public virtual ValueTask AfterDeleteAsync(OperationContext context, Map obj, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Whether a deletion is to be graceful, and then with how many seconds; null: delete at once.
    /// <paramref name="requestedSeconds"/> is the caller's gracePeriodSeconds.
    /// </summary>
    public virtual long? GracePeriodSeconds(OperationContext context, Map obj, long? requestedSeconds) => null;

    /// <summary>
    /// For kinds that end in their own way (namespaces): the object as a deletion leaves it, which stays; the very object
    /// given when it is on its way out already; null when it may go like any other.
    /// </summary>
    public virtual Map? MarkTerminating(Map obj, Map options, DateTimeOffset now) => null;

    /// <summary>Whether an update that leaves an object under deletion without finalizers removes it now.</summary>
    public virtual bool ShouldDeleteDuringUpdate(Map obj) => true;

    /// <summary>Adds to an object read from the store what its message has no room for.</summary>
    public virtual void CompleteDecoded(Map obj)
    {
    }

    /// <summary>Seconds that the object is kept for (events), or 0 for ever.</summary>
    public virtual long TimeToLiveSeconds(Map obj) => 0;

    /// <summary>Drops what the caller put into the status.</summary>
    protected void ResetStatus(Map obj)
    {
        if (obj["status"].AsMap is not null)
            obj.Set("status", EmptyStatus.DeepClone());
    }

    /// <summary>As <see cref="DesiredStateChanged(Map, Map)"/>, for an object that may hold empty lists and maps: those count as none.</summary>
    protected bool DesiredStateChanged(OperationContext context, Map obj, Map old)
    {
        if (!context.HasEmpties || Schema is null || CountsEmpties)
            return DesiredStateChanged(obj, old);
        var normal = obj.DeepClone();
        NormalForm.Apply(normal, Schema);
        return DesiredStateChanged(normal, old);
    }

    /// <summary>Whether anything outside metadata and status differs; where a kind counts differently it overrides this.</summary>
    protected virtual bool DesiredStateChanged(Map obj, Map old)
    {
        foreach (var (key, value) in obj)
        {
            if (key is not ("metadata" or "status") && value != old[key])
                return true;
        }

        foreach (var (key, _) in old)
        {
            if (key is not ("metadata" or "status") && !obj.ContainsKey(key))
                return true;
        }

        return false;
    }

    protected static void IncrementGeneration(Map obj, Map old) =>
        obj.EditMap("metadata").Set("generation", (old.GetMap("metadata")?.GetInteger("generation") ?? 0) + 1);
}

/// <summary>Something taken for a write (a cluster IP, a node port): kept on success, given back otherwise.</summary>
public interface IAllocation
{
    ValueTask CommitAsync(CancellationToken cancellationToken);

    ValueTask RollbackAsync();
}
