using System.CommandLine;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ControllerManager;
using KubeSharp.ControllerManager.GarbageCollector;
using KubeSharp.ControllerManager.HollowNodes;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Commands;

/// <summary><c>kubesharp kube-scheduler</c>: the scheduler alone, for any cluster.</summary>
internal static class SchedulerCommand
{
    public static Command Create()
    {
        var command = new Command("kube-scheduler", "Runs the scheduler alone.");
        var flags = new ComponentFlags("kube-scheduler", elects: true);
        flags.AddTo(command);
        command.SetAction((result, cancellationToken) => flags.RunAsync(result, RunAsync, cancellationToken));
        return command;
    }

    private static async Task RunAsync(HttpApiClient client, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var context = ControlPlane.Context(client, loggers);
        var scheduler = new Scheduler.Scheduler(context);
        context.Informers.Start(cancellationToken);
        await Task.WhenAll(context.Events.RunAsync(cancellationToken), scheduler.RunAsync(cancellationToken)).ConfigureAwait(false);
    }
}

/// <summary><c>kubesharp kube-controller-manager</c>: the controllers alone, for any cluster.</summary>
internal static class ControllerManagerCommand
{
    public static Command Create()
    {
        var command = new Command("kube-controller-manager", "Runs the controllers alone.");
        var flags = new ComponentFlags("kube-controller-manager", elects: true);
        var rootCa = new Option<string>("--root-ca-file") { Description = "The authority that pods get to verify the API server with.", DefaultValueFactory = _ => "" };
        flags.AddTo(command);
        command.Options.Add(rootCa);
        command.SetAction((result, cancellationToken) => flags.RunAsync(
            result, (client, loggers, token) => RunAsync(client, result.GetValue(rootCa)!, loggers, token), cancellationToken));
        return command;
    }

    private static async Task RunAsync(HttpApiClient client, string rootCaFile, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        async ValueTask<IReadOnlyList<GarbageCollectedResource>> FindAsync(CancellationToken token) =>
        [
            .. (await ServerResources.PreferredAsync(client, token).ConfigureAwait(false))
                .Where(r => r.Verbs.Contains("delete") && r.Verbs.Contains("list") && r.Verbs.Contains("watch") && r.Resource.Resource != "events")
                .Select(r => new GarbageCollectedResource(r.Resource, r.Kind, r.Namespaced)),
        ];
        var options = new ControllerOptions(
            async token => [.. (await ServerResources.PreferredAsync(client, token).ConfigureAwait(false))
                .Where(r => r.Namespaced && r.Verbs.Contains("deletecollection") && r.Verbs.Contains("list") && r.Resource.Group != "events.k8s.io").Select(r => r.Resource)],
            rootCaFile.Length == 0 ? "" : await File.ReadAllTextAsync(rootCaFile, cancellationToken).ConfigureAwait(false),
            await FindAsync(cancellationToken).ConfigureAwait(false),
            FindAsync);
        var context = ControlPlane.Context(client, loggers);
        await Task.WhenAll(context.Events.RunAsync(cancellationToken), ControllerRunner.RunAsync(context, options, cancellationToken)).ConfigureAwait(false);
    }
}

/// <summary><c>kubesharp hollow-node</c>: simulated nodes, for any cluster.</summary>
internal static class HollowNodeCommand
{
    public static Command Create()
    {
        var command = new Command("hollow-node", "Registers simulated nodes, which run pods without running anything.");
        var flags = new ComponentFlags("kubesharp-hollow-node", elects: false);
        var count = new Option<int>("--nodes") { Description = "How many.", DefaultValueFactory = _ => 1 };
        var prefix = new Option<string>("--name-prefix") { Description = "Nodes are called prefix, dash, number.", DefaultValueFactory = _ => "hollow" };
        flags.AddTo(command);
        command.Options.Add(count);
        command.Options.Add(prefix);
        command.SetAction((result, cancellationToken) => flags.RunAsync(
            result,
            (client, loggers, token) => new HollowNodePool(
                new HollowNodeOptions { Count = result.GetValue(count), NamePrefix = result.GetValue(prefix)! },
                client, TimeProvider.System, loggers.CreateLogger<HollowNodePool>()).RunAsync(token),
            cancellationToken));
        return command;
    }
}
