using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry;

/// <summary>How a kind differs from the plain default in ways that need no code.</summary>
public sealed record KindFacts
{
    public bool TracksGeneration { get; init; }

    /// <summary>Whether upstream compares with reflect.DeepEqual, to which empty and none are not the same.</summary>
    public bool CountsEmpties { get; init; }

    public bool AllowCreateOnUpdate { get; init; }

    public bool RequiresResourceVersion { get; init; }

    public bool ReturnDeletedObject { get; init; }

    public GarbageCollectionPolicy GarbageCollection { get; init; } = GarbageCollectionPolicy.DeleteDependents;

    /// <summary>The selectable fields by path, with the text of an absent one where that is not empty.</summary>
    public IReadOnlyList<SelectableField> Fields { get; init; } = [];

    /// <summary>Defaults that depend on more than one field; null where there are none.</summary>
    public Action<Map>? Defaults { get; init; }

    /// <summary>Words the refusal of other fields, where the kind has words of its own.</summary>
    public Func<string, string>? UnsupportedField { get; init; }

    /// <summary>What names may be, where the kind has no <see cref="Validate"/> that checks them.</summary>
    public ValidateName NameRule { get; init; } = NameRules.DnsSubdomain;

    /// <summary>The kind's whole validation on create, that of the metadata included.</summary>
    public ValidateObject? Validate { get; init; }

    /// <summary>The kind's whole validation on update, that of the metadata's change included.</summary>
    public ValidateObjectUpdate? ValidateUpdate { get; init; }

    /// <summary>The kind's whole validation of a write through the status subresource.</summary>
    public ValidateObjectUpdate? ValidateStatusUpdate { get; init; }

    /// <summary>Adds texts for Warning headers to the context; the last argument is the old object, null on create.</summary>
    public Action<OperationContext, Map, Map?>? Warn { get; init; }
}

/// <summary>Adds what is wrong with a new object, in upstream's order.</summary>
public delegate void ValidateObject(OperationContext context, Map obj, FieldErrorList errors);

/// <summary>Adds what is wrong with a change of <paramref name="old"/> to <paramref name="obj"/>, in upstream's order.</summary>
public delegate void ValidateObjectUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors);

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

    public override bool CountsEmpties => facts.CountsEmpties;

    public override bool AllowCreateOnUpdate => facts.AllowCreateOnUpdate;

    public override bool AllowUnconditionalUpdate => !facts.RequiresResourceVersion;

    public override bool ReturnDeletedObject => facts.ReturnDeletedObject;

    public override GarbageCollectionPolicy DefaultGarbageCollectionPolicy => facts.GarbageCollection;

    public override IReadOnlyList<string> SelectableFieldNames => _fieldNames;

    public override string UnsupportedFieldMessage(string field) => facts.UnsupportedField?.Invoke(field) ?? base.UnsupportedFieldMessage(field);

    public override string[] SelectableFields(Map obj)
    {
        if (facts.Fields.Count == 0)
            return [];
        var values = new string[facts.Fields.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = facts.Fields[i].Read(obj);
        return values;
    }

    public override ValidateName NameRule => facts.NameRule;

    public override void SetDefaults(Map obj) => facts.Defaults?.Invoke(obj);

    public override void Validate(OperationContext context, Map obj, FieldErrorList errors) => (facts.Validate ?? base.Validate)(context, obj, errors);

    public override void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        (facts.ValidateUpdate ?? base.ValidateUpdate)(context, obj, old, errors);

    public override void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        (facts.ValidateStatusUpdate ?? base.ValidateStatusUpdate)(context, obj, old, errors);

    public override void Warn(OperationContext context, Map obj, Map? old) => facts.Warn?.Invoke(context, obj, old);
}
