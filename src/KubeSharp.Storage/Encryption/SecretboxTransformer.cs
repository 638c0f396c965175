using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace KubeSharp.Storage.Encryption;

/// <summary>
/// NaCl's secretbox: XSalsa20 and Poly1305, with a random nonce of 24 bytes in front of the tag and the sealed bytes; the
/// key in the store is not authenticated. Source: apiserver/pkg/storage/value/encrypt/secretbox/secretbox.go, v1.36;
/// golang.org/x/crypto/nacl/secretbox; D. J. Bernstein, "Cryptography in NaCl".
/// </summary>
/// <param name="key">32 bytes.</param>
public sealed class SecretboxTransformer(byte[] key) : IValueTransformer
{
    private const int NonceSize = 24;
    private const int TagSize = 16;

    public ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken)
    {
        var data = stored.Span;
        if (data.Length < NonceSize + TagSize)
            throw new TransformException("the stored data was shorter than the required size");
        var (engine, mac) = Start(data[..NonceSize]);
        var body = data[(NonceSize + TagSize)..];
        if (!CryptographicOperations.FixedTimeEquals(Tag(mac, body), data.Slice(NonceSize, TagSize)))
            throw new TransformException("output array was not large enough for encryption"); // upstream's words for a wrong tag
        var plain = new byte[body.Length];
        engine.ProcessBytes(body, plain);
        return ValueTask.FromResult(new PlainValue(plain, false));
    }

    public ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceSize);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(Seal(nonce, plain.Span));
    }

    /// <summary>Nonce, tag and sealed bytes; a nonce is good for one value.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain)
    {
        var (engine, mac) = Start(nonce);
        var result = new byte[NonceSize + TagSize + plain.Length];
        nonce.CopyTo(result);
        var body = result.AsSpan(NonceSize + TagSize);
        engine.ProcessBytes(plain, body);
        Tag(mac, body).CopyTo(result.AsSpan(NonceSize));
        return result;
    }

    /// <summary>The key stream behind its first 32 bytes, which are the authenticator's key.</summary>
    private (XSalsa20Engine Engine, Poly1305 Mac) Start(ReadOnlySpan<byte> nonce)
    {
        var engine = new XSalsa20Engine();
        engine.Init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        Span<byte> macKey = stackalloc byte[32];
        engine.ProcessBytes(stackalloc byte[32], macKey);
        var mac = new Poly1305();
        mac.Init(new KeyParameter(macKey));
        return (engine, mac);
    }

    private static byte[] Tag(Poly1305 mac, ReadOnlySpan<byte> body)
    {
        mac.BlockUpdate(body);
        var tag = new byte[TagSize];
        mac.DoFinal(tag);
        return tag;
    }
}
