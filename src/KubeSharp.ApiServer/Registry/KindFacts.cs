using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry;

/// <summary>How a kind differs from the plain default in ways that need no code.</summary>
public sealed record KindFacts
{
    public bool TracksGeneration { get; init; }

    public bool AllowCreateOnUpdate { get; init; }

    public bool RequiresResourceVersion { get; init; }

    public bool ReturnDeletedObject { get; init; }

    public GarbageCollectionPolicy GarbageCollection { get; init; } = GarbageCollectionPolicy.DeleteDependents;

    /// <summary>The selectable fields by path, with the text of an absent one where that is not empty.</summary>
    public IReadOnlyList<SelectableField> Fields { get; init; } = [];

    /// <summary>Defaults that depend on more than one field; null where there are none.</summary>
    public Action<Map>? Defaults { get; init; }
}

/// <summary>A field that field selectors may name, and where its value is.</summary>
public sealed record SelectableField(string Name, string WhenAbsent = "")
{
    private readonly string[] _path = Name.Split('.');

    public string Read(Map obj)
    {
        var current = obj;
        for (var i = 0; i < _path.Length - 1; i++)
        {
            current = current.GetMap(_path[i]);
            if (current is null)
                return WhenAbsent;
        }

        var value = current[_path[^1]];
        return value.Kind switch
        {
            ValueKind.String => value.AsString!,
            ValueKind.Boolean or ValueKind.Integer => value.ToString(),
            _ => WhenAbsent,
        };
    }
}

/// <summary>The strategy of a kind that <see cref="KindFacts"/> describes in full, and the base of those with code.</summary>
public class FactsStrategy(KindFacts facts) : RestStrategy
{
    private readonly string[] _fieldNames = [.. facts.Fields.Select(f => f.Name)];

    public override bool TracksGeneration => facts.TracksGeneration;

    public override bool AllowCreateOnUpdate => facts.AllowCreateOnUpdate;

    public override bool AllowUnconditionalUpdate => !facts.RequiresResourceVersion;

    public override bool ReturnDeletedObject => facts.ReturnDeletedObject;

    public override GarbageCollectionPolicy DefaultGarbageCollectionPolicy => facts.GarbageCollection;

    public override IReadOnlyList<string> SelectableFieldNames => _fieldNames;

    public override string[] SelectableFields(Map obj)
    {
        if (facts.Fields.Count == 0)
            return [];
        var values = new string[facts.Fields.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = string.Intern(facts.Fields[i].Read(obj));
        return values;
    }

    public override void SetDefaults(Map obj) => facts.Defaults?.Invoke(obj);
}
