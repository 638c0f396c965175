using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>The opened data keys of one provider by what they were sealed to, so that the service is asked once for each. Old
/// ones go after a day, when others come (kmsv2/cache.go, v1.36). Safe for concurrent use.</summary>
internal sealed class DataKeyCache(string provider, IEncryptionMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, (IValueTransformer Transformer, TimeSpan Until)> _keys = new(StringComparer.Ordinal);
    private TimeSpan _nextSweep;

    public IValueTransformer? Find(byte[] cacheKey) => _keys.TryGetValue(Hash(cacheKey), out var found) ? found.Transformer : null;

    public void Set(byte[] cacheKey, IValueTransformer transformer)
    {
        var now = time.GetElapsedTime(0);
        _keys[Hash(cacheKey)] = (transformer, now + TimeToLive);
        if (now >= _nextSweep)
        {
            _nextSweep = now + TimeSpan.FromHours(1);
            foreach (var (key, entry) in _keys)
            {
                if (entry.Until < now)
                    _keys.TryRemove(key, out _);
            }
        }

        metrics.DataKeysCached(provider, _keys.Count);
    }

    private static string Hash(byte[] cacheKey) => Convert.ToHexString(SHA256.HashData(cacheKey));
}
