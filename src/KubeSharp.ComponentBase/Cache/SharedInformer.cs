using System.Diagnostics.CodeAnalysis;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ComponentBase.Client;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>
/// One watch of a resource that many share: a store to read (<see cref="Lister"/>) and handlers that hear of every change,
/// each at its own pace. The store is changed before handlers are told. Follows client-go/tools/cache/shared_informer.go.
/// Differs: a handler far behind slows the watch down instead of queueing without bound.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore makes no wait handle, so there is nothing to give back.")]
public sealed class SharedInformer : IReflectorStore
{
    private readonly Lock _lock = new();

    // One change is stored and told at a time; resyncs go between changes.
    private readonly SemaphoreSlim _changes = new(1, 1);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Reflector _reflector;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<Func<CancellationToken, Task>> _pending = [];
    private readonly List<Task> _loops = [];
    private List<InformerListener> _listeners = [];
    private CancellationToken _running;
    private bool _started;

    public SharedInformer(
        IApiClient client, ResourceRequest resource, ListOptions selection, TimeProvider time, ILogger logger, Random? random = null)
    {
        _time = time;
        _logger = logger;
        _reflector = new Reflector(client, resource, selection, this, time, logger, random);
        Lister = new Lister(Indexer);
    }

    public Indexer Indexer { get; } = new();

    public Lister Lister { get; }

    /// <summary>The store holds the first list. Handlers may still be on their way through it.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>Completes when <see cref="HasSynced"/> becomes true.</summary>
    public Task Synced => _synced.Task;

    /// <summary>No change is being told, and all handlers have heard of those that were.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (_lock)
                return _changes.CurrentCount == 1 && _listeners.TrueForAll(static listener => listener.IsIdle);
        }
    }

    public string LastSyncResourceVersion => _reflector.LastSyncResourceVersion;

    /// <summary>Adds an index to the store; one of this name that exists is kept.</summary>
    public void AddIndexer(string name, IndexFunction function) => Indexer.EnsureIndex(name, function);

    /// <summary>Adds a handler, before or after the start; it hears of what is in the store already as added. With a resync
    /// period it is told of every object as updated each time the period is over.</summary>
    public InformerHandlerRegistration AddHandler(IResourceEventHandler handler, TimeSpan? resyncPeriod = null)
    {
        lock (_lock)
        {
            var listener = new InformerListener(handler, Indexer.List(), HasSynced, _logger);
            _listeners = [.. _listeners, listener];
            Start(listener.RunAsync);
            if (resyncPeriod is { } period && period > TimeSpan.Zero)
                Start(token => ResyncAsync(listener, period, token));
            return new InformerHandlerRegistration(this, listener);
        }
    }

    /// <summary>Lists, watches and tells until cancelled; returns when handlers have returned too. Once only.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_started)
                throw new InvalidOperationException("The informer was started already.");
            _started = true;
            _running = cancellationToken;
            foreach (var start in _pending)
                _loops.Add(Task.Run(() => start(cancellationToken), CancellationToken.None));
            _pending.Clear();
        }

        await _reflector.RunAsync(cancellationToken).ConfigureAwait(false);
        Task[] loops;
        lock (_lock)
            loops = [.. _loops];
        await Task.WhenAll(loops).ConfigureAwait(false);
    }

    async ValueTask IReflectorStore.ReplaceAsync(IReadOnlyList<Map> objects, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            IReadOnlyDictionary<string, Map> old;
            List<InformerListener> listeners;
            var first = !HasSynced;
            lock (_lock)
            {
                old = Indexer.Replace(objects);
                listeners = _listeners;
                _synced.TrySetResult();
            }

            await TellReplacedAsync(listeners, old, objects, first, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changes.Release();
        }
    }

    async ValueTask IReflectorStore.SetAsync(Map obj, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Map? old;
            List<InformerListener> listeners;
            lock (_lock)
            {
                old = Indexer.Set(obj);
                listeners = _listeners;
            }

            foreach (var listener in listeners)
                await listener.SetAsync(old, obj, false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changes.Release();
        }
    }

    async ValueTask IReflectorStore.DeleteAsync(Map obj, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<InformerListener> listeners;
            lock (_lock)
            {
                obj.Freeze();
                if (Indexer.Remove(ObjectMetaAccessor.GetKey(obj)) is null)
                    return;
                listeners = _listeners;
            }

            foreach (var listener in listeners)
                await listener.DeletedAsync(obj, false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changes.Release();
        }
    }

    internal void Remove(InformerListener listener)
    {
        lock (_lock)
            _listeners = [.. _listeners.Where(other => other != listener)];
        listener.Close();
    }

    private static async ValueTask TellReplacedAsync(
        List<InformerListener> listeners, IReadOnlyDictionary<string, Map> old, IReadOnlyList<Map> objects, bool first, CancellationToken cancellationToken)
    {
        var kept = new HashSet<string>(objects.Count, StringComparer.Ordinal);
        foreach (var obj in objects)
        {
            var key = ObjectMetaAccessor.GetKey(obj);
            kept.Add(key);
            old.TryGetValue(key, out var before);
            foreach (var listener in listeners)
                await listener.SetAsync(before, obj, first, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (key, gone) in old)
        {
            if (kept.Contains(key))
                continue;
            foreach (var listener in listeners)
                await listener.DeletedAsync(gone, true, cancellationToken).ConfigureAwait(false);
        }

        foreach (var listener in listeners)
            await listener.EndOfListAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ResyncAsync(InformerListener listener, TimeSpan period, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(period, _time, cancellationToken).ConfigureAwait(false);
                await _changes.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    foreach (var obj in Indexer.List())
                        await listener.SetAsync(obj, obj, false, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    _changes.Release();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    // Runs a loop now, or when the informer starts.
    private void Start(Func<CancellationToken, Task> loop)
    {
        if (_started)
            _loops.Add(Task.Run(() => loop(_running), CancellationToken.None));
        else
            _pending.Add(loop);
    }
}

/// <summary>A handler's place at an informer.</summary>
public sealed class InformerHandlerRegistration
{
    private readonly SharedInformer _informer;
    private readonly InformerListener _listener;

    internal InformerHandlerRegistration(SharedInformer informer, InformerListener listener)
    {
        _informer = informer;
        _listener = listener;
    }

    /// <summary>The handler was told of everything in the first list.</summary>
    public bool HasSynced => _listener.Synced.IsCompletedSuccessfully;

    /// <summary>Completes when <see cref="HasSynced"/> becomes true.</summary>
    public Task Synced => _listener.Synced;

    /// <summary>The handler hears no more, apart from what is queued for it.</summary>
    public void Remove() => _informer.Remove(_listener);
}
