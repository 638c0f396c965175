using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>What a change means for the managers that did not make it (structured-merge-diff/v6/merge/update.go update).</summary>
internal static class FieldOwnership
{
    /// <summary>Takes changed and removed fields away from all managers but one.</summary>
    public static void TakeFromOthers(
        ManagedTable table, ManagerKey? self, FieldComparison comparison, string apiVersion, Map live, Map obj, FieldSet resetFields, IVersionForms versions)
    {
        foreach (var (manager, conflict, removed) in Affected(table, self, comparison, apiVersion, live, obj, resetFields, versions))
        {
            var fields = table[manager].Fields.Difference(conflict).Difference(removed);
            if (fields.IsEmpty)
                table.Remove(manager);
            else
                table[manager] = table[manager] with { Fields = fields };
        }
    }

    /// <summary>The other managers with what of theirs changed and what is gone; those of versions not served any more are dropped.</summary>
    public static List<(ManagerKey Manager, FieldSet Conflict, FieldSet Removed)> Affected(
        ManagedTable table, ManagerKey? self, FieldComparison comparison, string apiVersion, Map live, Map obj, FieldSet resetFields, IVersionForms versions)
    {
        var affected = new List<(ManagerKey, FieldSet, FieldSet)>();
        var comparisons = new Dictionary<string, (FieldComparison Comparison, FieldSet Changed)?>(StringComparer.Ordinal) { [apiVersion] = (comparison, comparison.Modified.Union(comparison.Added)) };
        foreach (var (manager, fields) in table.ToList())
        {
            if (manager == self)
                continue;
            if (!comparisons.TryGetValue(fields.ApiVersion, out var versioned))
            {
                versioned = null;
                if (versions.Convert(live, apiVersion, fields.ApiVersion) is { } oldForm && versions.Convert(obj, apiVersion, fields.ApiVersion) is { } newForm)
                {
                    var other = FieldComparison.Of(oldForm.Tree, newForm.Tree, newForm.Schema).Without(resetFields);
                    versioned = (other, other.Modified.Union(other.Added));
                }

                comparisons[fields.ApiVersion] = versioned;
            }

            if (versioned is not { } found)
            {
                table.Remove(manager);
                continue;
            }

            var conflict = fields.Fields.Intersection(found.Changed);
            if (!conflict.IsEmpty || !found.Comparison.Removed.IsEmpty || fields.Fields.IsEmpty)
                affected.Add((manager, conflict, found.Comparison.Removed));
        }

        return affected;
    }
}
