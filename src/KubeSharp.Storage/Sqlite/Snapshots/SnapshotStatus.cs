namespace KubeSharp.Storage.Sqlite.Snapshots;

/// <summary>What a snapshot holds, in the terms of etcdutl (etcdutl/snapshot/v3_snapshot.go Status, v3.6).</summary>
/// <param name="Hash">CRC-32C of all that is in it, whatever its pages look like: equal for equal contents.</param>
/// <param name="Revision">The store's newest revision.</param>
/// <param name="TotalKeys">All entries: records of every revision that was not compacted, leases, and facts about the store.</param>
/// <param name="TotalSize">Bytes of the database.</param>
/// <param name="Version">The version of the tables.</param>
public sealed record SnapshotStatus(uint Hash, long Revision, long TotalKeys, long TotalSize, string Version);
