namespace KubeSharp.Storage.Encryption;

/// <summary>What a transformation may bind a value to: its key in the store (<c>/registry/secrets/default/example</c>), and the
/// resource that metrics name (<c>deployments.apps</c>).</summary>
public readonly record struct ValueContext(string Key, string Resource);

/// <summary>A value as it was before it was stored. <paramref name="Stale"/>: it should be written anew even if nothing else
/// changes, because it was stored with an old key, by an old provider, or in the clear.</summary>
public readonly record struct PlainValue(ReadOnlyMemory<byte> Data, bool Stale);

/// <summary>
/// Turns values into what is kept at rest, and back. Safe for concurrent use.
/// Source: apiserver/pkg/storage/value/transformer.go, v1.36.
/// </summary>
public interface IValueTransformer
{
    /// <summary>The value of stored bytes. What comes back may be (part of) what came in.</summary>
    /// <exception cref="TransformException">The bytes are not readable: foreign, damaged, of an unknown key, or of another place.</exception>
    ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken);

    /// <summary>The bytes to store. What comes back may be what came in.</summary>
    /// <exception cref="TransformException">The value cannot be sealed now.</exception>
    ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken);
}
