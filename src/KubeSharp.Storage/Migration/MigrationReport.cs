namespace KubeSharp.Storage.Migration;

/// <summary>What a side of a migration holds.</summary>
/// <param name="Keys">Keys without a lease.</param>
/// <param name="Leased">Keys with one; some may end while they are compared.</param>
/// <param name="Hash">SHA-256 of the keys without a lease and their values, in order, in hexadecimal.</param>
public sealed record MigrationSide(long Keys, long Leased, string Hash);

/// <summary>How a migration ended.</summary>
/// <param name="Source">What was read, at <paramref name="SourceRevision"/>.</param>
/// <param name="Target">What was read back.</param>
/// <param name="SourceRevision">The revision that was copied.</param>
/// <param name="TargetRevision">The target's newest revision; when smaller, what clients remember lies in its future.</param>
public sealed record MigrationReport(MigrationSide Source, MigrationSide Target, long SourceRevision, long TargetRevision);
