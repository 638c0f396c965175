namespace KubeSharp.Storage.Sqlite.Snapshots;

/// <summary>How a snapshot is restored, by the names of etcdutl's flags (etcdutl/etcdutl/snapshot_command.go, v3.6).</summary>
public sealed record SnapshotRestoreOptions
{
    /// <summary>What the revision is raised by, so that it is above all that clients have seen since the snapshot; then
    /// <see cref="MarkCompacted"/> too.</summary>
    public long BumpRevision { get; init; }

    /// <summary>Nothing before the raised revision can be watched or read: clients that saw more than the snapshot has list anew.</summary>
    public bool MarkCompacted { get; init; }

    /// <summary>Take a copy of a database without a hash at its end, or with another.</summary>
    public bool SkipHashCheck { get; init; }

    /// <summary>What is wrong with the options together; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (BumpRevision is < 0 or > 1L << 48)
            errors.Add("--bump-revision must be between 0 and 2^48");
        if ((BumpRevision > 0) != MarkCompacted)
            errors.Add("--mark-compacted is required with --bump-revision, and for nothing else");
        return errors;
    }
}
