using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KubeSharp.Storage.Tests.Etcd;

/// <summary>
/// Members of an etcd on free loopback ports, each a process in a folder of its own. The binary is KUBESHARP_ETCD, what
/// hack/fetch-etcd unpacked, or that of PATH; where there is none, the tests are skipped.
/// </summary>
internal sealed class EtcdCluster : IAsyncDisposable
{
    private static readonly string? Binary = FindBinary();

    private readonly string _folder = Directory.CreateTempSubdirectory("kubesharp-etcd-").FullName;
    private readonly Member[] _members;
    private readonly string[] _arguments;

    private EtcdCluster(int members, string[] arguments)
    {
        _members = [.. Enumerable.Range(0, members).Select(i => new Member($"m{i}", FreePort(), FreePort()))];
        _arguments = arguments;
    }

    public IReadOnlyList<string> Endpoints => [.. _members.Select(member => member.ClientUrl)];

    public int PortOf(int member) => _members[member].ClientPort;

    /// <summary>Starts a cluster and waits until it has a leader.</summary>
    /// <param name="members">How many.</param>
    /// <param name="arguments">More flags for each; <c>{client}</c> in one is the member's own client address.</param>
    public static async Task<EtcdCluster> StartAsync(int members = 1, params string[] arguments)
    {
        Assert.SkipWhen(Binary is null, "no etcd: run hack/fetch-etcd, or name one in KUBESHARP_ETCD");
        var cluster = new EtcdCluster(members, arguments);
        for (var i = 0; i < members; i++)
            cluster.Start(i);
        await cluster.WaitForLeaderAsync(0);
        return cluster;
    }

    public void Start(int member)
    {
        var one = _members[member];
        var start = new ProcessStartInfo(Binary!) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])
        [
            "--name", one.Name, "--data-dir", Path.Combine(_folder, one.Name), "--log-level", "error", "--unsafe-no-fsync",
            "--listen-client-urls", one.ClientUrl, "--advertise-client-urls", one.ClientUrl,
            "--listen-peer-urls", one.PeerUrl, "--initial-advertise-peer-urls", one.PeerUrl,
            "--initial-cluster", string.Join(',', _members.Select(m => $"{m.Name}={m.PeerUrl}")), "--initial-cluster-state", "new",
            // The largest value of the contract's tests, and what goes around it.
            "--max-request-bytes", "2097152", "--experimental-watch-progress-notify-interval", "500ms",
            .. _arguments.Select(argument => argument.Replace("{client}", one.ClientUrl, StringComparison.Ordinal)),
        ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["ETCD_UNSUPPORTED_ARCH"] = "";
        one.Process = Process.Start(start)!;
        one.Process.OutputDataReceived += static (_, _) => { };
        one.Process.ErrorDataReceived += (_, line) => one.LastLine = line.Data ?? one.LastLine;
        one.Process.BeginOutputReadLine();
        one.Process.BeginErrorReadLine();
    }

    /// <summary>Waits until a member answers that it has a leader.</summary>
    public async Task WaitForLeaderAsync(int member)
    {
        using var http = new HttpClient();
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (_members[member].Process is { HasExited: true } process)
                throw new InvalidOperationException($"etcd ended with {process.ExitCode}: {_members[member].LastLine}");
            try
            {
                if ((await http.GetStringAsync($"{_members[member].ClientUrl}/health")).Contains("\"true\"", StringComparison.Ordinal))
                    return;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // Not yet.
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"etcd has no leader: {_members[member].LastLine}");
    }

    /// <summary>Ends a member as a power cut does.</summary>
    public void Kill(int member)
    {
        _members[member].Process?.Kill();
        _members[member].Process?.WaitForExit();
    }

    /// <summary>Stops a member without ending it, or lets it go on.</summary>
    public void Pause(int member, bool paused)
    {
        using var kill = Process.Start("kill", [paused ? "-STOP" : "-CONT", _members[member].Process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            if (member.Process is { HasExited: false } process)
            {
                process.Kill();
                process.WaitForExit();
            }

            member.Process?.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string? FindBinary()
    {
        if (Environment.GetEnvironmentVariable("KUBESHARP_ETCD") is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var unpacked = Path.Combine(folder.FullName, "artifacts", "etcd", "usr", "bin", "etcd");
            if (File.Exists(unpacked))
                return unpacked;
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "etcd")).FirstOrDefault(File.Exists);
    }

    private sealed class Member(string name, int clientPort, int peerPort)
    {
        public string Name { get; } = name;

        public int ClientPort { get; } = clientPort;

        public string ClientUrl { get; } = $"http://127.0.0.1:{clientPort}";

        public string PeerUrl { get; } = $"http://127.0.0.1:{peerPort}";

        public Process? Process { get; set; }

        public string LastLine { get; set; } = "";
    }
}
