using System.Diagnostics;
using KubeSharp.Storage.Tests.Etcd;

namespace KubeSharp.Tests;

/// <summary>The executable's commands that end by themselves.</summary>
internal static class Executable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "kubesharp")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Runs a command that must succeed; returns its output.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await ExecuteAsync(arguments);
        Assert.True(code == 0, $"kubesharp {string.Join(' ', arguments)}: exit {code}\n{output}{error}");
        return output;
    }

    /// <summary>Runs a command that must fail so; returns what it says.</summary>
    public static async Task<string> FailAsync(int exitCode, params string[] arguments)
    {
        var (code, output, error) = await ExecuteAsync(arguments);
        Assert.True(code == exitCode, $"kubesharp {string.Join(' ', arguments)}: exit {code}\n{output}{error}");
        Assert.Equal("", output);
        return error;
    }

    /// <summary>Starts a server that must refuse to serve; returns what it says.</summary>
    public static Task<string> FailToServeAsync(string dataDirectory, params string[] arguments) =>
        FailAsync(1, ["kube-apiserver", "--data-dir", dataDirectory, "--bind-address", "127.0.0.1", "--secure-port", $"{EtcdCluster.FreePort()}", .. arguments]);

    public static async Task<(int Code, string Output, string Error)> ExecuteAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Asks a command to end, as control-C does, as soon as something has happened; returns what it says.</summary>
    public static async Task<string> InterruptWhenAsync(Process process, Func<bool> happened)
    {
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (!happened())
        {
            Assert.False(process.HasExited, "it ended before it could be interrupted");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        return await error;
    }

    /// <summary>Ends a command as a power cut does, as soon as something has happened.</summary>
    public static async Task KillWhenAsync(Process process, Func<Task<bool>> happened)
    {
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!await happened())
        {
            Assert.False(process.HasExited, "it ended before it could be killed");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, process.ExitCode);
    }
}
