using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Events, kept for a while (pkg/registry/core/event, v1.36).</summary>
internal sealed class EventStrategy(TimeSpan timeToLive) : FactsStrategy(Facts)
{
    private static readonly KindFacts Facts = new()
    {
        AllowCreateOnUpdate = true,
        GarbageCollection = GarbageCollectionPolicy.Unsupported,
        Validate = EventValidation.Validate,
        ValidateUpdate = EventValidation.ValidateUpdate,
        Fields =
        [
            new SelectableField("involvedObject.kind"), new SelectableField("involvedObject.namespace"), new SelectableField("involvedObject.name"),
            new SelectableField("involvedObject.uid"), new SelectableField("involvedObject.apiVersion"), new SelectableField("involvedObject.resourceVersion"),
            new SelectableField("involvedObject.fieldPath"), new SelectableField("reason"), new SelectableField("reportingComponent"),
            new SelectableField("source"), new SelectableField("type"),
        ],
    };

    /// <summary>The newer group has names of its own (pkg/apis/events/v1/conversion.go).</summary>
    public override string? FieldLabel(ApiResource resource, string label) => resource.Group.Length == 0 ? base.FieldLabel(resource, label) : label switch
    {
        "metadata.name" or "metadata.namespace" or "reason" or "type" => label,
        "reportingController" => "reportingComponent",
        _ when label.StartsWith("regarding.", StringComparison.Ordinal) => base.FieldLabel(resource, "involvedObject" + label["regarding".Length..]),
        _ => null,
    };

    public override string[] SelectableFields(Map obj)
    {
        var values = base.SelectableFields(obj);
        // The source is its component, or the reporting controller of newer events.
        values[9] = obj.GetMap("source")?.GetString("component") is { Length: > 0 } component ? component : obj.GetString("reportingComponent") ?? "";
        return values;
    }

    public override long TimeToLiveSeconds(Map obj) => (long)timeToLive.TotalSeconds;
}
