using System.Globalization;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>Trees of a kind at other versions than the one spoken; null for a version that is not served (any more).</summary>
public interface IVersionForms
{
    (Map Tree, SchemaType Schema)? Convert(Map tree, string fromApiVersion, string toApiVersion);
}

/// <summary>
/// Records who set which fields of an object, and applies configurations by that record (KEP-555). One for each version
/// of a kind and subresource; trees are at that version. Source: apimachinery/pkg/util/managedfields, v1.36.
/// </summary>
/// <param name="kind">The kind at the version spoken.</param>
/// <param name="schema">Its schema.</param>
/// <param name="subresource">The subresource written through, or empty.</param>
/// <param name="resetFields">Fields that the strategy resets, which nobody comes to own this way.</param>
/// <param name="versions">The other versions.</param>
public sealed class FieldManager(GroupVersionKind kind, SchemaType schema, string subresource, FieldSet resetFields, IVersionForms versions)
{
    private const int MaxUpdateManagers = 10;
    private const string Kubectl = "kubectl";
    private const string AncientChanges = "ancient-changes";
    private const string BeforeFirstApply = "before-first-apply";

    /// <summary>What everybody sets and nobody owns (internal/stripmeta.go).</summary>
    private static readonly FieldSet Stripped = FieldSet.OfFields(
        ["apiVersion"], ["kind"], ["metadata"], ["metadata", "name"], ["metadata", "namespace"], ["metadata", "creationTimestamp"], ["metadata", "selfLink"],
        ["metadata", "uid"], ["metadata", "clusterName"], ["metadata", "generation"], ["metadata", "managedFields"], ["metadata", "resourceVersion"]);

    private readonly string _apiVersion = kind.GroupVersion.ToString();

    /// <summary>What a new object is compared with: the structs and required fields that every object has.</summary>
    private readonly Map _blank = Blank(schema);

    /// <summary>Records an update: sets the new object's managedFields.</summary>
    /// <param name="live">The object as it is; null when it is being created.</param>
    /// <param name="obj">The object as it will be, mutable.</param>
    /// <param name="manager">Who writes.</param>
    /// <param name="now">When.</param>
    public void Update(Map? live, Map obj, string manager, DateTimeOffset now)
    {
        live ??= _blank;
        var metadata = obj.EditMap("metadata");
        var given = metadata["managedFields"].AsSequence;
        metadata.Remove("managedFields");
        var liveMetadata = live.GetMap("metadata");
        ManagedTable table;
        try
        {
            table = Current(liveMetadata?.GetSequence("managedFields"), subresource.Length > 0 ? null : given);
        }
        catch (FormatException)
        {
            table = [];
        }

        // An object without managers that is not new stays without.
        if (table.Count > 0 || string.IsNullOrEmpty(liveMetadata?.GetString("uid")))
        {
            try
            {
                Record(live, obj, table, manager, now);
            }
            catch (FieldTypeException)
            {
                // Lists whose items cannot be told apart: as upstream, the object then has no managers at all.
                return;
            }
        }

        metadata.Set("managedFields", table.Write());
    }

    /// <summary>Applies a configuration.</summary>
    /// <param name="live">The object as it is; null when it is being created.</param>
    /// <param name="config">The configuration, untyped.</param>
    /// <param name="manager">Who applies.</param>
    /// <param name="force">Whether to take fields over from others.</param>
    /// <param name="now">When.</param>
    /// <param name="changed">False when the result is the live tree but for its managedFields.</param>
    /// <returns>The merged tree with its managedFields, not yet in normal form where it changed; shares nodes with the live one.</returns>
    /// <exception cref="StatusException">400 for the wrong kind, 409 for conflicts, 500 for a configuration that does not fit the schema.</exception>
    public Map Apply(Map? live, Map config, string manager, bool force, DateTimeOffset now, out bool changed)
    {
        changed = true;
        var isNew = live is null;
        live ??= _blank;
        CheckKind(config);
        ManagedTable table;
        try
        {
            table = ManagedTable.Read(live.GetMap("metadata")?.GetSequence("managedFields"));
        }
        catch (FormatException exception)
        {
            throw StatusErrors.Unknown($"failed to decode managed fields: {exception.Message}");
        }

        var current = WithoutManagedFields(live);
        try
        {
            if (table.Count == 0)
                Record(_blank, current, table, BeforeFirstApply, now);
            if (config.GetMap("metadata")?["managedFields"] is { IsNullOrUndefined: false })
                throw StatusErrors.BadRequest("metadata.managedFields must be nil");
            Check(config);
            var apply = new FieldApply(_apiVersion, schema, subresource, resetFields, versions);
            var before = new ManagedTable();
            foreach (var (key, value) in table)
                before[key] = value;
            Map? merged;
            try
            {
                merged = apply.Apply(current, config, table, manager, force);
            }
            catch (FieldConflictException conflict) when (manager == Kubectl)
            {
                table = LastApplied.WithoutConflictsOfLastApplied(conflict, current, schema, _apiVersion) ? before : throw conflict.ToStatus();
                merged = apply.Apply(current, config, table, manager, force: true);
            }

            changed = isNew || merged is not null || manager == Kubectl;
            return Finish(current, config, merged, table, manager, now);
        }
        catch (FieldConflictException conflict)
        {
            throw conflict.ToStatus();
        }
        catch (FieldTypeException exception)
        {
            throw StatusErrors.Unknown($"failed to create typed live object ({Describe(live)}): {exception.Message}");
        }
    }

