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
    private readonly PostStartHooks _hooks;
    private readonly ListReader _reader;
    private readonly WriteFlow _flow;
    private readonly AuthorizerChain _authorization;
    private readonly EncryptionAtRest _encryption;
    private readonly List<Task> _running = [];

    private ApiServer(ApiServerOptions options, ServerCertificates certificates, WebApplication application, StoreFeed feed, ServedResources resources, PostStartHooks hooks, AuthorizerChain authorization, EncryptionAtRest encryption, ListReader reader, WriteFlow flow)
    {
        Options = options;
        Certificates = certificates;
        _application = application;
        Feed = feed;
        Resources = resources;
        _hooks = hooks;
        _authorization = authorization;
        _encryption = encryption;
        _reader = reader;
        _flow = flow;
    }

    public ApiServerOptions Options { get; }

    public ServerCertificates Certificates { get; }

    public StoreFeed Feed { get; }

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
    /// <exception cref="FormatException">The encryption configuration is not valid.</exception>
    public static ApiServer Build(ApiServerOptions options, IRevisionedStore store, TimeProvider time, Action<ILoggingBuilder> configureLogging)
    {
        // 1. Keys and the host.
        var certificates = ServerCertificates.Prepare(options, time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        configureLogging(builder.Logging);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => KestrelConfiguration.Apply(kestrel, options, certificates));
        var hooks = new PostStartHooks(time);
        var encryption = EncryptionAtRest.Load(options, time, configureLogging);
        var health = HealthCheckTable.Register(builder.Services, hooks, store, options.Etcd.HealthcheckTimeout, encryption);
        var application = builder.Build();
        var loggers = application.Services.GetRequiredService<ILoggerFactory>();

        // 2. Storage, caches, registry.
        var feed = new StoreFeed(store, time, loggers.CreateLogger<StoreFeed>());
        var resources = RegistryBuilder.Build(options, store, feed, encryption, time);

        // 3. Who and whether.
        var authentication = AuthenticatorChain.Build(options, certificates, resources, time);
        var authorization = AuthorizerChain.Build(options, resources);

        // 4. Admission and verbs.
        var admission = AdmissionPlugins.Build(options, resources, authorization, time);
        var flow = new WriteFlow(admission, new Defaulter(), new ResourceFieldManagers(resources), time);
        var reader = new ListReader(store);
        var verbs = new VerbHandlers(reader, flow, time);

        SubresourceHandlers.Register(verbs, flow, authentication, authorization, options, certificates, time);

        // 5. Everything that is no resource.
        var documents = new DiscoveryDocuments(resources);
        var address = $"{ServerCertificates.Host(options.PublicAddress)}:{options.SecurePort}";
        var nonResources = new NonResourceRouter(
            new DiscoveryHandler(documents, address),
            documents,
            new HealthHandler(application.Services.GetRequiredService<HealthCheckService>(), health, loggers.CreateLogger<HealthHandler>()),
            [.. NonResourceHandlers.Build(resources, [new Endpoints.OpenApi.CustomResourceContributor(resources)], time), new OpenIdMetadataHandler(options, certificates.TokenKeys, address)]);
        var pipeline = new RequestPipeline(authentication.Authenticator, new Authentication.Impersonation.Impersonator(authorization.Authorizer), authorization.Authorizer, nonResources, new ResourceRouter(resources, verbs), loggers.CreateLogger<RequestPipeline>());
        application.UseWebSockets();
        application.Run(pipeline.InvokeAsync);

        // 6. What a new cluster needs.
        Client.InProcessClient ClientOf(string name) => new(resources, reader, flow, new UserInfo(name, "", [UserInfo.PrivilegedGroup, UserInfo.AllAuthenticated]));
        var loopback = ClientOf("kube-apiserver");
        if (options.Etcd.CompactionInterval > TimeSpan.Zero)
        {
            var compaction = new CompactionRounds(store);
            hooks.AddPeriodic("etcd-compaction", options.Etcd.CompactionInterval, async token => await compaction.RunAsync(token).ConfigureAwait(false));
        }

        ServiceAllocationHooks.Register(hooks, options, resources, store, encryption, loopback, time);
        BootstrapHooks.Register(hooks, options, resources, flow);
        ApiExtensions.ApiExtensionsHooks.Register(hooks, resources, store, feed, encryption, loopback, time, loggers);
        FlowControl.FlowControlHooks.Register(hooks, ClientOf, time, loggers);
        if (options.AuthorizationModes.Contains("RBAC"))
            hooks.Add("rbac/bootstrap-roles", new Authorization.Rbac.PolicyReconciler(loopback).ReconcileAsync);
        if (encryption.IsReloadable)
            EncryptionReloadController.Register(hooks, encryption, feed, time, loggers);
        return new ApiServer(options, certificates, application, feed, resources, hooks, authorization, encryption, reader, flow);
    }

    /// <summary>Fills the caches, opens the port, runs the hooks. Returns when requests are answered; hooks may still run.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _encryption.StartAsync(cancellationToken).ConfigureAwait(false);
        _running.Add(Feed.RunAsync(_stopping.Token));
        await Feed.Synced.WaitAsync(cancellationToken).ConfigureAwait(false);
        _running.Add(_authorization.RunAsync(_stopping.Token));
        await _application.StartAsync(cancellationToken).ConfigureAwait(false);
        _running.Add(_hooks.RunAsync(_application.Services.GetRequiredService<ILoggerFactory>().CreateLogger<PostStartHooks>(), _stopping.Token));
    }

    /// <summary>Completes when all post-start hooks have.</summary>
    public Task Ready => _hooks.Completed;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _application.StopAsync(limit.Token).ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _encryption.DisposeAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }
}
