using System.Diagnostics;

namespace KubeSharp.ApiServer.Tests.Clients;

/// <summary>Runs the real kubectl: <c>KUBECTL</c>, the one that hack/fetch-kubectl brought, or the one on PATH.
/// <paramref name="version"/> "1.32" takes the older one: <c>KUBECTL_1_32</c>, or what hack/fetch-kubectl brought.</summary>
internal sealed class Kubectl(string kubeconfig, string version = "")
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command that must succeed; returns its output.</summary>
    public async Task<string> RunAsync(string arguments, string? input = null)
    {
        var (code, output, error) = await ExecuteAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments}: exit {code}\n{output}{error}");
        return output;
    }

    /// <summary>Runs a command that must fail, with the exit code given if there is one; returns output and error together.</summary>
    public async Task<string> FailAsync(string arguments, string? input = null, int? exitCode = null)
    {
        var (code, output, error) = await ExecuteAsync(arguments, input);
        Assert.True(code == (exitCode ?? code) && code != 0, $"kubectl {arguments}: exit {code}\n{output}{error}");
        return output + error;
    }

    /// <summary>Runs a command until its output has the text (empty: until it has none), for 30 seconds at most.</summary>
    public async Task WaitAsync(string arguments, string expected, int minimumWords = 0)
    {
        var last = "";
        for (var attempt = 0; attempt < 150; attempt++)
        {
            last = await TryAsync(arguments);
            if ((expected.Length == 0 ? last.Length == 0 : last.Contains(expected, StringComparison.Ordinal)) && last.Split(' ').Length >= minimumWords)
                return;
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"kubectl {arguments} never said '{expected}' but:\n{last}");
    }

    /// <summary>Starts a command that goes on, as <c>get -w</c>; its lines go to the given action. Disposing ends it.</summary>
    public Process Start(string arguments, Action<string> line)
    {
        var start = new ProcessStartInfo(Find(version)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            start.ArgumentList.Add(argument);
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["HOME"] = Path.GetDirectoryName(kubeconfig);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, data) => line(data.Data ?? "");
        process.ErrorDataReceived += (_, data) => line(data.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs a command that may fail; returns its output.</summary>
    public async Task<string> TryAsync(string arguments) => (await ExecuteAsync(arguments, null)).Output;

    private async Task<(int Code, string Output, string Error)> ExecuteAsync(string arguments, string? input)
    {
        var start = new ProcessStartInfo(Find(version)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            start.ArgumentList.Add(argument.Replace("\\u0020", " ", StringComparison.Ordinal));
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["HOME"] = Path.GetDirectoryName(kubeconfig);
        using var process = Process.Start(start)!;
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // kubectl gave up before it read all: its exit code says why.
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    private static string Find(string version)
    {
        var older = version.Length > 0;
        if (Environment.GetEnvironmentVariable(older ? "KUBECTL_" + version.Replace('.', '_') : "KUBECTL") is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, older ? $"artifacts/kubectl-{version}/usr/bin/kubectl" : "artifacts/kubectl/usr/bin/kubectl");
            if (File.Exists(candidate))
                return candidate;
        }

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            if (!older && File.Exists(Path.Combine(folder, "kubectl")))
                return Path.Combine(folder, "kubectl");
        }

        Assert.Skip($"there is no kubectl {version}: hack/fetch-kubectl could not bring it, and none is on PATH");
        return "";
    }
}
