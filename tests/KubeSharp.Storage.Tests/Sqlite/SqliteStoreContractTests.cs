using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Storage.Tests.Sqlite;

public sealed class SqliteStoreContractTests : StoreContractTests
{
    protected override ValueTask<IStoreFactory> OpenAsync() => new(new Factory());

    private sealed class Factory : IStoreFactory
    {
        private readonly ScratchFolder _folder = new();
        private readonly SqliteStore _store;

        public Factory() => _store = SqliteStore.Open(new SqliteStoreOptions { Path = _folder.Database, TimeProvider = Time });

        public IRevisionedStore Store => _store;

        private ManualTime Time { get; } = new();

        public Task PassAsync(TimeSpan time)
        {
            Time.Advance(time);
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            await _store.DisposeAsync();
            Assert.False(_store.Corruption.IsCompleted);
            _folder.Dispose();
        }
    }
}
