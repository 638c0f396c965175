using System.CommandLine;

namespace KubeSharp.Commands;

/// <summary>The commands of the one executable.</summary>
internal static class CommandLine
{
    private static readonly string[] Roles = ["kube-apiserver", "kube-scheduler", "kube-controller-manager", "hollow-node"];

    /// <summary>Runs the command that the arguments name; a link called like a role is that role.</summary>
    /// <returns>The exit code: 0 after a clean stop, 1 for an error, 2 for wrong arguments.</returns>
    public static Task<int> RunAsync(string calledAs, string[] arguments)
    {
        var root = new RootCommand("KubeSharp: the Kubernetes v1.36 control plane.")
        {
            ServerCommand.Create(),
            ApiServerCommand.Create(),
            SchedulerCommand.Create(),
            ControllerManagerCommand.Create(),
            HollowNodeCommand.Create(),
            SnapshotCommand.Create(),
            MigrateCommand.Create(),
        };
        if (Roles.Contains(calledAs))
            arguments = [calledAs, .. arguments];
        return root.Parse(arguments).InvokeAsync();
    }
}
