using KubeSharp.Storage.Etcd;

namespace KubeSharp.Storage.Tests.Etcd;

/// <summary>What every store promises, of etcd itself through ours.</summary>
public sealed class EtcdStoreContractTests : StoreContractTests
{
    protected override async ValueTask<IStoreFactory> OpenAsync()
    {
        var cluster = await EtcdCluster.StartAsync();
        var store = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        // What "from now" is to a watch is known from the first answer on.
        await store.CurrentRevisionAsync(Stop);
        return new Factory(cluster, store);
    }

    private sealed class Factory(EtcdCluster cluster, EtcdStore store) : IStoreFactory
    {
        public IRevisionedStore Store => store;

        /// <summary>etcd's time is the machine's.</summary>
        public Task PassAsync(TimeSpan time) => Task.Delay(time, TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            await store.DisposeAsync();
            await cluster.DisposeAsync();
        }
    }
}
