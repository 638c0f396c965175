using KubeSharp.ApiServer.Bootstrap.Reconcilers;
using KubeSharp.Storage;
using KubeSharp.Storage.Encryption;
using KubeSharp.Storage.Sqlite;
using KubeSharp.Storage.Tests;

namespace KubeSharp.ApiServer.Tests.Bootstrap;

public sealed class MasterLeasesTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("kubesharp-test-").FullName;
    private readonly SqliteStore _store;
    private readonly MasterLeases _leases;

    public MasterLeasesTests()
    {
        _store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(_directory, "store.db"), TimeProvider = _time });
        _leases = new MasterLeases(_store, IdentityTransformer.Instance, TimeSpan.FromSeconds(15));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task The_bytes_are_kube_apiservers()
    {
        for (var i = 0; i < 56; i++)
            await _leases.UpdateAsync("127.0.0.1", Stop);

        // As kube-apiserver v1.36 had it in etcd after its 56th renewal.
        const string Recorded = "6b3873000a0f0a02763112" + "09456e64706f696e7473" + "1223" + "0a100a0012001a0022002a00320038384200" + "120f0a0d0a093132372e302e302e311a00" + "1a002200";
        Assert.Equal(Recorded, Convert.ToHexStringLower((await _store.GetAsync("/registry/masterleases/127.0.0.1", 0, Stop)).KeyValue!.Value.Span));
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends()
    {
        await _leases.UpdateAsync("10.0.0.2", Stop);
        await _leases.UpdateAsync("10.0.0.1", Stop);
        Assert.Equal(["10.0.0.1", "10.0.0.2"], await _leases.ListAsync(Stop));
        for (var i = 0; i < 2; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await _leases.UpdateAsync("10.0.0.1", Stop);
        }

        while ((await _leases.ListAsync(Stop)).Count > 1)
            await Task.Delay(10, Stop);
        Assert.Equal(["10.0.0.1"], await _leases.ListAsync(Stop));
    }

    [Fact]
    public async Task A_lease_can_be_given_back_once()
    {
        await _leases.UpdateAsync("10.0.0.1", Stop);
        Assert.True(await _leases.RemoveAsync("10.0.0.1", Stop));
        Assert.False(await _leases.RemoveAsync("10.0.0.1", Stop));
        Assert.Empty(await _leases.ListAsync(Stop));
    }

    [Fact]
    public async Task What_is_no_lease_tells_of_no_server()
    {
        await _store.PutAsync("/registry/masterleases/10.0.0.9", 0, "{}"u8.ToArray(), 0, null, Stop);
        await _leases.UpdateAsync("10.0.0.1", Stop);
        Assert.Equal(["10.0.0.1"], await _leases.ListAsync(Stop));

        // And is replaced by one.
        await _leases.UpdateAsync("10.0.0.9", Stop);
        Assert.Equal(["10.0.0.1", "10.0.0.9"], await _leases.ListAsync(Stop));
    }
}
