using System.Security.Cryptography;

namespace KubeSharp.Storage.Encryption;

/// <summary>
/// AES-CBC with a random vector of 16 bytes in front and PKCS #7 padding; values are not authenticated.
/// Source: the cbc of apiserver/pkg/storage/value/encrypt/aes/aes.go, v1.36.
/// </summary>
/// <param name="key">16, 24 or 32 bytes.</param>
public sealed class AesCbcTransformer(byte[] key) : IValueTransformer
{
    private const int BlockSize = 16;

    public ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken)
    {
        var data = stored.Span;
        if (data.Length < BlockSize)
            throw new TransformException("the stored data was shorter than the required size");
        var blocks = data[BlockSize..];
        if (blocks.Length % BlockSize != 0)
            throw new TransformException("the stored data is not a multiple of the block size");
        // A new instance each time: they are not made for several threads.
        using var aes = Aes.Create();
        aes.Key = key;
        // The padding is taken off here, as upstream takes it off: any length that the last byte names is one.
        var plain = aes.DecryptCbc(blocks, data[..BlockSize], PaddingMode.None);
        var padding = plain.Length == 0 ? 0 : plain[^1];
        if (padding == 0 || padding > plain.Length)
            throw new TransformException("invalid PKCS7 data (empty or not padded)");
        if (plain.AsSpan(plain.Length - padding).ContainsAnyExcept((byte)padding))
            throw new TransformException("invalid padding on input");
        return ValueTask.FromResult(new PlainValue(plain.AsMemory(0, plain.Length - padding), false));
    }

    public ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var result = new byte[BlockSize + aes.GetCiphertextLengthCbc(plain.Length)];
        var vector = result.AsSpan(0, BlockSize);
        RandomNumberGenerator.Fill(vector);
        aes.EncryptCbc(plain.Span, vector, result.AsSpan(BlockSize));
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(result);
    }
}
