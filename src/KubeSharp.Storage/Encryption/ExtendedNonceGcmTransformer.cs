using System.Security.Cryptography;

namespace KubeSharp.Storage.Encryption;

/// <summary>
/// AES-GCM with a key of its own for every write, derived from a seed and 32 random bytes that stand in front (HKDF-SHA256,
/// expand only, RFC 5869), so that one seed lasts as long as the one who gave it wishes.
/// Source: apiserver/pkg/storage/value/encrypt/aes/aes_extended_nonce.go, v1.36.
/// Differs: derived keys are not kept, since deriving one costs less than looking after a cache of them.
/// </summary>
public sealed class ExtendedNonceGcmTransformer : IValueTransformer
{
    /// <summary>The size of seeds that are made, and the least that is taken.</summary>
    public const int MinSeedSize = 32;

    private const int InfoSize = 32;
    private const int KeySize = 32;

    private readonly byte[] _seed;

    /// <exception cref="TransformException">The seed is too short.</exception>
    public ExtendedNonceGcmTransformer(byte[] seed)
    {
        if (seed.Length < MinSeedSize)
            throw new TransformException($"invalid seed length {seed.Length} used for key generation");
        _seed = seed;
    }

    public ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken)
    {
        if (stored.Length < InfoSize)
            throw new TransformException("the stored data was shorter than the required size");
        Span<byte> key = stackalloc byte[KeySize];
        HKDF.Expand(HashAlgorithmName.SHA256, _seed, key, stored.Span[..InfoSize]);
        return ValueTask.FromResult(new PlainValue(AesGcmTransformer.Open(key, stored.Span[InfoSize..], context.Key), false));
    }

    public ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken)
    {
        var result = new byte[InfoSize + AesGcmTransformer.NonceSize + plain.Length + AesGcmTransformer.TagSize];
        RandomNumberGenerator.Fill(result.AsSpan(0, InfoSize));
        Span<byte> key = stackalloc byte[KeySize];
        HKDF.Expand(HashAlgorithmName.SHA256, _seed, key, result.AsSpan(0, InfoSize));
        AesGcmTransformer.Seal(key, plain.Span, context.Key, result.AsSpan(InfoSize));
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(result);
    }
}