    private Map Finish(Map current, Map config, Map? merged, ManagedTable table, string manager, DateTimeOffset now)
    {
        var key = ManagerKey.OfApply(manager, subresource);
        if (merged is not null && table.TryGetValue(key, out var fields))
            table[key] = fields with { Time = Timestamp(now) };
        Strip(table, key);
        var result = merged?.Thaw() ?? current.ShallowClone();
        if (manager == Kubectl)
            LastApplied.Refresh(result, config);
        result.EditMap("metadata").Set("managedFields", table.Write());
        return result;
    }

    private static ManagedTable Current(Sequence? live, Sequence? given)
    {
        // An empty list, or one empty entry, asks for a fresh start.
        if (given is { Count: 0 } || (given is { Count: 1 } && IsBlank(given[0].AsMap)))
            return [];
        if (given is not null)
        {
            try
            {
                if (ManagedTable.Read(given) is { Count: > 0 } table)
                    return table;
            }
            catch (FormatException)
            {
                // What the client sent is no record: the old one stays.
            }
        }

        return ManagedTable.Read(live);
    }

    private static bool IsBlank(Map? entry) => entry is null || entry.All(e => e.Value.IsNullOrUndefined || e.Value.AsString is { Length: 0 });

    /// <summary>managedfieldsupdater.go, capmanagers.go: the difference is owned by the manager, and by nobody else any more.</summary>
    private void Record(Map live, Map obj, ManagedTable table, string manager, DateTimeOffset now)
    {
        var name = manager.Length == 0 ? "unknown" : manager;
        var comparison = FieldComparison.Of(live, obj, schema).Without(resetFields);
        FieldOwnership.TakeFromOthers(table, null, comparison, _apiVersion, live, obj, resetFields, versions);
        var set = comparison.Modified.Union(comparison.Added).RecursiveDifference(resetFields).Difference(Stripped);
        if (!set.IsEmpty)
        {
            var key = ManagerKey.OfUpdate(name, _apiVersion, subresource);
            var union = table.TryGetValue(key, out var previous) ? set.Union(previous.Fields) : set;
            table[key] = new ManagerFields(_apiVersion, union, Timestamp(now));
        }

        Cap(table);
    }

    /// <summary>More than ten updaters: the oldest of a version become one.</summary>
    private static void Cap(ManagedTable table)
    {
        var updaters = table.Where(e => e.Key.Operation == ManagerKey.Update).ToList();
        var count = updaters.Count;
        if (count <= MaxUpdateManagers)
            return;
        updaters.Sort(static (a, b) =>
        {
            var order = ManagedTable.Seconds(a.Value.Time).CompareTo(ManagedTable.Seconds(b.Value.Time));
            return order != 0 ? order : a.Key.CompareTo(b.Key);
        });
        var firstOfVersion = new Dictionary<string, ManagerKey>(StringComparer.Ordinal);
        foreach (var (key, value) in updaters)
        {
            if (count <= MaxUpdateManagers)
                break;
            if (!firstOfVersion.TryGetValue(value.ApiVersion, out var first))
            {
                firstOfVersion[value.ApiVersion] = key;
                continue;
            }

            var bucket = ManagerKey.OfUpdate(AncientChanges, value.ApiVersion, "");
            if (!table.ContainsKey(bucket) && table.Remove(first, out var firstFields))
                table[bucket] = firstFields;
            table[bucket] = new ManagerFields(value.ApiVersion, value.Fields.Union(table[bucket].Fields), value.Time);
            table.Remove(key);
            count--;
        }
    }

    private static void Strip(ManagedTable table, ManagerKey key)
    {
        if (!table.TryGetValue(key, out var fields))
            return;
        var rest = fields.Fields.Difference(Stripped);
        if (rest.IsEmpty)
            table.Remove(key);
        else
            table[key] = fields with { Fields = rest };
    }

    private void CheckKind(Map config)
    {
        var given = GroupVersionKind.Of(config);
        if (given != kind)
            throw StatusErrors.BadRequest($"invalid object type: {given}");
    }

    private void Check(Map config)
    {
        try
        {
            FieldValidation.Validate(config, schema);
        }
        catch (FieldTypeException exception)
        {
            throw StatusErrors.Unknown($"failed to create typed patch object ({Describe(config)}): {exception.Message}");
        }
    }

    private string Describe(Map obj) => $"{obj.GetMap("metadata")?.GetString("namespace")}/{obj.GetMap("metadata")?.GetString("name")}; {kind}";

    private static Map WithoutManagedFields(Map obj)
    {
        if (obj.GetMap("metadata") is not { } metadata || !metadata.ContainsKey("managedFields"))
            return obj;
        var copy = obj.ShallowClone();
        metadata = metadata.ShallowClone();
        metadata.Remove("managedFields");
        copy.Set("metadata", metadata);
        return copy;
    }

    private static Map Blank(SchemaType schema)
    {
        var blank = JsonDecoder.Decode("{}"u8, schema, new JsonDecodeOptions()).Root!.Thaw();
        blank.Freeze();
        return blank;
    }

    private static string Timestamp(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
