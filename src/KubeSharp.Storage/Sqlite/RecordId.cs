namespace KubeSharp.Storage.Sqlite;

/// <summary>
/// The primary key of a record: revision, place within the revision's transaction, and whether it is a tombstone; ordered
/// as they happened. etcd's <c>mvcc.revision</c> in its backend's byte form has the same three parts.
/// </summary>
internal readonly record struct RecordId(long Value)
{
    private const int OrdinalBits = 12;
    private const int RevisionShift = OrdinalBits + 1;

    /// <summary>Changes that fit into one revision.</summary>
    public const int MaxPerRevision = 1 << OrdinalBits;

    public RecordId(long revision, int ordinal, bool tombstone)
        : this((revision << RevisionShift) | ((long)ordinal << 1) | (tombstone ? 1L : 0L))
    {
    }

    public long Revision => Value >> RevisionShift;

    public bool IsTombstone => (Value & 1) != 0;

    /// <summary>No record.</summary>
    public bool IsNone => Value == 0;

    /// <summary>A record that is a key's value, not its deletion.</summary>
    public bool IsLive => Value != 0 && !IsTombstone;

    /// <summary>The least id that a record of this revision can have.</summary>
    public static RecordId FirstOf(long revision) => new(revision << RevisionShift);
}
