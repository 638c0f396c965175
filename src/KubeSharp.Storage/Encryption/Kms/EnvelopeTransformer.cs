namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>
/// Seals values with a data key that a key management service has sealed, and stores both together.
/// Source: apiserver/pkg/storage/value/encrypt/envelope/kmsv2/envelope.go, v1.36.
/// </summary>
public sealed class EnvelopeTransformer : IValueTransformer
{
    private readonly IKmsService _service;
    private readonly string _provider;
    private readonly Func<EnvelopeState> _state;
    private readonly DataKeyCache _cache;
    private readonly IEncryptionMetrics _metrics;
    private readonly TimeProvider _time;

    /// <param name="service">The service.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="state">The state of now; throws <see cref="TransformException"/> when there was none yet.</param>
    /// <param name="metrics">Told of the keys used.</param>
    /// <param name="time">The clock.</param>
    public EnvelopeTransformer(IKmsService service, string provider, Func<EnvelopeState> state, IEncryptionMetrics metrics, TimeProvider time)
    {
        _service = service;
        _provider = provider;
        _state = state;
        _cache = new DataKeyCache(provider, metrics, time);
        _metrics = metrics;
        _time = time;
    }

    public async ValueTask<PlainValue> FromStorageAsync(ReadOnlyMemory<byte> stored, ValueContext context, CancellationToken cancellationToken)
    {
        var sealedObject = EncryptedObject.Parse(stored.Span);
        var state = _state(); // an expired one still reads
        var cacheKey = sealedObject.CacheKey();
        var transformer = _cache.Find(cacheKey);
        if (transformer is null)
        {
            _metrics.CacheMissed();
            byte[] key;
            try
            {
                key = await _service.DecryptAsync(Guid.NewGuid().ToString(), sealedObject.DekSource, cancellationToken).ConfigureAwait(false);
            }
            catch (TransformException exception)
            {
                throw new TransformException($"failed to decrypt DEK, error: {exception.Message}", exception) { GrpcCode = exception.GrpcCode };
            }

            transformer = TransformerOf(key, sealedObject.DekSourceType);
            _cache.Set(cacheKey, transformer);
        }

        _metrics.KeyUsed(_provider, true, sealedObject.DekSource.KeyId);
        var value = await transformer.FromStorageAsync(sealedObject.EncryptedData, context, cancellationToken).ConfigureAwait(false);
        return value with
        {
            Stale = value.Stale || sealedObject.DekSource.KeyId != state.DekSource.KeyId || sealedObject.DekSourceType != state.DekSourceType,
        };
    }

    public async ValueTask<ReadOnlyMemory<byte>> ToStorageAsync(ReadOnlyMemory<byte> plain, ValueContext context, CancellationToken cancellationToken)
    {
        var state = _state();
        state.EnsureWritable(_time);
        // So that reading it back asks nobody.
        _cache.Set(state.CacheKey, state.Transformer);
        var data = await state.Transformer.ToStorageAsync(plain, context, cancellationToken).ConfigureAwait(false);
        _metrics.KeyUsed(_provider, false, state.DekSource.KeyId);
        return new EncryptedObject(data, state.DekSource, state.DekSourceType).Encode();
    }

    private static IValueTransformer TransformerOf(byte[] key, EncryptedDekSourceType type)
    {
        if (type == EncryptedDekSourceType.HkdfSha256XNonceAesGcmSeed)
            return new ExtendedNonceGcmTransformer(key);
        if (key.Length is not (16 or 24 or 32))
            throw new TransformException($"crypto/aes: invalid key size {key.Length}");
        return new AesGcmTransformer(key);
    }
}
