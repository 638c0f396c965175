using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ComponentBase.Events;

/// <summary>
/// Decides what becomes of an event: ten that differ by message only within ten minutes become one that combines them, a
/// repeated one raises the count of the one that was written, and an object that causes more than 25 at once (then one
/// every five minutes) is not heard. Not thread-safe. Follows client-go/tools/record/events_cache.go.
/// </summary>
internal sealed class EventCorrelator(TimeProvider time)
{
    private const int CacheSize = 4096;
    private const int AggregateMaxEvents = 10;
    private const int SpamBurst = 25;
    private const double SpamPerSecond = 1.0 / 300;
    private const string CombinedPrefix = "(combined from similar events): ";

    private static readonly TimeSpan AggregateInterval = TimeSpan.FromSeconds(600);

    private readonly LeastRecentlyUsed<Aggregate> _aggregates = new(CacheSize);
    private readonly LeastRecentlyUsed<Observation> _observations = new(CacheSize);
    private readonly LeastRecentlyUsed<Bucket> _buckets = new(CacheSize);

    /// <summary>The event to write and, when it was written before, the patch that says so; no event when it is to be dropped.</summary>
    public (Map? Event, Map? Patch) Correlate(Map newEvent)
    {
        var (combined, key) = Combine(newEvent);
        var (observed, patch) = Observe(combined, key);
        return TakeToken(SpamKey(observed)) ? (observed, patch) : (null, null);
    }

    /// <summary>Remembers what the server made of an event.</summary>
    public void Written(Map written) => _observations.Set(EventKey(written), Observation.Of(written));

    private (Map Event, string Key) Combine(Map newEvent)
    {
        var now = time.SteadyNow();
        var key = AggregateKey(newEvent);
        if (!_aggregates.TryGet(key, out var record) || now - record.LastSeen > AggregateInterval)
            record = new Aggregate();
        record.Messages.Add(Text(newEvent, "message"));
        record.LastSeen = now;
        _aggregates.Set(key, record);
        if (record.Messages.Count < AggregateMaxEvents)
            return (newEvent, EventKey(newEvent));

        // The set stays one below the threshold, so that the next new message is combined too.
        record.Messages.Remove(record.Messages.First());
        var combined = newEvent.ShallowClone();
        combined["message"] = CombinedPrefix + Text(newEvent, "message");
        return (combined, key);
    }

    private (Map Event, Map? Patch) Observe(Map newEvent, string key)
    {
        Map? patch = null;
        if (_observations.TryGet(key, out var last))
        {
            newEvent = newEvent.ShallowClone();
            newEvent["count"] = last.Count + 1;
            newEvent["firstTimestamp"] = last.FirstTimestamp;
            var metadata = newEvent.EditMap("metadata");
            metadata["name"] = last.Name;
            metadata.Set("resourceVersion", last.ResourceVersion.Length > 0 ? last.ResourceVersion : default(Value));
            patch = new Map
            {
                { "count", last.Count + 1 },
                { "lastTimestamp", newEvent["lastTimestamp"] },
                { "message", newEvent["message"] },
            };
        }

        _observations.Set(key, Observation.Of(newEvent));
        return (newEvent, patch);
    }

    private bool TakeToken(string key)
    {
        var now = time.GetTimestamp();
        if (!_buckets.TryGet(key, out var bucket))
            bucket = new Bucket { Tokens = SpamBurst, Last = now };
        bucket.Tokens = Math.Min(SpamBurst, bucket.Tokens + (time.GetElapsedTime(bucket.Last, now).TotalSeconds * SpamPerSecond));
        bucket.Last = now;
        _buckets.Set(key, bucket);
        if (bucket.Tokens < 1)
            return false;
        bucket.Tokens--;
        return true;
    }

    private static string SpamKey(Map ev) => Join(
        Source(ev, "component"), Source(ev, "host"), About(ev, "kind"), About(ev, "namespace"), About(ev, "name"), About(ev, "uid"),
        About(ev, "apiVersion"), Text(ev, "type"));

    private static string AggregateKey(Map ev) => Join(
        SpamKey(ev), Text(ev, "reason"), Text(ev, "reportingComponent"), Text(ev, "reportingInstance"));

    private static string EventKey(Map ev) => Join(SpamKey(ev), About(ev, "fieldPath"), Text(ev, "reason"), Text(ev, "message"));

    // Differs: upstream joins with nothing between, so that different events may share a key.
    private static string Join(params ReadOnlySpan<string> parts) => string.Join('\n', parts);

    private static string Source(Map ev, string key) => ev.GetMap("source")?.GetString(key) ?? "";

    private static string About(Map ev, string key) => ev.GetMap("involvedObject")?.GetString(key) ?? "";

    private static string Text(Map ev, string key) => ev.GetString(key) ?? "";

    private sealed class Aggregate
    {
        public HashSet<string> Messages { get; } = new(StringComparer.Ordinal);

        public TimeSpan LastSeen { get; set; }
    }

    private sealed class Bucket
    {
        public double Tokens { get; set; }

        public long Last { get; set; }
    }

    private sealed record Observation(long Count, string FirstTimestamp, string Name, string ResourceVersion)
    {
        public static Observation Of(Map ev) => new(
            ev.GetInteger("count") ?? 0, Text(ev, "firstTimestamp"), ObjectMetaAccessor.GetName(ev), ObjectMetaAccessor.GetResourceVersion(ev));
    }
}
