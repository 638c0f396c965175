namespace KubeSharp.ApiMachinery.Fields;

/// <summary>One term of a field selector: equal, or not equal when <paramref name="Negated"/>.</summary>
public readonly record struct FieldRequirement(string Field, string Value, bool Negated = false)
{
    public override string ToString() => $"{Field}{(Negated ? "!=" : "=")}{FieldSelector.EscapeValue(Value)}";
}
