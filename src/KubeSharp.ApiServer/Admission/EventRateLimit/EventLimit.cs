using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Views.Core.V1;

namespace KubeSharp.ApiServer.Admission.EventRateLimit;

/// <summary>One limit of the rate of events: a bucket of tokens for each key, the keys used last
/// (plugin/pkg/admission/eventratelimit/limitenforcer.go, v1.36). Safe for concurrent use.</summary>
internal sealed class EventLimit(string type, int perSecond, int burst, int cacheSize, TimeProvider time)
{
    private const int DefaultCacheSize = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Bucket>> _buckets = new(StringComparer.Ordinal);
    private readonly LinkedList<Bucket> _byUse = [];
    private readonly int _capacity = cacheSize > 0 ? cacheSize : DefaultCacheSize;

    private sealed class Bucket(string key, double tokens, long at)
    {
        public string Key { get; } = key;

        public double Tokens { get; set; } = tokens;

        public long At { get; set; } = at;
    }

    /// <returns>Why the event is too much; null when it is not.</returns>
    public string? Accept(AdmissionAttributes attributes)
    {
        var key = KeyOf(attributes);
        return TryTake(key) ? null : $"limit reached on type {type} for key {key}";
    }

    private bool TryTake(string key)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_buckets.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                if (_buckets.Count >= _capacity)
                {
                    _buckets.Remove(_byUse.Last!.Value.Key);
                    _byUse.RemoveLast();
                }

                node = new LinkedListNode<Bucket>(new Bucket(key, burst, now));
                _buckets.Add(key, node);
            }

            _byUse.AddFirst(node);
            var bucket = node.Value;
            bucket.Tokens = Math.Min(burst, bucket.Tokens + (time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond));
            bucket.At = now;
            if (bucket.Tokens < 1)
                return false;
            bucket.Tokens--;
            return true;
        }
    }

    private string KeyOf(AdmissionAttributes attributes) => type switch
    {
        "Namespace" => attributes.Namespace,
        "User" => attributes.Context.User.Name,
        "SourceAndObject" => SourceAndObject(attributes.Object),
        _ => "",
    };

    private static string SourceAndObject(Map? obj)
    {
        var item = new Event(obj);
        var involved = item.InvolvedObject;
        return string.Concat(item.Source.Component, item.Source.Host, involved.Kind) + string.Concat(involved.Namespace, involved.Name, involved.UID, involved.APIVersion);
    }
}
