namespace KubeSharp.Storage.Tests.Linearizability;

/// <summary>The checker finds what it is there to find.</summary>
public sealed class HistoryCheckerTests
{
    // A history that is in order: one client creates, another reads and updates, the first one's old update is refused, then a deletion.
    private static readonly Change[] Changes = [Put(11, "k", "a", 11, 1), Put(12, "k", "b", 11, 2), new(13, "k", true, "", 0, 0)];

    private static readonly Operation[] Operations =
    [
        Write(1, "a", 0, 1, 2, Outcome.Succeeded, 11),
        Read(2, 3, 4, 11, new Seen("k", "a", 11, 11, 1)),
        Write(2, "b", 11, 5, 6, Outcome.Succeeded, 12),
        Write(1, "c", 11, 7, 8, Outcome.Refused, 12, new Seen("k", "b", 11, 12, 2)),
        Delete(1, 12, 9, 10, Outcome.Succeeded, 13),
        Read(2, 11, 12, 13),
    ];

    public static TheoryData<string, Operation[], Change[]> Good => new()
    {
        { "in order", Operations, Changes },
        { "nobody heard of the update", Replaced(2, o => o with { Outcome = Outcome.Unknown, Revision = 0 }), Changes },
        { "nobody heard of the deletion", Replaced(4, o => o with { Outcome = Outcome.Unknown, Revision = 0 }), Changes },
        { "an unknown write that never happened", [.. Operations, Write(3, "lost", 13, 20, 21, Outcome.Unknown, 0)], Changes },
        { "a write known not to have happened", [.. Operations, Write(3, "lost", 13, 20, 21, Outcome.Nothing, 0)], Changes },
        { "a read beside a write may see either (before)", [.. Operations, Read(3, 5, 6, 11, new Seen("k", "a", 11, 11, 1))], Changes },
        { "a read beside a write may see either (after)", [.. Operations, Read(3, 5, 6, 12, new Seen("k", "b", 11, 12, 2))], Changes },
    };

    public static TheoryData<string, Operation[], Change[], string> Bad => new()
    {
        { "a stale read", Replaced(5, o => o with { Revision = 12, State = [new Seen("k", "b", 11, 12, 2)] }), Changes, "older state" },
        { "a read of what never was", Replaced(1, o => o with { State = [new Seen("k", "z", 11, 11, 1)] }), Changes, "the state at 11 was" },
        { "a read that misses a key", Replaced(1, o => o with { State = [] }), Changes, "the state at 11 was" },
        { "a lost update", Operations, [Changes[0], Changes[2]], "no such change" },
        { "two creations", [.. Operations, Write(3, "d", 0, 20, 21, Outcome.Succeeded, 14), Write(4, "e", 0, 22, 23, Outcome.Succeeded, 15)], [.. Changes, Put(14, "k", "d", 14, 1), Put(15, "k", "e", 14, 2)], "on version 14" },
        { "a deletion that comes back", [.. Operations, Read(3, 20, 21, 13, new Seen("k", "b", 11, 12, 2))], Changes, "the state at 13 was" },
        { "a refused write that happened", Replaced(2, o => o with { Outcome = Outcome.Refused }), Changes, "but it happened" },
        { "a write said not to have happened that did", Replaced(2, o => o with { Outcome = Outcome.Nothing }), Changes, "but it happened" },
        { "a write refused for nothing", Replaced(3, o => o with { Expected = 12 }), Changes, "refused though" },
        { "a change by nobody", Operations, [.. Changes, Put(14, "k", "ghost", 14, 1)], "nobody made" },
        { "an unknown write that is seen and then gone", [.. Operations, Write(3, "d", 0, 20, 21, Outcome.Unknown, 0), Read(4, 22, 23, 14, new Seen("k", "d", 14, 14, 1)), Read(4, 24, 25, 14)], Changes, "the state at 14 was" },
        { "an unknown write that happened twice", [.. Operations, Write(3, "d", 0, 20, 21, Outcome.Unknown, 0)], [.. Changes, Put(14, "k", "d", 14, 1), Put(15, "k", "d", 14, 2)], "happened twice" },
        { "an unknown write before it was asked for", [.. Operations, Write(3, "d", 13, 20, 21, Outcome.Unknown, 0), Read(4, 18, 19, 15)], [.. Changes, Put(14, "k", "d", 14, 1), new Change(15, "k", true, "", 0, 0)], "took effect" },
        { "writes out of order", [Write(1, "a", 0, 1, 2, Outcome.Succeeded, 12), Write(2, "b", 0, 3, 4, Outcome.Succeeded, 11) with { Key = "l" }], [Put(11, "l", "b", 11, 1), Put(12, "k", "a", 12, 1)], "took effect at 11" },
        { "a watch that repeats", Operations, [Changes[0], Changes[1], Changes[1], Changes[2]], "the watch went from" },
        { "a watch that goes back", Operations, [Changes[1], Changes[0], Changes[2]], "the watch went from" },
        { "a range of two moments", [.. Operations, Read(3, 20, 21, 13, new Seen("k", "b", 11, 12, 2)) with { Kind = OperationKind.Range }], Changes, "the state at 13 was" },
        { "a wrong version", Operations, [Changes[0], Put(12, "k", "b", 11, 1), Changes[2]], "comes after" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void What_is_in_order_passes(string label, Operation[] operations, Change[] changes)
    {
        Assert.NotEmpty(label);
        Assert.Empty(HistoryChecker.Check(operations, changes, 10));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_not_is_found(string label, Operation[] operations, Change[] changes, string problem)
    {
        Assert.NotEmpty(label);
        Assert.Contains(HistoryChecker.Check(operations, changes, 10), found => found.Contains(problem, StringComparison.Ordinal));
    }

    private static Operation[] Replaced(int index, Func<Operation, Operation> change)
    {
        var operations = (Operation[])Operations.Clone();
        operations[index] = change(operations[index]);
        return operations;
    }

    private static Change Put(long revision, string key, string value, long created, long version) => new(revision, key, false, value, created, version);

    private static Operation Write(int client, string value, long expected, long invoked, long returned, Outcome outcome, long revision, params Seen[] state) =>
        new(client, OperationKind.Put, "k", expected, value, invoked, returned, outcome, revision, state);

    private static Operation Delete(int client, long expected, long invoked, long returned, Outcome outcome, long revision) =>
        new(client, OperationKind.Delete, "k", expected, "", invoked, returned, outcome, revision, []);

    private static Operation Read(int client, long invoked, long returned, long revision, params Seen[] state) =>
        new(client, OperationKind.Get, "k", 0, "", invoked, returned, Outcome.Succeeded, revision, state);
}
