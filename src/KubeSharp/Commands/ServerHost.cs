using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using KubeSharp.ApiServer.Options;
using KubeSharp.Storage;
using KubeSharp.Storage.Migration;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Commands;

/// <summary>Runs the server until a signal comes or the store is found damaged.</summary>
internal static class ServerHost
{
    public static async Task<int> RunAsync(ApiServerFlags flags, ParseResult result, bool withControllers, int hollowNodes, CancellationToken cancellationToken)
    {
        ApiServerOptions options;
        try
        {
            options = flags.Read(result);
        }
        catch (FormatException exception)
        {
            return Fail(exception.Message, 2);
        }

        if (options.Validate() is { Count: > 0 } errors)
            return Fail(string.Join(Environment.NewLine, errors), 2);
        foreach (var flag in flags.WithoutEffect(result))
            Console.Error.WriteLine($"{flag} is known and has no effect yet.");
        foreach (var plugin in options.AdmissionPluginsWithoutEffect)
            Console.Error.WriteLine($"The admission plugin {plugin} is known and has no effect yet.");
        try
        {
            return await ServeAsync(options, withControllers, hollowNodes, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FormatException or StoreCorruptException or StoreUnavailableException or MigrationException or IOException or SocketException or UnauthorizedAccessException or InvalidDataException)
        {
            return Fail(exception.Message, 1);
        }
    }

    private static async Task<int> ServeAsync(ApiServerOptions options, bool withControllers, int hollowNodes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.DataDirectory);
        var (store, damage) = EtcdFlags.Open(options);
        await using var closing = store.ConfigureAwait(false);
        if (!store.IsLocal)
            await RefuseHalfAsync(store, cancellationToken).ConfigureAwait(false);
        var overrides = options.Etcd.OverrideServers.Select(servers => EtcdFlags.Open(options.Etcd with { Servers = servers })).ToList();
        try
        {
            await RunAsync(ApiServer.ApiServer.Build(options, store, TimeProvider.System, Logging, overrides), damage, withControllers, hollowNodes, cancellationToken).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            foreach (var other in overrides)
                await other.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Runs a server until a signal or the token ends it, and lets go of it.</summary>
    private static async Task RunAsync(ApiServer.ApiServer server, Task<Exception> damage, bool withControllers, int hollowNodes, CancellationToken cancellationToken)
    {
        await using var disposing = server.ConfigureAwait(false);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The first signal asks to stop, the second does not wait (apiserver/pkg/server/signal.go).
        using var hurry = new CancellationTokenSource();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (stopping.IsCancellationRequested)
                hurry.Cancel();
            else
                stopping.Cancel();
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        await server.StartAsync(stopping.Token).ConfigureAwait(false);
        using var loggers = LoggerFactory.Create(Logging);
        var components = withControllers ? ControlPlane.Start(server, hollowNodes, loggers, stopping.Token) : [];
        Announce(server);
        var stopped = Task.Delay(Timeout.Infinite, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        if (await Task.WhenAny(stopped, damage).ConfigureAwait(false) != stopped)
            throw await damage.ConfigureAwait(false);
        // The components give back their leases while there is a server that takes them.
        var shutdown = server.ShutdownAsync(hurry.Token);
        await Task.WhenAll(components).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await shutdown.ConfigureAwait(false);
    }

    /// <summary>A half of a cluster is not served. An etcd that does not answer yet is waited for later.</summary>
    private static async Task RefuseHalfAsync(IRevisionedStore store, CancellationToken cancellationToken)
    {
        try
        {
            await MigrationMarker.RefuseUnfinishedAsync(store, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
        }
    }

    private static void Announce(ApiServer.ApiServer server)
    {
        if (server.Certificates.AdminKubeconfig is not { } kubeconfig)
            return;
        Console.WriteLine($"KubeSharp speaks Kubernetes v1.36 on https://{server.Options.PublicAddress}:{server.Options.SecurePort}");
        Console.WriteLine();
        Console.WriteLine($"  export KUBECONFIG={kubeconfig}");
        Console.WriteLine("  kubectl get namespaces");
    }

    internal static void Logging(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
    }

    private static int Fail(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
