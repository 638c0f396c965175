using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Events;

/// <summary>events.k8s.io/v1 Event to and from core/v1 (pkg/apis/events/v1/conversion.go, v1.36): the same object under
/// other names.</summary>
internal sealed class EventConverter : IVersionConverter
{
    private static readonly (string Events, string Core)[] Renamed =
    [
        ("note", "message"), ("regarding", "involvedObject"), ("reportingController", "reportingComponent"),
        ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"), ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    ];

    public Map ToStorage(Map versioned) => Rename(versioned, toCore: true);

    public Map FromStorage(Map stored) => Rename(stored, toCore: false);

    private static Map Rename(Map source, bool toCore)
    {
        var result = new Map(source.Count);
        foreach (var (key, value) in source)
        {
            var name = key;
            foreach (var (events, core) in Renamed)
            {
                if (key == (toCore ? events : core))
                    name = toCore ? core : events;
            }

            result.Set(name, value);
        }

        if (toCore)
        {
            // core/v1 prints these even when they are empty.
            if (!result.ContainsKey("involvedObject"))
                result.Set("involvedObject", new Map(0));
            if (!result.ContainsKey("source"))
                result.Set("source", new Map(0));
            foreach (var required in (ReadOnlySpan<string>)["reportingComponent", "reportingInstance"])
            {
                if (!result.ContainsKey(required))
                    result.Set(required, "");
            }

            foreach (var time in (ReadOnlySpan<string>)["firstTimestamp", "lastTimestamp", "eventTime"])
            {
                if (!result.ContainsKey(time))
                    result.Set(time, Value.Null);
            }
        }
        else
        {
            foreach (var optional in (ReadOnlySpan<string>)["reportingController", "reportingInstance"])
            {
                if (result[optional].AsString is { Length: 0 })
                    result.Remove(optional);
            }
        }

        return result;
    }
}
