namespace KubeSharp.Storage.Tests.Linearizability;

/// <summary>
/// Says whether a history is linearizable. A revisioned store names the order in which its writes took effect, so that none has to
/// be searched for (Wing and Gong): it is enough that this order explains every answer, and that it agrees with the order in
/// which operations were over before others began. That is strict serializability, what etcd promises for everything but watches
/// (etcd.io/docs/v3.6/learning/api_guarantees). All changes must have come from a watch, each once and in order.
/// </summary>
public static class HistoryChecker
{
    /// <summary>What is wrong, readable; empty when nothing is.</summary>
    /// <param name="operations">All operations on the keys of the history, which did not exist at the start.</param>
    /// <param name="changes">What a watch from <paramref name="start"/> on reported, up to the end.</param>
    /// <param name="start">The store's revision before the first operation.</param>
    public static IReadOnlyList<string> Check(IReadOnlyList<Operation> operations, IReadOnlyList<Change> changes, long start)
    {
        var problems = new List<string>();
        var timeline = new Timeline(changes, start, problems);
        var effects = Match(operations, changes, problems);
        foreach (var operation in operations)
            CheckAnswer(operation, effects.GetValueOrDefault(operation), timeline, problems);
        CheckOrder(operations, effects, problems);
        return problems;
    }

    /// <summary>Which write made which change.</summary>
    private static Dictionary<Operation, Change> Match(IReadOnlyList<Operation> operations, IReadOnlyList<Change> changes, List<string> problems)
    {
        var puts = operations.Where(o => o.Kind == OperationKind.Put).ToDictionary(o => o.Value);
        var deletions = operations.Where(o => o.Kind == OperationKind.Delete).ToLookup(o => o.Key);
        var effects = new Dictionary<Operation, Change>(ReferenceEqualityComparer.Instance);
        var last = new Dictionary<string, long>();
        foreach (var change in changes)
        {
            Operation? author;
            if (change.IsDeletion)
            {
                var candidates = deletions[change.Key].Where(o => o.Expected == last.GetValueOrDefault(change.Key) && !effects.ContainsKey(o)).ToList();
                author = candidates.Find(o => o.Outcome == Outcome.Succeeded && o.Revision == change.Revision) ?? candidates.Find(o => o.Outcome == Outcome.Unknown);
            }
            else
            {
                author = puts.GetValueOrDefault(change.Value);
            }

            last[change.Key] = change.Revision;
            if (author is null || author.Key != change.Key)
                problems.Add($"nobody made this change: {change}");
            else if (author.Outcome is Outcome.Refused or Outcome.Nothing)
                problems.Add($"{author}: but it happened: {change}");
            else if (!effects.TryAdd(author, change))
                problems.Add($"{author}: happened twice, again in {change}");
        }

        return effects;
    }

    private static void CheckAnswer(Operation operation, Change? effect, Timeline timeline, List<string> problems)
    {
        if (effect is not null && timeline.ModRevisionBefore(effect) is var before && before != operation.Expected)
            problems.Add($"{operation}: took effect in {effect} on version {before}");
        switch (operation.Outcome)
        {
            case Outcome.Succeeded when operation.IsWrite:
                if (effect is null)
                    problems.Add($"{operation}: no such change");
                else if (effect.Revision != operation.Revision)
                    problems.Add($"{operation}: the change is {effect}");
                break;
            case Outcome.Refused when timeline.At(operation.Key, operation.Revision)?.ModRevision.Equals(operation.Expected) == true:
                problems.Add($"{operation}: refused though the condition held");
                break;
            case Outcome.Refused or Outcome.Succeeded:
                var expected = operation.Kind == OperationKind.Range ? timeline.AllAt(operation.Revision) : timeline.At(operation.Key, operation.Revision) is { } one ? [one] : [];
                if (!expected.SequenceEqual(operation.State))
                    problems.Add($"{operation}: the state at {operation.Revision} was {string.Join("; ", expected)}");
                break;
        }
    }

    /// <summary>What was over before something else began must not come after it.</summary>
    private static void CheckOrder(IReadOnlyList<Operation> operations, Dictionary<Operation, Change> effects, List<string> problems)
    {
        var over = operations.Where(o => o.Outcome is Outcome.Succeeded or Outcome.Refused).OrderBy(o => o.Returned).ToList();
        var next = 0;
        Operation? latest = null;
        foreach (var operation in operations.OrderBy(o => o.Invoked))
        {
            for (; next < over.Count && over[next].Returned < operation.Invoked; next++)
            {
                if (latest is null || over[next].Revision > latest.Revision)
                    latest = over[next];
            }

            if (latest is null)
                continue;
            if (effects.GetValueOrDefault(operation) is { } effect)
            {
                if (effect.Revision <= latest.Revision)
                    problems.Add($"{operation}: took effect at {effect.Revision}, but before it was asked for there was the answer to {latest}");
            }
            else if (operation.Outcome is Outcome.Succeeded or Outcome.Refused && operation.Revision < latest.Revision)
            {
                problems.Add($"{operation}: is of an older state than what had been answered before: {latest}");
            }
        }
    }

    /// <summary>The state at every revision, by what changed.</summary>
    private sealed class Timeline
    {
        private readonly Dictionary<string, List<(long Revision, Seen? State)>> _states = new(StringComparer.Ordinal);

        public Timeline(IReadOnlyList<Change> changes, long start, List<string> problems)
        {
            var previous = start;
            foreach (var change in changes)
            {
                if (change.Revision <= previous)
                    problems.Add($"the watch went from revision {previous} to {change}");
                previous = change.Revision;
                var states = _states.TryGetValue(change.Key, out var known) ? known : _states[change.Key] = [];
                var before = states.Count > 0 ? states[^1].State : null;
                if (change.IsDeletion)
                {
                    if (before is null)
                        problems.Add($"a deletion of what is not there: {change}");
                    states.Add((change.Revision, null));
                    continue;
                }

                var state = before is null
                    ? new Seen(change.Key, change.Value, change.Revision, change.Revision, 1)
                    : before with { Value = change.Value, ModRevision = change.Revision, Version = before.Version + 1 };
                if (state.CreateRevision != change.CreateRevision || state.Version != change.Version)
                    problems.Add($"{change}: comes after {before}");
                states.Add((change.Revision, state));
            }
        }

        public Seen? At(string key, long revision)
        {
            if (!_states.TryGetValue(key, out var states))
                return null;
            var index = states.FindLastIndex(s => s.Revision <= revision);
            return index < 0 ? null : states[index].State;
        }

        public IReadOnlyList<Seen> AllAt(long revision) => [.. _states.Keys.Order(StringComparer.Ordinal).Select(key => At(key, revision)).OfType<Seen>()];

        public long ModRevisionBefore(Change change) => At(change.Key, change.Revision - 1)?.ModRevision ?? 0;
    }
}
