using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KubeSharp.ApiServer.Tests.Clients;

namespace KubeSharp.Tests;

/// <summary>The executable as a process of its own, on a free port and a data directory that goes with it.</summary>
internal sealed class ServerProcess(string command, params string[] arguments) : IAsyncDisposable
{
    private readonly List<Process> _processes = [];
    private readonly Queue<string> _lastLines = new();

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("kubesharp-e2e-").FullName;

    public string Url { get; private set; } = "";

    public string Kubeconfig => Path.Combine(DataDirectory, "admin.conf");

    public Kubectl Kubectl(string version = "") => new(Kubeconfig, version);

    /// <summary>Starts the server and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        Url = $"https://127.0.0.1:{port}";
        await StartAgainAsync();
    }

    /// <summary>Starts the server where it was, on what it left behind.</summary>
    public async Task StartAgainAsync()
    {
        var port = new Uri(Url).Port;
        Run([command, .. arguments, "--data-dir", DataDirectory, "--bind-address", "127.0.0.1", "--secure-port", $"{port}"]);
        await Kubectl().WaitAsync("get --raw /readyz", "ok");
    }

    /// <summary>Asks it to stop, as an operator or an init system does, and waits until it has.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        var process = _processes[0];
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var code = process.ExitCode;
        process.Dispose();
        _processes.RemoveAt(0);
        return code;
    }

    /// <summary>Ends it as a power cut does: nothing is said or written any more.</summary>
    public async Task KillAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _processes.Clear();
    }

    /// <summary>Starts another component of the executable beside it; it ends with this object.</summary>
    public void Run(params string[] commandLine)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "kubesharp")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in commandLine)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, data) => Keep(data.Data);
        process.ErrorDataReceived += (_, data) => Keep(data.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.SendDiagnosticMessage(string.Join('\n', _lastLines));
        await KillAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            while (_lastLines.Count > 100)
                _lastLines.Dequeue();
        }
    }
}
