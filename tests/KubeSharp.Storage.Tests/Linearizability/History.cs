using System.Collections.Concurrent;

namespace KubeSharp.Storage.Tests.Linearizability;

public enum OperationKind
{
    Put,
    Delete,
    Get,
    Range,
}

public enum Outcome
{
    /// <summary>Nothing was heard: it may have happened, at any time after it was asked for, or never.</summary>
    Unknown,

    Succeeded,

    /// <summary>A condition did not hold; the state that made it fail was returned.</summary>
    Refused,

    /// <summary>The store said that nothing was changed.</summary>
    Nothing,
}

/// <summary>A key as somebody saw it.</summary>
public sealed record Seen(string Key, string Value, long CreateRevision, long ModRevision, long Version);

/// <summary>What one client asked and heard. <paramref name="Invoked"/> and <paramref name="Returned"/> are places in the one order of
/// all questions and answers; values of puts are unique in a history. <paramref name="Revision"/> is the store's in the answer.</summary>
public sealed record Operation(
    int Client, OperationKind Kind, string Key, long Expected, string Value, long Invoked, long Returned, Outcome Outcome, long Revision, IReadOnlyList<Seen> State)
{
    public bool IsWrite => Kind is OperationKind.Put or OperationKind.Delete;

    public override string ToString() =>
        $"client {Client} {Kind} {Key}{(IsWrite ? $" expecting {Expected}" : "")}{(Kind == OperationKind.Put ? $" value {Value}" : "")} [{Invoked}, {(Outcome == Outcome.Unknown ? "..." : Returned)}]: "
        + $"{Outcome} at {Revision}{(State.Count > 0 ? $", saw {string.Join("; ", State.Select(s => $"{s.Key}={s.Value}@{s.CreateRevision}/{s.ModRevision}/{s.Version}"))}" : "")}";
}

/// <summary>One change as a watch reported it.</summary>
public sealed record Change(long Revision, string Key, bool IsDeletion, string Value, long CreateRevision, long Version);

/// <summary>Collects the operations of many clients. Safe for all threads.</summary>
public sealed class History
{
    private readonly ConcurrentQueue<Operation> _operations = new();
    private long _clock;

    public IReadOnlyList<Operation> Operations => [.. _operations];

    /// <summary>The next place in the order of questions and answers.</summary>
    public long Tick() => Interlocked.Increment(ref _clock);

    public void Add(Operation operation) => _operations.Enqueue(operation);
}
