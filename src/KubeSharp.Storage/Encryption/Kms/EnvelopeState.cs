using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>The data key that a provider writes with, sealed by the service's key of that moment. It may write until
/// <paramref name="Expiration"/>, and read for ever (State in kmsv2/envelope.go, v1.36). That time is of a clock that is never set
/// (<see cref="TimeProvider.GetElapsedTime(long)"/> of 0): a step of the wall clock must not stop all writes.</summary>
public sealed record EnvelopeState(IValueTransformer Transformer, KmsCiphertext DekSource, EncryptedDekSourceType DekSourceType, byte[] CacheKey, TimeSpan Expiration)
{
    /// <exception cref="TransformException">The key must not write any more: the service did not confirm it for too long.</exception>
    public void EnsureWritable(TimeProvider time)
    {
        if (time.GetElapsedTime(0) > Expiration)
        {
            throw new TransformException(
                $"encryptedDEKSource with keyID hash \"{HashOf(DekSource.KeyId)}\" expired at {FormatExpiration(time)} (current time is {Format(time.GetUtcNow())})");
        }
    }

    /// <summary>The end of the time for writes, on the wall clock as it is now.</summary>
    public string FormatExpiration(TimeProvider time) => Format(time.GetUtcNow() + (Expiration - time.GetElapsedTime(0)));

    /// <summary>Names of keys are not logged, only their hashes; empty for none (GetHashIfNotEmpty).</summary>
    public static string HashOf(string keyId) =>
        keyId.Length == 0 ? "" : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keyId)));

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Makes a data key seed and has the service seal it (GenerateTransformer).</summary>
    /// <exception cref="TransformException">The service failed, or its answer breaks the rules.</exception>
    public static async Task<EnvelopeState> GenerateAsync(IKmsService service, string uid, TimeSpan expiration, IEncryptionMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var seed = RandomNumberGenerator.GetBytes(ExtendedNonceGcmTransformer.MinSeedSize);
        metrics.DataKeyGenerated(time.GetElapsedTime(started));
        KmsCiphertext source;
        try
        {
            source = await service.EncryptAsync(uid, seed, cancellationToken).ConfigureAwait(false);
        }
        catch (TransformException exception)
        {
            throw new TransformException($"failed to encrypt DEK, error: {exception.Message}", exception) { GrpcCode = exception.GrpcCode };
        }

        // Any data passes here: what counts is the source.
        var probe = new EncryptedObject(new byte[] { 0 }, source, EncryptedDekSourceType.HkdfSha256XNonceAesGcmSeed);
        probe.Validate();
        return new EnvelopeState(new ExtendedNonceGcmTransformer(seed), source, probe.DekSourceType, probe.CacheKey(), expiration);
    }
}
