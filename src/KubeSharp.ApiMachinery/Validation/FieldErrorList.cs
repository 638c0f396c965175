using System.Collections;
using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>The problems of one object in the order found; validation appends and never throws.</summary>
public sealed class FieldErrorList : IReadOnlyList<FieldError>
{
    private readonly List<FieldError> _errors = [];

    public int Count => _errors.Count;

    public FieldError this[int index] => _errors[index];

    public void Add(FieldError error) => _errors.Add(error);

    public void AddRange(IEnumerable<FieldError> errors) => _errors.AddRange(errors);

    /// <summary>One <see cref="FieldErrorType.Invalid"/> for each message of a format check (see <see cref="NameValidation"/>).</summary>
    public void AddInvalid(FieldPath path, Documents.Value value, IEnumerable<string> messages)
    {
        foreach (var message in messages)
            _errors.Add(FieldError.Invalid(path, value, message));
    }

    /// <summary>All messages, each once: alone as it is, several in brackets (apimachinery/pkg/util/errors); null when there is none.</summary>
    public string? ToAggregate()
    {
        if (_errors.Count == 0)
            return null;
        var messages = _errors.Select(error => error.Error()).Distinct(StringComparer.Ordinal).ToList();
        return messages.Count == 1 ? messages[0] : $"[{string.Join(", ", messages)}]";
    }

    /// <summary>The causes of a 422: every error, repeated ones too.</summary>
    public IReadOnlyList<StatusCause> ToCauses() =>
        _errors.ConvertAll(error => new StatusCause(error.Type.ToCause(), error.ErrorBody(), error.Field));

    public IEnumerator<FieldError> GetEnumerator() => _errors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
