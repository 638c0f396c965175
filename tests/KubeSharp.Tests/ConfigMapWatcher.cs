using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace KubeSharp.Tests;

/// <summary>Lists config maps once, then watches from there, and goes on at the next server from where it was when one is gone.</summary>
internal sealed class ConfigMapWatcher(IReadOnlyList<HttpClient> servers)
{
    private long _revision;

    public int Lists { get; private set; }

    public int Watches { get; private set; }

    public List<KilledServerTests.Seen> Events { get; } = [];

    /// <summary>Anything that a watch must not do: repeat, go back, forget.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Objects and their revisions.</summary>
    public SortedDictionary<string, long> State { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>All config maps and their revisions as a list has them.</summary>
    public static async Task<SortedDictionary<string, long>> ReadAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var list = JsonNode.Parse(await client.GetStringAsync(WriteLedger.Path, cancellationToken))!;
        return new SortedDictionary<string, long>(
            list["items"]!.AsArray().ToDictionary(item => item!["metadata"]!["name"]!.GetValue<string>(), item => KilledServerTests.Number(item!["metadata"]!["resourceVersion"]!.GetValue<string>())),
            StringComparer.Ordinal);
    }

    public async Task ListAsync(CancellationToken cancellationToken)
    {
        var list = JsonNode.Parse(await servers[0].GetStringAsync(WriteLedger.Path, cancellationToken))!;
        _revision = KilledServerTests.Number(list["metadata"]!["resourceVersion"]!.GetValue<string>());
        State = await ReadAsync(servers[0], cancellationToken);
        Lists++;
    }

    public async Task HasSeenAsync(long revision)
    {
        while (Volatile.Read(ref _revision) < revision)
            await Task.Delay(20);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var turn = 0; !cancellationToken.IsCancellationRequested; turn++)
        {
            try
            {
                await WatchAsync(servers[turn % servers.Count], cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private async Task WatchAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{WriteLedger.Path}?watch=1&resourceVersion={_revision}");
        using var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            // A server that has just started again may be behind etcd for a moment; nothing else is to be said to this watch.
            if (response.StatusCode is HttpStatusCode.Gone or HttpStatusCode.BadRequest)
                Problems.Add(await response.Content.ReadAsStringAsync(cancellationToken));
            await Task.Delay(50, cancellationToken);
            return;
        }

        Watches++;
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
            Apply(line);
    }

    private void Apply(string line)
    {
        JsonNode change;
        try
        {
            change = JsonNode.Parse(line)!;
        }
        catch (System.Text.Json.JsonException)
        {
            // The server was killed in the middle of a line.
            return;
        }

        var (type, obj) = (change["type"]!.GetValue<string>(), change["object"]!);
        if (type == "ERROR")
        {
            Problems.Add(line);
            return;
        }

        var (name, revision) = (obj["metadata"]!["name"]!.GetValue<string>(), KilledServerTests.Number(obj["metadata"]!["resourceVersion"]!.GetValue<string>()));
        if (revision <= _revision)
            Problems.Add($"{line} after {_revision}");
        Volatile.Write(ref _revision, revision);
        Events.Add(new KilledServerTests.Seen(type, name, int.Parse(obj["data"]?["step"]?.GetValue<string>() ?? "-1", CultureInfo.InvariantCulture), revision));
        if (type == "DELETED")
            State.Remove(name);
        else
            State[name] = revision;
    }
}
