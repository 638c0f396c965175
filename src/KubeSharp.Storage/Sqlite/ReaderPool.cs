using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace KubeSharp.Storage.Sqlite;

/// <summary>At most so many <see cref="RecordReader"/>s, opened when first needed.</summary>
internal sealed class ReaderPool(string path, int size) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(size);
    private readonly ConcurrentBag<RecordReader> _idle = [];
    private volatile bool _closed;

    /// <summary>Runs one read. It blocks its thread for as long as the disk takes, normally microseconds.</summary>
    public async ValueTask<T> ReadAsync<T, TState>(TState state, Func<RecordReader, TState, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_closed)
                throw Closed(path);
            if (!_idle.TryTake(out var reader))
                reader = Open();
            try
            {
                return read(reader, state);
            }
            finally
            {
                _idle.Add(reader);
            }
        }
        finally
        {
            _free.Release();
        }
    }

    public static StoreUnavailableException Closed(string path) => new($"{path}: the store is closed", nothingChanged: true);

    private RecordReader Open()
    {
        try
        {
            return new RecordReader(path);
        }
        catch (SqliteException e)
        {
            throw SqliteFailure.OfRead(path, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        for (var i = 0; i < size; i++)
            await _free.WaitAsync().ConfigureAwait(false);
        while (_idle.TryTake(out var reader))
            reader.Dispose();
        // Those who still wait find the pool closed.
        _free.Release(size);
    }
}
