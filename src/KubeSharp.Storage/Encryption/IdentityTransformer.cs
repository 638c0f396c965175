namespace KubeSharp.Storage.Encryption;

/// <summary>Leaves values as they are, and refuses to take sealed bytes for a value
/// (apiserver/pkg/storage/value/encrypt/identity/identity.go, v1.36).</summary>
public sealed class IdentityTransformer : IValueTransformer
{
    public static readonly IdentityTransformer Instance = new();

    private IdentityTransformer()
    {
    }

    public ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken)
    {
        // JSON begins with a brace, protobuf with k8s and a NUL.
        if (stored.Span.StartsWith("k8s:enc:"u8))
            throw new TransformException("identity transformer tried to read encrypted data");
        return ValueTask.FromResult(new PlainValue(stored, false));
    }

    public ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(plain);
}
