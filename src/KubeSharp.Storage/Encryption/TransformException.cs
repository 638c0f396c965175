namespace KubeSharp.Storage.Encryption;

/// <summary>A value could not be sealed or opened; the message is upstream's where it has one, and holds nothing secret.</summary>
public sealed class TransformException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The gRPC status code (<c>Unavailable</c>) when a key management service failed, else null.</summary>
    public string? GrpcCode { get; init; }

    /// <summary>Whether it may be over soon, as what a key management service causes may; anything else stays until the
    /// configuration changes.</summary>
    public bool IsTransient { get => field || GrpcCode is not null; init; }

    /// <summary>Several failures as one: their distinct messages in brackets (apimachinery/pkg/util/errors).</summary>
    public static TransformException Aggregate(IReadOnlyList<TransformException> errors)
    {
        if (errors.Count == 1)
            return errors[0];
        var messages = errors.Select(e => e.Message).Distinct(StringComparer.Ordinal).ToList();
        return new TransformException(messages.Count == 1 ? messages[0] : $"[{string.Join(", ", messages)}]", errors[0])
        {
            GrpcCode = errors.FirstOrDefault(e => e.GrpcCode is not null)?.GrpcCode,
            IsTransient = errors.Any(e => e.IsTransient),
        };
    }
}
