using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Serving;
using KubeSharp.Storage.Encryption;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer.Encryption;

/// <summary>
/// The encryption configuration that is in force, and the change to another one while requests go on.
/// Source: DynamicTransformers in apiserver/pkg/server/options/encryptionconfig/config.go and
/// maybeApplyResourceTransformers in apiserver/pkg/server/options/etcd.go, v1.36. Safe for concurrent use; one caller replaces.
/// </summary>
public sealed class EncryptionAtRest : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _closing = [];
    private Active? _active;

    private EncryptionAtRest(ApiServerOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        Path = options.EncryptionProviderConfig;
        IsReloadable = options.EncryptionProviderConfigAutomaticReload;
        PollInterval = options.EncryptionConfigPollInterval;
        Metrics = new EncryptionMetrics(ApiServerIdentity.OfThisHost(), time);
        _time = time;
        _loggers = loggers;
    }

    /// <summary>The configuration's file; empty: nothing is encrypted.</summary>
    public string Path { get; }

    /// <summary>Whether the file is read again when it changes.</summary>
    public bool IsReloadable { get; }

    public TimeSpan PollInterval { get; }

    public EncryptionMetrics Metrics { get; }

    /// <summary>Whether there is anything to check; with reload there is always, because a service may come.</summary>
    public bool HasHealthCheck => IsReloadable || Current is { Probes.Count: > 0 };

    /// <summary>The configuration in force, null for none.</summary>
    public EncryptionProviders? Current => Volatile.Read(ref _active)?.Providers;

    private EncryptionEnvironment Environment => new(Metrics, _time, _loggers.CreateLogger<EncryptionProviders>());

    /// <summary>Reads the configuration that the options name, if any.</summary>
    /// <exception cref="FormatException">What is wrong with it, in upstream's words.</exception>
    public static EncryptionAtRest Load(ApiServerOptions options, TimeProvider time, Action<ILoggingBuilder> configureLogging)
    {
#pragma warning disable CA2000 // Owned by the result.
        var encryption = new EncryptionAtRest(options, time, LoggerFactory.Create(configureLogging));
#pragma warning restore CA2000
        if (encryption.Path.Length > 0)
        {
            var providers = encryption.Read();
            encryption._active = new Active(providers);
            encryption.Metrics.ConfigurationApplied(providers.ContentHash);
        }

        return encryption;
    }

    /// <summary>The file as it is now; nothing is in force yet.</summary>
    /// <exception cref="FormatException">What is wrong with it.</exception>
    public EncryptionProviders Read() => EncryptionProviders.Load(Path, IsReloadable, Environment);

    /// <summary>What seals and opens the values of a resource, whatever configuration is in force at the time.</summary>
    public IValueTransformer TransformerFor(GroupResource resource) =>
        Path.Length == 0 ? IdentityTransformer.Instance : new ResourceTransformer(this, resource);

    /// <summary>How the key management services are: null for well.</summary>
    public async Task<string?> CheckAsync(CancellationToken cancellationToken) =>
        Current is { } providers ? await providers.CheckAsync(cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Asks the key management services for the first time and watches over them from then on. One that does not answer
    /// is no reason not to start.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_active is not { } active)
            return;
        await active.Providers.CheckAsync(cancellationToken).ConfigureAwait(false);
        active.Start(_stopping.Token);
    }

    /// <summary>Puts another configuration in force. The one before is closed when calls under way have ended.</summary>
    public void Replace(EncryptionProviders providers)
    {
        var active = new Active(providers);
        active.Start(_stopping.Token);
        var before = Interlocked.Exchange(ref _active, active);
        _closing.RemoveAll(static task => task.IsCompleted);
        if (before is not null)
            _closing.Add(CloseAsync(before));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_active is { } active)
            await active.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _loggers.Dispose();
    }

    private async Task CloseAsync(Active before)
    {
        await Task.Delay(before.Providers.CloseGracePeriod, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await before.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A configuration in force, with the loops that watch over its services.</summary>
    private sealed class Active(EncryptionProviders providers) : IAsyncDisposable
    {
        private CancellationTokenSource? _stopping;
        private Task _running = Task.CompletedTask;

        public EncryptionProviders Providers { get; } = providers;

        public void Start(CancellationToken stopping)
        {
            _stopping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            _running = Providers.RunAsync(_stopping.Token);
        }

        public async ValueTask DisposeAsync()
        {
            if (_stopping is not null)
                await _stopping.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stopping?.Dispose();
            Providers.Dispose();
        }
    }

    private sealed class ResourceTransformer(EncryptionAtRest owner, GroupResource resource) : IValueTransformer
    {
        private IValueTransformer Transformer => owner.Current?.For(resource) ?? IdentityTransformer.Instance;

        public ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken) =>
            Transformer.FromStorageAsync(stored, context, cancellationToken);

        public ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken) =>
            Transformer.ToStorageAsync(plain, context, cancellationToken);
    }
}
