using System.Diagnostics;

namespace KubeSharp.ApiServer.Tests.Clients;

/// <summary>Runs the real kubectl: <c>KUBECTL</c>, the one that hack/fetch-kubectl brought, or the one on PATH.</summary>
internal sealed class Kubectl(string kubeconfig)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command that must succeed; returns its output.</summary>
    public async Task<string> RunAsync(string arguments, string? input = null)
    {
        var (code, output, error) = await ExecuteAsync(arguments, input);
        Assert.True(code == 0, $"kubectl {arguments}: exit {code}\n{output}{error}");
        return output;
    }

    /// <summary>Runs a command that must fail; returns output and error together.</summary>
    public async Task<string> FailAsync(string arguments, string? input = null)
    {
        var (code, output, error) = await ExecuteAsync(arguments, input);
        Assert.True(code != 0, $"kubectl {arguments} did not fail:\n{output}");
        return output + error;
    }

    /// <summary>Runs a command that may fail; returns its output.</summary>
    public async Task<string> TryAsync(string arguments) => (await ExecuteAsync(arguments, null)).Output;

    private async Task<(int Code, string Output, string Error)> ExecuteAsync(string arguments, string? input)
    {
        var start = new ProcessStartInfo(Find()) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            start.ArgumentList.Add(argument.Replace("\\u0020", " ", StringComparison.Ordinal));
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["HOME"] = Path.GetDirectoryName(kubeconfig);
        using var process = Process.Start(start)!;
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("KUBECTL") is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "artifacts/kubectl/usr/bin/kubectl");
            if (File.Exists(candidate))
                return candidate;
        }

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            if (File.Exists(Path.Combine(folder, "kubectl")))
                return Path.Combine(folder, "kubectl");
        }

        Assert.Skip("there is no kubectl: hack/fetch-kubectl could not bring it, and none is on PATH");
        return "";
    }
}
