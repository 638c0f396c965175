using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Fields;
using KubeSharp.ApiMachinery.Labels;
using KubeSharp.ApiServer.Cache;

namespace KubeSharp.ApiServer.Registry;

/// <summary>Label and field selectors of one request, resolved for one resource
/// (apiserver/pkg/storage/selection_predicate.go, v1.36).</summary>
public sealed class SelectionPredicate
{
    private readonly LabelSelector? _labels;
    private readonly FieldSelector? _fields;
    private readonly RestStrategy _strategy;

    private SelectionPredicate(LabelSelector? labels, FieldSelector? fields, RestStrategy strategy)
    {
        _labels = labels;
        _fields = fields;
        _strategy = strategy;
    }

    /// <summary>True when everything matches: bytes can be joined without a look at the objects.</summary>
    public bool IsEmpty => _labels is null && _fields is null;

    /// <summary>The one name that the field selector asks for, or null.</summary>
    public string? ExactName => _fields is not null && _fields.RequiresExactMatch("metadata.name", out var name) ? name : null;

    /// <summary>The one namespace that the field selector asks for, or null.</summary>
    public string? ExactNamespace => _fields is not null && _fields.RequiresExactMatch("metadata.namespace", out var value) ? value : null;

    /// <summary>The one value of the resource's trigger field that the field selector asks for, or null.</summary>
    public string? TriggerValue =>
        _fields is not null && _strategy.TriggerField is { } trigger && _fields.RequiresExactMatch(trigger, out var value) ? value : null;

    /// <summary>What a watch with these selectors in a namespace (empty: all) can be about.</summary>
    public WatchScope Scope(string @namespace) => new(@namespace.Length > 0 ? @namespace : ExactNamespace ?? "", ExactName ?? "", TriggerValue);

    /// <exception cref="StatusException">400: a selector that cannot be parsed, or a field that the kind does not offer.</exception>
    public static SelectionPredicate Parse(string labelSelector, string fieldSelector, ApiResource resource, RestStrategy strategy)
    {
        LabelSelector? labels = null;
        string? error = null;
        if (labelSelector.Length > 0 && !LabelSelector.TryParse(labelSelector, out labels, out error))
            throw StatusErrors.BadRequest(error);
        FieldSelector? fields = null;
        if (fieldSelector.Length > 0)
        {
            if (!FieldSelector.TryParse(fieldSelector, out fields, out error))
                throw StatusErrors.BadRequest(error);
            var convert = (string field, string value) => strategy.FieldLabel(resource, field) is { } label ? (label, value, null) : ("", "", strategy.UnsupportedFieldMessage(field));
            if (!fields.TryTransform((field, value) => convert(field, value), out fields, out error))
                throw StatusErrors.BadRequest(error);
        }

        return new SelectionPredicate(labels is { IsEmpty: false } ? labels : null, fields is { IsEmpty: false } ? fields : null, strategy);
    }

    public bool Matches(CachedObject cached) =>
        (_labels is null || _labels.Matches(cached.Labels)) && (_fields is null || _fields.Matches(new FieldLookup(cached, _strategy).Get));

    /// <summary>What a watcher with these selectors sees of a change; no object: nothing
    /// (cacher/cache_watcher.go convertToWatchEvent).</summary>
    public (WatchEventType Type, CachedObject? Object) Judge(WatchCacheEvent change)
    {
        if (IsEmpty)
            return (change.Type, change.Object);
        var before = change.Previous is { } previous && Matches(previous);
        var after = change.Type != WatchEventType.Deleted && Matches(change.Object);
        if (after)
            return (before ? WatchEventType.Modified : WatchEventType.Added, change.Object);
        return before ? (WatchEventType.Deleted, change.Type == WatchEventType.Deleted ? change.Object : change.PreviousAtRevision()) : default;
    }

    private readonly struct FieldLookup(CachedObject cached, RestStrategy strategy)
    {
        public string Get(string field)
        {
            switch (field)
            {
                case "metadata.name":
                    return cached.Name;
                case "metadata.namespace":
                    return cached.Namespace;
            }

            var names = strategy.SelectableFieldNames;
            for (var i = 0; i < names.Count; i++)
            {
                if (names[i] == field)
                    return cached.Fields[i];
            }

            return "";
        }
    }
}
