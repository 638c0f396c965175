using System.Security.Cryptography;
using System.Text;

namespace KubeSharp.Storage.Encryption;

/// <summary>
/// AES-GCM with a random nonce of 12 bytes in front and the tag behind; the key in the store is authenticated, so that a
/// value cannot be moved to another. One key is good for 2^32 writes (NIST SP 800-38D).
/// Source: the gcm of apiserver/pkg/storage/value/encrypt/aes/aes.go, v1.36.
/// </summary>
/// <param name="key">16, 24 or 32 bytes.</param>
public sealed class AesGcmTransformer(byte[] key) : IValueTransformer
{
    internal const int NonceSize = 12;
    internal const int TagSize = 16;

    public ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new PlainValue(Open(key, stored.Span, context.Key), false));

    public ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken)
    {
        var result = new byte[NonceSize + plain.Length + TagSize];
        Seal(key, plain.Span, context.Key, result);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(result);
    }

    /// <exception cref="TransformException">Too short, or not sealed with this key for this place.</exception>
    internal static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> stored, string authenticated)
    {
        if (stored.Length < NonceSize)
            throw new TransformException("the stored data was shorter than the required size");
        if (stored.Length < NonceSize + TagSize)
            throw new TransformException("cipher: message authentication failed");
        var plain = new byte[stored.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        try
        {
            aes.Decrypt(stored[..NonceSize], stored[NonceSize..^TagSize], stored[^TagSize..], plain, Encoding.UTF8.GetBytes(authenticated));
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new TransformException("cipher: message authentication failed", exception);
        }

        return plain;
    }

    /// <summary>Nonce, sealed bytes and tag into a buffer of just that length.</summary>
    internal static void Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, string authenticated, Span<byte> result)
    {
        RandomNumberGenerator.Fill(result[..NonceSize]);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(result[..NonceSize], plain, result[NonceSize..^TagSize], result[^TagSize..], Encoding.UTF8.GetBytes(authenticated));
    }
}
