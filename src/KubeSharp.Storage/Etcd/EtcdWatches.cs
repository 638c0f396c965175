using Etcdserverpb;
using Grpc.Core;

namespace KubeSharp.Storage.Etcd;

/// <summary>The open watch streams, so that progress can be asked of all. Safe for concurrent use.</summary>
internal sealed class EtcdWatches : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Open> _open = [];
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Ends when the store is disposed of.</summary>
    public CancellationToken Closed => _closed.Token;

    public Open Add(IClientStreamWriter<WatchRequest> requests)
    {
        var open = new Open(requests);
        lock (_gate)
            _open.Add(open);
        return open;
    }

    public void Remove(Open open)
    {
        lock (_gate)
            _open.Remove(open);
        open.Dispose();
    }

    public async ValueTask RequestProgressAsync(CancellationToken cancellationToken)
    {
        Open[] open;
        lock (_gate)
            open = [.. _open];
        foreach (var stream in open)
            await stream.RequestProgressAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        _closed.Dispose();
    }

    /// <summary>One stream's requests, of which gRPC takes one at a time.</summary>
    internal sealed class Open(IClientStreamWriter<WatchRequest> requests) : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1, 1);
        private volatile bool _created;

        /// <summary>The watch exists at the server: from now on there is something to report.</summary>
        public void Created() => _created = true;

        public Task CreateAsync(WatchCreateRequest request, CancellationToken cancellationToken) => requests.WriteAsync(new WatchRequest { CreateRequest = request }, cancellationToken);

        public async ValueTask RequestProgressAsync(CancellationToken cancellationToken)
        {
            if (!_created)
                return;
            try
            {
                await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    await requests.WriteAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() }, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    _turn.Release();
                }
            }
            catch (Exception exception) when (exception is RpcException or InvalidOperationException or ObjectDisposedException)
            {
                // The stream is ending; its watch opens another, which reports by itself.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        public void Dispose() => _turn.Dispose();
    }
}
