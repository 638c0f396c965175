namespace KubeSharp.Tests;

/// <summary>Every component as a process of its own, over HTTPS with a kubeconfig, as clusters run them.</summary>
public sealed class ComponentTests
{
    [Fact]
    public async Task Separate_processes_make_a_cluster()
    {
        await using var server = new ServerProcess("kube-apiserver");
        await server.StartAsync();
        server.Run("kube-scheduler", "--kubeconfig", server.Kubeconfig);
        server.Run("kube-controller-manager", "--kubeconfig", server.Kubeconfig, "--root-ca-file", Path.Combine(server.DataDirectory, "pki", "ca.crt"));
        server.Run("hollow-node", "--kubeconfig", server.Kubeconfig, "--nodes", "2", "--name-prefix", "sim");
        var kubectl = server.Kubectl();
        await kubectl.WaitAsync("get nodes --no-headers", "sim-1   Ready");
        await kubectl.WaitAsync("get configmap kube-root-ca.crt -o name", "configmap/kube-root-ca.crt");
        await kubectl.RunAsync("create deployment web --image=nginx --replicas=3");
        Assert.Contains("successfully rolled out", await kubectl.RunAsync("rollout status deployment/web --timeout=30s"), StringComparison.Ordinal);
        Assert.Contains("kube-scheduler", await kubectl.RunAsync("-n kube-system get leases -o name"), StringComparison.Ordinal);
        Assert.Contains("kube-controller-manager", await kubectl.RunAsync("-n kube-system get leases -o name"), StringComparison.Ordinal);
        await kubectl.RunAsync("delete deployment web");
        await kubectl.WaitAsync("get replicasets,pods -l app=web -o name", "");
    }

    [Fact]
    public async Task Wrong_flags_end_with_a_message_and_code_2()
    {
        var start = new System.Diagnostics.ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "kubesharp")) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["kube-apiserver", "--service-cluster-ip-range", "nonsense", "--data-dir", Path.GetTempPath()])
            start.ArgumentList.Add(argument);
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.Contains("nonsense", error, StringComparison.Ordinal);
    }
}
