using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>An apply would change fields that others own; carries who and which
/// (managedfields/internal/conflict.go).</summary>
internal sealed class FieldConflictException(SortedDictionary<ManagerKey, FieldSet> conflicts) : Exception
{
    public SortedDictionary<ManagerKey, FieldSet> Conflicts { get; } = conflicts;

    /// <summary>409 Conflict with a cause for each field.</summary>
    public StatusException ToStatus()
    {
        var causes = new List<StatusCause>();
        var lines = new List<string>();
        var single = "";
        foreach (var (manager, fields) in Conflicts)
        {
            lines.Add($"conflicts with {manager}:");
            fields.ForEach(path =>
            {
                var text = string.Concat(path.Select(e => e.ToString()));
                causes.Add(new StatusCause("FieldManagerConflict", $"conflict with {manager}", text));
                lines.Add($"- {text}");
                single = $"Apply failed with 1 conflict: conflict with {manager}: {text}";
            });
        }

        return StatusErrors.ApplyConflict(causes, causes.Count == 1 ? single : $"Apply failed with {causes.Count} conflicts: {string.Join('\n', lines)}");
    }
}
