using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Admission;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Authorization;
using KubeSharp.ApiServer.Bootstrap;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Encryption;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Endpoints.Discovery;
using KubeSharp.ApiServer.Endpoints.Handlers;
using KubeSharp.ApiServer.Endpoints.Health;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Serving;
using KubeSharp.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ApiServer;

/// <summary>
/// The API server as one object: <see cref="Build"/> news up its parts in order, <see cref="StartAsync"/> opens the
/// port and runs the post-start hooks, disposal stops everything.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping = new();
    private readonly LifecycleSignals _lifecycle;
    private readonly PostStartHooks _hooks;
    private readonly PreShutdownHooks _preShutdown;
    private readonly TimeProvider _time;
    private readonly Lock _shutdownLock = new();
    private Task? _shutdown;
    private readonly ListReader _reader;
    private readonly WriteFlow _flow;
    private readonly AuthorizerChain _authorization;
    private readonly EncryptionAtRest _encryption;
    private readonly StorageBackends _backends;
    private readonly List<Task> _running = [];

    private ApiServer(
        ApiServerOptions options, ServerCertificates certificates, WebApplication application, StorageBackends backends, ServedResources resources, LifecycleSignals lifecycle,
        PostStartHooks hooks, PreShutdownHooks preShutdown, AuthorizerChain authorization, EncryptionAtRest encryption, ListReader reader, WriteFlow flow, TimeProvider time)
    {
        (_lifecycle, _preShutdown, _time) = (lifecycle, preShutdown, time);
        Options = options;
        Certificates = certificates;
        _application = application;
        _backends = backends;
        Resources = resources;
        _hooks = hooks;
        _authorization = authorization;
        _encryption = encryption;
        _reader = reader;
        _flow = flow;
    }

    public ApiServerOptions Options { get; }

    public ServerCertificates Certificates { get; }

    /// <summary>The feed of the main store.</summary>
    public StoreFeed Feed => _backends.Main.Feed;

    public ServedResources Resources { get; }

    public UnionAuthorizer Authorizer => _authorization.Authorizer;

    /// <summary>The API for a component in this process.</summary>
    /// <param name="name">The user that its writes are recorded for, <c>system:kube-scheduler</c>.</param>
    public Client.InProcessClient CreateClient(string name) =>
        new(Resources, _reader, _flow, new UserInfo(name, "", [UserInfo.PrivilegedGroup, UserInfo.AllAuthenticated]));

    /// <summary>Puts the server together; nothing runs yet.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="store">The store, opened by the caller and closed by him after this server.</param>
    /// <param name="time">The clock.</param>
    /// <param name="configureLogging">Where logs go.</param>
    /// <param name="overrides">The stores of <see cref="EtcdOptions.OverrideServers"/>, opened and closed by the caller too.</param>
    /// <exception cref="FormatException">The encryption configuration is not valid.</exception>
    public static ApiServer Build(ApiServerOptions options, IRevisionedStore store, TimeProvider time, Action<ILoggingBuilder> configureLogging, IReadOnlyList<IRevisionedStore>? overrides = null)
    {
        // 1. Keys and the host.
        var certificates = ServerCertificates.Prepare(options, time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        configureLogging(builder.Logging);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => KestrelConfiguration.Apply(kestrel, options, certificates));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.RequestTimeout);
        var lifecycle = new LifecycleSignals();
        var hooks = new PostStartHooks(time);
        var preShutdown = new PreShutdownHooks();
        var encryption = EncryptionAtRest.Load(options, time, configureLogging);
        var monitored = new MonitoredStore(store, time);
        store = monitored;
        List<MonitoredStore> others = [.. (overrides ?? []).Select(other => new MonitoredStore(other, time))];
        var health = HealthCheckTable.Register(builder.Services, hooks, lifecycle, store, others, options.Etcd, encryption);
        var application = builder.Build();
        var loggers = application.Services.GetRequiredService<ILoggerFactory>();

        // 2. Storage, caches, registry.
        var backends = new StorageBackends(monitored, others, options.Etcd, time, loggers);
        var feed = backends.Main.Feed;
        var defaulter = new Defaulter();
        var resources = RegistryBuilder.Build(options, backends, encryption, defaulter, time);

        // 3. Who and whether.
        var authentication = AuthenticatorChain.Build(options, certificates, resources, time);
        var authorization = AuthorizerChain.Build(options, resources);

        // 4. Admission and verbs.
        var admission = AdmissionPlugins.Build(options, resources, authorization, time);
        var flow = new WriteFlow(admission, defaulter, new ResourceFieldManagers(resources), time);
        var reader = new ListReader();
        var verbs = new VerbHandlers(reader, flow, lifecycle, options.MinRequestTimeout, time);

        SubresourceHandlers.Register(verbs, flow, authentication, authorization, options, certificates, time);

        // 5. Everything that is no resource.
        var documents = new DiscoveryDocuments(resources);
        var address = $"{ServerCertificates.Host(options.PublicAddress)}:{options.SecurePort}";
        var nonResources = new NonResourceRouter(
            new DiscoveryHandler(documents, address),
            documents,
            new HealthHandler(application.Services.GetRequiredService<HealthCheckService>(), health, loggers.CreateLogger<HealthHandler>()),
            [.. NonResourceHandlers.Build(resources, [new Endpoints.OpenApi.CustomResourceContributor(resources)], time), new OpenIdMetadataHandler(options, certificates.TokenKeys, address)]);
        var pipeline = new RequestPipeline(
            options, lifecycle, authentication.Authenticator, new Authentication.Impersonation.Impersonator(authorization.Authorizer), authorization.Authorizer,
            nonResources, new ResourceRouter(resources, verbs), time, loggers.CreateLogger<RequestPipeline>());
        application.UseWebSockets();
        application.Run(pipeline.InvokeAsync);

        // 6. What a new cluster needs.
        Client.InProcessClient ClientOf(string name) => new(resources, reader, flow, new UserInfo(name, "", [UserInfo.PrivilegedGroup, UserInfo.AllAuthenticated]));
        var loopback = ClientOf("kube-apiserver");
        for (var i = 0; i < backends.All.Count; i++)
        {
            var backend = backends.All[i].Store;
            var cluster = store.IsLocal ? "embedded" : $"etcd-{i}";
            var compaction = new CompactionRounds(backend);
            if (options.Etcd.CompactionInterval > TimeSpan.Zero)
                hooks.AddPeriodic($"{cluster}-compaction", options.Etcd.CompactionInterval, async token => await compaction.RunAsync(token).ConfigureAwait(false));
            if (options.Etcd.DbMetricPollInterval > TimeSpan.Zero)
                hooks.AddPeriodic($"{cluster}-db-metric", options.Etcd.DbMetricPollInterval, token => StorageMetrics.UpdateSizeAsync(backend, cluster, token));
        }

        ServiceAllocationHooks.Register(hooks, options, resources, store, encryption, loopback, time);
        BootstrapHooks.Register(hooks, preShutdown, options, resources, flow, KubernetesServiceController.Create(options, store, encryption, loopback, time));
        BootstrapHooks.RegisterControllers(hooks, options, certificates, ClientOf, time);
        BootstrapHooks.RegisterIdentity(hooks, preShutdown, new IdentityLeaseController(loopback, ApiServerIdentity.OfThisHost(), System.Net.Dns.GetHostName(), time));
        ApiExtensions.ApiExtensionsHooks.Register(hooks, resources, store, feed, encryption, loopback, time, loggers);
        FlowControl.FlowControlHooks.Register(hooks, ClientOf, time, loggers);
        if (options.AuthorizationModes.Contains("RBAC"))
            hooks.Add("rbac/bootstrap-roles", new Authorization.Rbac.PolicyReconciler(loopback).ReconcileAsync);
        if (encryption.IsReloadable)
            EncryptionReloadController.Register(hooks, encryption, [.. backends.All.Select(b => b.Feed)], time, loggers);
        return new ApiServer(options, certificates, application, backends, resources, lifecycle, hooks, preShutdown, authorization, encryption, reader, flow, time);
    }

    /// <summary>Fills the caches, opens the port, runs the hooks. Returns when requests are answered; hooks may still run.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _encryption.StartAsync(cancellationToken).ConfigureAwait(false);
        foreach (var backend in _backends.All)
            _running.Add(backend.Feed.RunAsync(_stopping.Token));
        await Task.WhenAll(_backends.All.Select(backend => backend.Feed.Synced)).WaitAsync(cancellationToken).ConfigureAwait(false);
        _running.Add(_authorization.RunAsync(_stopping.Token));
        await _application.StartAsync(cancellationToken).ConfigureAwait(false);
        _running.Add(_hooks.RunAsync(_application.Services.GetRequiredService<ILoggerFactory>().CreateLogger<PostStartHooks>(), _stopping.Token));
    }

    /// <summary>Completes when all post-start hooks have.</summary>
    public Task Ready => _hooks.Completed;

    /// <summary>
    /// Stops as upstream does: not ready any more, then (when the delay is over and others know that this server goes) no new requests,
    /// an answer to all that are under way, an orderly end of watches.
    /// Source: RunWithContext in apiserver/pkg/server/genericapiserver.go, v1.36.
    /// </summary>
    /// <param name="hurry">Cuts the delay and the waits short.</param>
    public Task ShutdownAsync(CancellationToken hurry)
    {
        lock (_shutdownLock)
            return _shutdown ??= StopServingAsync(Options.ShutdownDelayDuration, hurry);
    }

    /// <summary>Stops without the delay unless it has been stopped before, and lets go of everything.</summary>
    public async ValueTask DisposeAsync()
    {
        Task shutdown;
        lock (_shutdownLock)
            shutdown = _shutdown ??= StopServingAsync(TimeSpan.Zero, CancellationToken.None);
        await shutdown.ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _encryption.DisposeAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _lifecycle.Dispose();
        _stopping.Dispose();
    }

    private async Task StopServingAsync(TimeSpan delay, CancellationToken hurry)
    {
        _lifecycle.InitiateShutdown();
        var delayed = Task.Delay(delay, _time, hurry);
        // A server that never was ready has told nobody of itself.
        if (Ready.IsCompletedSuccessfully)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(hurry);
            limit.CancelAfter(PreShutdownLimit);
            await _preShutdown.RunAsync(_application.Services.GetRequiredService<ILoggerFactory>().CreateLogger<PreShutdownHooks>(), limit.Token).ConfigureAwait(false);
        }

        await delayed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lifecycle.StopAcceptingRequests();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        ending.CancelAfter(Options.RequestTimeout);
        var watches = _lifecycle.EndWatchesAsync(Options.ShutdownWatchTerminationGracePeriod, _time, ending.Token);
        // Who is to be told to ask somebody else must be able to ask until the last answer is out.
        if (Options.ShutdownSendRetryAfter)
            await Task.WhenAll(watches, _lifecycle.InFlightRequestsDrained.WaitAsync(ending.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _application.StopAsync(ending.Token).ConfigureAwait(false);
        await watches.ConfigureAwait(false);
    }

    /// <summary>Upstream waits twice the interval of the endpoints' reconciliation.</summary>
    private static readonly TimeSpan PreShutdownLimit = TimeSpan.FromSeconds(20);
}
