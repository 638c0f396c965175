using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ComponentBase.Events;

/// <summary>Records events on behalf of one component; never waits and never throws for the API's sake.
/// Follows client-go/tools/record/event.go.</summary>
public sealed class EventRecorder
{
    public const string Normal = "Normal";

    public const string Warning = "Warning";

    private readonly EventBroadcaster _broadcaster;
    private readonly string _component;
    private readonly string _host;
    private readonly TimeProvider _time;

    internal EventRecorder(EventBroadcaster broadcaster, string component, string host, TimeProvider time)
    {
        _broadcaster = broadcaster;
        _component = component;
        _host = host;
        _time = time;
    }

    /// <summary>Queues an event about an object, in the object's namespace (<c>default</c> for cluster-scoped ones).</summary>
    /// <param name="obj">What it is about; must carry its <c>apiVersion</c> and <c>kind</c>.</param>
    /// <param name="type"><see cref="Normal"/> or <see cref="Warning"/>.</param>
    /// <param name="reason">Short and in UpperCamelCase: why.</param>
    /// <param name="message">For people.</param>
    /// <param name="fieldPath">The part of the object, as <c>spec.containers{nginx}</c>.</param>
    public void Event(Map obj, string type, string reason, string message, string fieldPath = "")
    {
        var now = _time.GetUtcNow();
        var involved = ReferenceTo(obj, fieldPath);
        var ns = involved.GetString("namespace") ?? "default";
        var timestamp = Rfc3339.Format(now);
        var source = new Map { { "component", _component } };
        if (_host.Length > 0)
            source["host"] = _host;
        var nanoseconds = (now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        _broadcaster.Enqueue(new Map(14)
        {
            { "apiVersion", "v1" },
            { "kind", "Event" },
            { "metadata", new Map { { "name", EventName(ObjectMetaAccessor.GetName(obj), nanoseconds) }, { "namespace", ns } } },
            { "involvedObject", involved },
            { "reason", reason },
            { "message", message },
            { "source", source },
            { "firstTimestamp", timestamp },
            { "lastTimestamp", timestamp },
            { "count", 1 },
            { "type", type },
            { "reportingComponent", _component },
            { "reportingInstance", _host },
        });
    }

    /// <summary>The object's name and the time, or a random one where that is no name for an event: names of users and of
    /// RBAC's objects may have characters of their own (client-go/tools/record/util/util.go).</summary>
    internal static string EventName(string objectName, long unixNanoseconds)
    {
        var name = $"{objectName}.{unixNanoseconds.ToString("x", CultureInfo.InvariantCulture)}";
        return NameValidation.IsDns1123Subdomain(name).Count == 0 ? name : Guid.NewGuid().ToString("D");
    }

    private static Map ReferenceTo(Map obj, string fieldPath)
    {
        var reference = new Map(7);
        Set(reference, "kind", ObjectMetaAccessor.GetKind(obj));
        Set(reference, "namespace", ObjectMetaAccessor.GetNamespace(obj));
        Set(reference, "name", ObjectMetaAccessor.GetName(obj));
        Set(reference, "uid", ObjectMetaAccessor.GetUid(obj));
        Set(reference, "apiVersion", ObjectMetaAccessor.GetApiVersion(obj));
        Set(reference, "resourceVersion", ObjectMetaAccessor.GetResourceVersion(obj));
        Set(reference, "fieldPath", fieldPath);
        return reference;
    }

    private static void Set(Map map, string key, string value)
    {
        if (value.Length > 0)
            map[key] = value;
    }
}
