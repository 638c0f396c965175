using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>What sort of failure it is; the sort decides how it becomes a field error.</summary>
internal enum FailureKind : byte
{
    /// <summary>A sentence without a place of its own (anyOf, ranges).</summary>
    Composite,
    Type,
    Required,
    TooLong,
    Enum,
    TooMany,
    Other,
}

/// <summary>One failure. <paramref name="Path"/> is the validator's, with a dot in front where it adds one.</summary>
internal sealed record SchemaFailure(FailureKind Kind, string Path, string Message, Value Value = default, long Limit = -1, IReadOnlyList<Value>? Values = null);

/// <summary>The failures of one validation, each message once, and how much of the value was found right: of several
/// alternatives the one with the most matches tells what is wrong (kube-openapi/pkg/validation/validate/result.go).</summary>
internal sealed class SchemaResult
{
    private List<SchemaFailure>? _failures;

    public int Matches { get; private set; }

    public bool IsValid => _failures is null;

    public IReadOnlyList<SchemaFailure> Failures => _failures ?? (IReadOnlyList<SchemaFailure>)[];

    public void Count() => Matches++;

    public void Add(SchemaFailure? failure)
    {
        if (failure is null)
            return;
        _failures ??= [];
        foreach (var known in _failures)
        {
            if (known.Message == failure.Message)
                return;
        }

        _failures.Add(failure);
    }

    public void Merge(SchemaResult? other)
    {
        if (other is null)
            return;
        Matches += other.Matches;
        if (other._failures is null)
            return;
        foreach (var failure in other._failures)
            Add(failure);
    }

    /// <summary>The same matches without the failures: what has not changed may stay wrong.</summary>
    public SchemaResult Forgiven() => new() { Matches = Matches };

    /// <summary>kubeOpenAPIResultToFieldErrors in apiextensions-apiserver/pkg/apiserver/validation/validation.go.</summary>
    public void AppendTo(FieldErrorList errors, FieldPath? root)
    {
        foreach (var failure in Failures)
        {
            if (failure.Kind == FailureKind.Composite)
            {
                errors.Add(FieldError.Invalid(root, "", failure.Message));
                continue;
            }

            var name = failure.Path.StartsWith('.') ? failure.Path[1..] : failure.Path;
            var path = failure.Path is "" or "." ? root : root is null ? new FieldPath(name) : root.Child(name);
            var value = failure.Value.IsNullOrUndefined ? "" : failure.Value;
            errors.Add(failure.Kind switch
            {
                FailureKind.Required => FieldError.Required(path, ""),
                FailureKind.Enum => FieldError.NotSupported(path, failure.Value, Texts(failure.Values!)),
                FailureKind.TooLong => FieldError.TooLong(path, (int)failure.Limit),
                FailureKind.TooMany => FieldError.TooMany(path, (int)(failure.Value.AsInteger ?? -1), (int)failure.Limit),
                FailureKind.Type => FieldError.TypeInvalid(path, value, failure.Message),
                _ => FieldError.Invalid(path, value, failure.Message),
            });
        }
    }

    private static IEnumerable<string> Texts(IReadOnlyList<Value> values)
    {
        foreach (var value in values)
            yield return value.AsString ?? Text.GoText.Json(value);
    }
}
