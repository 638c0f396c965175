using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>The merge itself: configuration over live object, less what the manager set before and does not set any more
/// (structured-merge-diff/v6/merge/update.go Apply, prune).</summary>
internal sealed class FieldApply(string apiVersion, SchemaType schema, string subresource, FieldSet resetFields, IVersionForms versions)
{
    /// <returns>The new tree, or null when it equals the live one. The table is changed in either case.</returns>
    /// <exception cref="FieldConflictException">Others own what would change, and force is not given.</exception>
    public Map? Apply(Map live, Map config, ManagedTable table, string manager, bool force)
    {
        var key = ManagerKey.OfApply(manager, subresource);
        var merged = FieldMerge.Merge(live, config, schema);
        var last = table.GetValueOrDefault(key);
        var set = FieldSetReader.Read(config, schema).RecursiveDifference(resetFields);
        table[key] = new ManagerFields(apiVersion, set, last?.Time);
        // Who sets all that he set before takes nothing away.
        if (last is { Fields.IsEmpty: false } && !(last.ApiVersion == apiVersion && last.Fields.Difference(set).IsEmpty))
            merged = Prune(merged, table, last);
        var comparison = FieldComparison.Of(live, merged, schema).Without(resetFields);
        var affected = FieldOwnership.Affected(table, key, comparison, apiVersion, live, merged, resetFields, versions);
        if (!force)
        {
            var conflicts = new SortedDictionary<ManagerKey, FieldSet>();
            foreach (var (other, conflict, _) in affected)
            {
                if (!conflict.IsEmpty)
                    conflicts[other] = conflict;
            }

            if (conflicts.Count > 0)
                throw new FieldConflictException(conflicts);
        }

        foreach (var (other, conflict, removed) in affected)
        {
            var rest = table[other].Fields.Difference(conflict).Difference(removed);
            if (rest.IsEmpty)
                table.Remove(other);
            else
                table[other] = table[other] with { Fields = rest };
        }

        if (table[key].Fields.IsEmpty)
            table.Remove(key);
        return merged.DeepEquals(live) ? null : merged;
    }

    private Map Prune(Map merged, ManagedTable table, ManagerFields last)
    {
        if (versions.Convert(merged, apiVersion, last.ApiVersion) is not { } form)
            return merged;
        var type = MergeType.Of(form.Schema);
        var named = last.Fields.WithNamedFields(type);
        var pruned = FieldRemoval.Remove(form.Tree, named, form.Schema);
        pruned = AddBackOwned(form.Tree, pruned, table, last.ApiVersion);
        // Items that hang below something removed are only kept where the manager never owned them.
        var mergedSet = FieldSetReader.Read(form.Tree, form.Schema).WithNamedFields(type);
        var prunedSet = FieldSetReader.Read(pruned, form.Schema).WithNamedFields(type);
        pruned = FieldRemoval.Remove(form.Tree, mergedSet.Difference(prunedSet).Intersection(named), form.Schema);
        return versions.Convert(pruned, last.ApiVersion, apiVersion)?.Tree ?? pruned;
    }

    /// <summary>What others, or the manager's new configuration, own comes back.</summary>
    private Map AddBackOwned(Map merged, Map pruned, ManagedTable table, string version)
    {
        var owned = new Dictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var fields in table.Values)
            owned[fields.ApiVersion] = owned.TryGetValue(fields.ApiVersion, out var known) ? known.Union(fields.Fields) : fields.Fields;
        // The version of the trees comes first.
        foreach (var (other, set) in owned.OrderBy(e => e.Key == version ? 0 : 1))
        {
            if (versions.Convert(merged, version, other) is not { } mergedForm || versions.Convert(pruned, version, other) is not { } prunedForm)
                continue;
            var type = MergeType.Of(mergedForm.Schema);
            var mergedSet = FieldSetReader.Read(mergedForm.Tree, mergedForm.Schema).WithNamedFields(type);
            var keep = FieldSetReader.Read(prunedForm.Tree, prunedForm.Schema).WithNamedFields(type).Union(set.WithNamedFields(type));
            var result = FieldRemoval.Remove(mergedForm.Tree, mergedSet.Difference(keep), mergedForm.Schema);
            pruned = versions.Convert(result, other, version)?.Tree ?? pruned;
        }

        return pruned;
    }
}
