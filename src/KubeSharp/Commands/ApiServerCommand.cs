using System.CommandLine;

namespace KubeSharp.Commands;

/// <summary><c>kubesharp kube-apiserver</c>: the API server alone, on the embedded store.</summary>
internal static class ApiServerCommand
{
    public static Command Create()
    {
        var command = new Command("kube-apiserver", "Runs the API server alone, on the embedded store.");
        var flags = new ApiServerFlags();
        flags.AddTo(command);
        command.SetAction((result, cancellationToken) => ServerHost.RunAsync(flags, result, withControllers: false, hollowNodes: 0, cancellationToken));
        return command;
    }
}

/// <summary><c>kubesharp server</c>: the whole control plane in one process.</summary>
internal static class ServerCommand
{
    public static Command Create()
    {
        var command = new Command("server", "Runs the whole control plane in one process.");
        var flags = new ApiServerFlags();
        flags.AddTo(command);
        var hollowNodes = new Option<int>("--hollow-nodes") { Description = "Simulated nodes to register, which run pods without running anything." };
        command.Options.Add(hollowNodes);
        command.SetAction((result, cancellationToken) => ServerHost.RunAsync(flags, result, withControllers: true, result.GetValue(hollowNodes), cancellationToken));
        return command;
    }
}
