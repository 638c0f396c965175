using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeSharp.Tests;

/// <summary>Clients that create, change and delete config maps of their own, and what they were told. Nobody else writes these objects.</summary>
internal sealed class WriteLedger
{
    public const string Path = "/api/v1/namespaces/default/configmaps";

    private readonly ConcurrentDictionary<string, Story> _stories = new(StringComparer.Ordinal);
    private int _acknowledged;
    private int _unanswered;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public int Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>Answers that cannot be.</summary>
    public ConcurrentQueue<string> Contradictions { get; } = new();

    /// <summary>Writes until told to end: each object is created, changed twice, and every second one deleted. After a write that
    /// nobody answered the object is left alone.</summary>
    public Task WriteAsync(string prefix, HttpClient client, CancellationToken done) => Task.Run(
        async () =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                var story = _stories[$"{prefix}-{i}"] = new Story($"{prefix}-{i}");
                var isGoing = await StepAsync(story, HttpMethod.Post, Path, client);
                for (var step = 1; step < 3 && isGoing; step++)
                    isGoing = await StepAsync(story, HttpMethod.Put, $"{Path}/{story.Name}", client);
                if (isGoing && i % 2 == 0)
                    await StepAsync(story, HttpMethod.Delete, $"{Path}/{story.Name}", client);
            }
        },
        CancellationToken.None);

    /// <summary>Creates a config map outside the ledger.</summary>
    /// <returns>Its revision.</returns>
    public static async Task<long> CreateAsync(HttpClient client, string name, CancellationToken cancellationToken)
    {
        using var content = new StringContent($$$"""{"metadata":{"name":"{{{name}}}"},"data":{"step":"0"}}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(Path, content, cancellationToken);
        response.EnsureSuccessStatusCode();
        return KilledServerTests.Number(JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    /// <summary>What is wrong with what a watcher saw of these writes, given what their writers were told.</summary>
    public IReadOnlyList<string> Compare(IReadOnlyList<KilledServerTests.Seen> events)
    {
        var problems = new List<string>();
        var byName = events.ToLookup(e => e.Name, StringComparer.Ordinal);
        foreach (var story in _stories.Values)
        {
            var seen = byName[story.Name].ToList();
            // Of each write one event, in the order of the writes; only the last may be one that nobody answered.
            for (var i = 0; i < seen.Count; i++)
            {
                var type = i == 0 ? "ADDED" : i < 3 ? "MODIFIED" : "DELETED";
                if (i >= story.Steps.Count || seen[i].Type != type || (type != "DELETED" && seen[i].Step != i))
                    problems.Add($"{story.Name}: {seen[i]} for step {i} of {story.Steps.Count}");
                else if (story.Steps[i] is { } told && told > 0 && told != seen[i].Revision)
                    problems.Add($"{story.Name}: the writer was told {told}, the watcher saw {seen[i]}");
            }

            if (seen.Count < story.Steps.Count(revision => revision is not null))
                problems.Add($"{story.Name}: {story.Steps.Count(revision => revision is not null)} writes were acknowledged, the watcher saw {string.Join(", ", seen)}");
        }

        foreach (var stranger in byName.Where(group => !_stories.ContainsKey(group.Key) && group.Key is not ("last" or "kube-root-ca.crt")))
            problems.Add($"nobody wrote {stranger.Key}");
        return problems;
    }

    /// <returns>Whether the write was acknowledged.</returns>
    private async Task<bool> StepAsync(Story story, HttpMethod method, string path, HttpClient client)
    {
        var step = story.Steps.Count;
        var version = story.Version.Length > 0 ? $",\"resourceVersion\":\"{story.Version}\"" : "";
        using var request = new HttpRequestMessage(method, path);
        if (method != HttpMethod.Delete)
            request.Content = new StringContent($$$"""{"metadata":{"name":"{{{story.Name}}}"{{{version}}}},"data":{"step":"{{{step}}}"}}""", Encoding.UTF8, "application/json");
        try
        {
            using var response = await client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (response.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK)
            {
                // A deletion is not told its revision.
                story.Version = JsonNode.Parse(text)!["metadata"]?["resourceVersion"]?.GetValue<string>() ?? "";
                story.Steps.Add(story.Version.Length > 0 ? KilledServerTests.Number(story.Version) : 0);
                Interlocked.Increment(ref _acknowledged);
                return true;
            }

            // An object that nobody else knows cannot be there already, or be changed by others, or be gone.
            if ((int)response.StatusCode is >= 400 and < 500 and not 429)
                Contradictions.Enqueue($"{method} {path} step {step}: {text}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
        {
        }

        story.Steps.Add(null);
        Interlocked.Increment(ref _unanswered);
        await Task.Delay(20);
        return false;
    }

    /// <summary>The writes of one object: the revision that each was told, 0 where it was told none, null where nothing was heard.</summary>
    private sealed class Story(string name)
    {
        public string Name => name;

        public List<long?> Steps { get; } = [];

        public string Version { get; set; } = "";
    }
}
