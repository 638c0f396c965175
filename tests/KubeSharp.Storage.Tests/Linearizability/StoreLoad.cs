using System.Text;

namespace KubeSharp.Storage.Tests.Linearizability;

/// <summary>Clients that read and write a few keys at random, and write down what they asked and heard.</summary>
/// <param name="store">The store to ask next; another one after a restart.</param>
/// <param name="seed">Of all choices.</param>
internal sealed class StoreLoad(Func<IRevisionedStore> store, int seed)
{
    public const string Prefix = "/lin/";

    private const int Keys = 4;

    public History History { get; } = new();

    /// <summary>Runs the clients.</summary>
    /// <param name="clients">How many.</param>
    /// <param name="operations">How many operations each, at most.</param>
    /// <param name="until">Ends the load.</param>
    public Task RunAsync(int clients, int operations, CancellationToken until) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(
            async () =>
            {
                var random = new Random(unchecked((seed * 31) + client));
                var known = new Dictionary<string, long>(StringComparer.Ordinal);
                for (var i = 0; i < operations && !until.IsCancellationRequested; i++)
                    await StepAsync(client, i, random, known);
            },
            CancellationToken.None)));

    /// <summary>All changes from a revision on up to the newest, as a watch reports them.</summary>
    public static async Task<List<Change>> ReadChangesAsync(IRevisionedStore store, long start, CancellationToken cancellationToken)
    {
        // One change more ends the watch.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                // A refusal means that one whose outcome was not known did it.
                await store.PutAsync($"{Prefix}end", 0, Encoding.UTF8.GetBytes("end"), 0, null, cancellationToken);
                break;
            }
            catch (StoreUnavailableException) when (attempt < 100)
            {
                // The cluster may still be looking for a leader.
                await Task.Delay(100, cancellationToken);
            }
        }

        var changes = new List<Change>();
        await foreach (var batch in store.WatchAsync(Prefix, start + 1, cancellationToken))
        {
            foreach (var change in batch.Events)
            {
                if (change.KeyValue.Key == $"{Prefix}end")
                    return changes;
                changes.Add(ChangeOf(change));
            }
        }

        throw new InvalidOperationException("The watch ended.");
    }

    public static Change ChangeOf(StoreEvent change) => new(
        change.KeyValue.ModRevision, change.KeyValue.Key, change.Type == StoreEventType.Delete,
        change.Type == StoreEventType.Delete ? "" : Encoding.UTF8.GetString(change.KeyValue.Value.Span),
        change.Type == StoreEventType.Delete ? 0 : change.KeyValue.CreateRevision, change.Type == StoreEventType.Delete ? 0 : change.KeyValue.Version);

    private async Task StepAsync(int client, int step, Random random, Dictionary<string, long> known)
    {
        var key = $"{Prefix}{random.Next(Keys)}";
        // Mostly what was seen last, which others may have changed; sometimes a guess.
        var expected = random.Next(10) == 0 ? 0 : known.GetValueOrDefault(key);
        var kind = random.Next(10) switch { < 5 => OperationKind.Put, < 7 => OperationKind.Delete, < 9 => OperationKind.Get, _ => OperationKind.Range };
        if (kind == OperationKind.Delete && expected == 0)
            kind = OperationKind.Get;
        var value = kind == OperationKind.Put ? $"{client}-{step}" : "";
        var invoked = History.Tick();
        var (outcome, revision, state) = await AskAsync(kind, key, expected, value);
        var operation = new Operation(client, kind, key, expected, value, invoked, History.Tick(), outcome, revision, state);
        History.Add(operation);
        if (outcome is Outcome.Unknown or Outcome.Nothing)
            await Task.Delay(10);
        else if (operation.IsWrite && outcome == Outcome.Succeeded)
            known[key] = kind == OperationKind.Delete ? 0 : revision;
        else
            known[key] = state.FirstOrDefault(seen => seen.Key == key)?.ModRevision ?? 0;
    }

    private async Task<(Outcome Outcome, long Revision, IReadOnlyList<Seen> State)> AskAsync(OperationKind kind, string key, long expected, string value)
    {
        // An answer that takes longer is not waited for.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        try
        {
            switch (kind)
            {
                case OperationKind.Get:
                    var read = await store().GetAsync(key, 0, patience.Token);
                    return (Outcome.Succeeded, read.Revision, Of(read.KeyValue));
                case OperationKind.Range:
                    var range = await store().RangeAsync(RangeRequest.Prefix(Prefix), patience.Token);
                    return (Outcome.Succeeded, range.Revision, [.. range.Items.SelectMany(Of)]);
                default:
                    var result = kind == OperationKind.Put
                        ? await store().PutAsync(key, expected, Encoding.UTF8.GetBytes(value), 0, null, patience.Token)
                        : await store().DeleteAsync(key, expected, patience.Token);
                    return result.Succeeded ? (Outcome.Succeeded, result.Revision, []) : (Outcome.Refused, result.Revision, Of(result.Current));
            }
        }
        catch (StoreUnavailableException exception)
        {
            return (exception.NothingChanged ? Outcome.Nothing : Outcome.Unknown, 0, []);
        }
        catch (OperationCanceledException)
        {
            return (Outcome.Unknown, 0, []);
        }
    }

    private static IReadOnlyList<Seen> Of(KeyValue? kv) =>
        kv is null ? [] : [new Seen(kv.Key, Encoding.UTF8.GetString(kv.Value.Span), kv.CreateRevision, kv.ModRevision, kv.Version)];
}
