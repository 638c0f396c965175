using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using KubeSharp.Storage;
using KubeSharp.Storage.Etcd;
using KubeSharp.Storage.Sqlite;

namespace KubeSharp.Benchmarks;

/// <summary>What has been used up so far. <paramref name="ForcedWrites"/> counts fsync and fdatasync; null where they cannot be counted.</summary>
internal readonly record struct StoreSample(TimeSpan Cpu, TimeSpan? StoreCpu, long Allocated, long? ForcedWrites)
{
    public StoreSample Since(StoreSample before) => new(Cpu - before.Cpu, StoreCpu - before.StoreCpu, Allocated - before.Allocated, ForcedWrites - before.ForcedWrites);
}

/// <summary>
/// A store on a fresh folder, and what it uses up: the embedded one, whose forced writes strace counts where there is one
/// (at the price of everybody's time), or an etcd that is started for it and counts its own.
/// </summary>
internal sealed partial class BenchmarkedStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubesharp-bench-").FullName;
    private readonly HttpClient _http = new();
    private Process? _etcd;
    private Process? _strace;
    private string _url = "";

    private BenchmarkedStore()
    {
    }

    public IRevisionedStore Store { get; private set; } = null!;

    /// <param name="kind"><c>etcd</c>, or <c>sqlite</c>.</param>
    /// <param name="countForcedWrites">Whether to count them where that makes everything slower.</param>
    /// <exception cref="InvalidOperationException">There is no etcd.</exception>
    public static async Task<BenchmarkedStore> OpenAsync(string kind, bool countForcedWrites)
    {
        var opened = new BenchmarkedStore();
        if (kind == "etcd")
            await opened.StartEtcdAsync().ConfigureAwait(false);
        else
            opened.OpenSqlite(countForcedWrites);
        return opened;
    }

    public async Task<StoreSample> SampleAsync()
    {
        using var self = Process.GetCurrentProcess();
        _etcd?.Refresh();
        return new StoreSample(self.TotalProcessorTime, _etcd?.TotalProcessorTime, GC.GetTotalAllocatedBytes(precise: true), _etcd is not null ? await EtcdSyncsAsync().ConfigureAwait(false) : Syncs());
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync().ConfigureAwait(false);
        foreach (var process in (Process?[])[_etcd, _strace])
        {
            process?.Kill();
            process?.WaitForExit();
            process?.Dispose();
        }

        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void OpenSqlite(bool countForcedWrites)
    {
        Store = SqliteStore.Open(new SqliteStoreOptions { Path = Path.Combine(_folder, "state.db"), PreviousValues = false });
        if (!countForcedWrites)
            return;
        try
        {
            // Each call as a line in a file, which is counted.
            _strace = Process.Start(new ProcessStartInfo(
                "strace", ["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", Path.Combine(_folder, "trace"), "-p", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true });
            Thread.Sleep(500);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No strace: not counted.
        }
    }

    private long? Syncs()
    {
        if (_strace is null or { HasExited: true })
            return null;
        // Lines may still be on their way.
        Thread.Sleep(100);
        return File.ReadLines(Path.Combine(_folder, "trace")).LongCount(line => line.Contains("sync(", StringComparison.Ordinal));
    }

    private async Task StartEtcdAsync()
    {
        var binary = new[] { Environment.GetEnvironmentVariable("KUBESHARP_ETCD"), Path.Combine("artifacts", "etcd", "usr", "bin", "etcd") }.FirstOrDefault(File.Exists) ?? "etcd";
        var (client, peer) = ($"http://127.0.0.1:{FreePort()}", $"http://127.0.0.1:{FreePort()}");
        _url = client;
        _etcd = Process.Start(new ProcessStartInfo(
            binary,
            ["--data-dir", Path.Combine(_folder, "etcd"), "--log-level", "error", "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer])
        { RedirectStandardError = true, RedirectStandardOutput = true }) ?? throw new InvalidOperationException("etcd does not start");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if ((await _http.GetStringAsync($"{client}/health").ConfigureAwait(false)).Contains("\"true\"", StringComparison.Ordinal))
                    break;
            }
            catch (HttpRequestException) when (attempt < 100)
            {
                await Task.Delay(100).ConfigureAwait(false);
            }
        }

        Store = EtcdStore.Open(new EtcdStoreOptions { Endpoints = [client], PreviousValues = false });
    }

    private async Task<long?> EtcdSyncsAsync()
    {
        var metrics = await _http.GetStringAsync($"{_url}/metrics").ConfigureAwait(false);
        return SyncCounts().Matches(metrics).Sum(match => (long)double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"^etcd_disk_(?:wal_fsync|backend_commit)_duration_seconds_count (\S+)$", RegexOptions.Multiline)]
    private static partial Regex SyncCounts();
}
