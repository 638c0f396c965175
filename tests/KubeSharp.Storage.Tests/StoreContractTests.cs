using System.Text;

namespace KubeSharp.Storage.Tests;

/// <summary>Opens a store of one kind on a fresh place, for the tests that every kind must pass.</summary>
public interface IStoreFactory : IAsyncDisposable
{
    IRevisionedStore Store { get; }

    /// <summary>Lets time pass, for the store's leases and timers.</summary>
    Task PassAsync(TimeSpan time);
}

/// <summary>What etcd promises (etcd.io/docs/v3.6/learning/api_guarantees, api); subclasses name a store.</summary>
public abstract partial class StoreContractTests : IAsyncLifetime
{
    private IStoreFactory _factory = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected IRevisionedStore Store => _factory.Store;

    protected Task PassAsync(TimeSpan time) => _factory.PassAsync(time);

    protected abstract ValueTask<IStoreFactory> OpenAsync();

    public async ValueTask InitializeAsync() => _factory = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>key=value@create/mod/version#lease</summary>
    protected static string Show(KeyValue? kv) => kv == null
        ? "none"
        : $"{kv.Key}={Text(kv.Value)}@{kv.CreateRevision}/{kv.ModRevision}/{kv.Version}{(kv.Lease == 0 ? "" : "#")}";

    protected static string Show(WatchBatch batch) => batch.Events.Count == 0
        ? $"progress {batch.Revision}"
        : $"{batch.Revision}: " + string.Join(", ", batch.Events.Select(e =>
            $"{(e.Type == StoreEventType.Delete ? "delete" : e.IsCreate ? "create" : "update")} {Show(e.KeyValue)} was {Show(e.Previous)}"));

    protected async Task<long> PutAsync(string key, string value, long expected = 0, long lease = 0, object? attachment = null)
    {
        var result = await Store.PutAsync(key, expected, Bytes(value), lease, attachment, Stop);
        Assert.True(result.Succeeded, $"put {key} expecting {expected}: {Show(result.Current)}");
        return result.Revision;
    }

    protected async Task<long> DeleteAsync(string key, long expected)
    {
        var result = await Store.DeleteAsync(key, expected, Stop);
        Assert.True(result.Succeeded);
        return result.Revision;
    }

    protected async Task<string> GetAsync(string key, long revision = 0) => Show((await Store.GetAsync(key, revision, Stop)).KeyValue);

    protected async Task<string> RangeAsync(RangeRequest request)
    {
        var result = await Store.RangeAsync(request, Stop);
        return string.Join(" ", result.Items.Select(item => item.Key)) + $" count={result.Count} more={result.More}";
    }

    /// <summary>The next batches of a watch, progress left out unless asked for.</summary>
    protected static async Task<List<string>> TakeAsync(IAsyncEnumerator<WatchBatch> watch, int count, bool progress = false)
    {
        var batches = new List<string>();
        while (batches.Count < count && await watch.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Stop))
        {
            if (progress || watch.Current.Events.Count > 0)
                batches.Add(Show(watch.Current));
        }
        return batches;
    }

    protected IAsyncEnumerator<WatchBatch> Watch(string prefix, long from = 0) => Store.WatchAsync(prefix, from, Stop).GetAsyncEnumerator(Stop);
}
