using KubeSharp.ComponentBase.Metrics;
using KubeSharp.Storage.Encryption;
using KubeSharp.Storage.Encryption.Kms;
using Prometheus;

namespace KubeSharp.ApiServer.Encryption;

/// <summary>
/// Encryption at rest in upstream's metrics: apiserver/pkg/storage/value/metrics.go,
/// apiserver/pkg/storage/value/encrypt/envelope/metrics/metrics.go and
/// apiserver/pkg/server/options/encryptionconfig/metrics/metrics.go, v1.36.
/// </summary>
public sealed class EncryptionMetrics(string apiServerId, TimeProvider time) : IEncryptionMetrics
{
    /// <summary>How many keys of key management services keep their series (upstream's cacheSize).</summary>
    private const int MaxKeys = 100;

    private static readonly Histogram Durations = ComponentMetrics.Factory.CreateHistogram(
        "apiserver_storage_transformation_duration_seconds", "Latencies in seconds of value transformation operations.",
        ["transformation_type", "transformer_prefix"], new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(5e-6, 2, 25) });

    private static readonly Counter Operations = ComponentMetrics.Factory.CreateCounter(
        "apiserver_storage_transformation_operations_total",
        "Total number of transformations. Successful transformation will have a status 'OK' and a varied status string when the transformation fails. The status, resource, and transformation_type fields can be used for alerting purposes. For example, you can monitor for encryption/decryption failures using the transformation_type (e.g., from_storage for decryption and to_storage for encryption). Additionally, these fields can be used to ensure that the correct transformers are applied to each resource.",
        "resource", "transformation_type", "transformer_prefix", "status");

    private static readonly Counter CacheMisses = ComponentMetrics.Factory.CreateCounter(
        "apiserver_storage_envelope_transformation_cache_misses_total", "Total number of cache misses while accessing key decryption key(KEK).");

    private static readonly Histogram KeyGenerations = ComponentMetrics.Factory.CreateHistogram(
        "apiserver_storage_data_key_generation_duration_seconds", "Latencies in seconds of data encryption key(DEK) generation operations.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(5e-6, 2, 14) });

    private static readonly Counter KeyGenerationFailures = ComponentMetrics.Factory.CreateCounter(
        "apiserver_storage_data_key_generation_failures_total", "Total number of failed data encryption key(DEK) generation operations.");

    private static readonly Histogram KmsLatencies = ComponentMetrics.Factory.CreateHistogram(
        "apiserver_envelope_encryption_kms_operations_latency_seconds", "KMS operation duration with gRPC error code status total.",
        ["provider_name", "method_name", "grpc_status_code"], new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0001, 2, 20) });

    private static readonly Counter KeyUses = ComponentMetrics.Factory.CreateCounter(
        "apiserver_envelope_encryption_key_id_hash_total", "Number of times a keyID is used split by transformation type, provider, and apiserver identity.",
        "transformation_type", "provider_name", "key_id_hash", "apiserver_id_hash");

    private static readonly Gauge KeyUseTimes = ComponentMetrics.Factory.CreateGauge(
        "apiserver_envelope_encryption_key_id_hash_last_timestamp_seconds", "The last time in seconds when a keyID was used.",
        "transformation_type", "provider_name", "key_id_hash", "apiserver_id_hash");

    private static readonly Gauge KeyStatusTimes = ComponentMetrics.Factory.CreateGauge(
        "apiserver_envelope_encryption_key_id_hash_status_last_timestamp_seconds", "The last time in seconds when a keyID was returned by the Status RPC call.",
        "provider_name", "key_id_hash", "apiserver_id_hash");

    private static readonly Counter InvalidKeys = ComponentMetrics.Factory.CreateCounter(
        "apiserver_envelope_encryption_invalid_key_id_from_status_total", "Number of times an invalid keyID is returned by the Status RPC call split by error.",
        "provider_name", "error");

    private static readonly Gauge CachedKeys = ComponentMetrics.Factory.CreateGauge(
        "apiserver_envelope_encryption_dek_source_cache_size",
        "Number of records in data encryption key (DEK) source cache. On a restart, this value is an approximation of the number of decrypt RPC calls the server will make to the KMS plugin.",
        "provider_name");

    private static readonly Counter Reloads = ComponentMetrics.Factory.CreateCounter(
        "apiserver_encryption_config_controller_automatic_reloads_total",
        "Total number of reload successes and failures of encryption configuration split by apiserver identity.",
        "status", "apiserver_id_hash");

    private static readonly Gauge ReloadTimes = ComponentMetrics.Factory.CreateGauge(
        "apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds",
        "Timestamp of the last successful or failed automatic reload of encryption configuration split by apiserver identity.",
        "status", "apiserver_id_hash");

    private static readonly Gauge LastConfiguration = ComponentMetrics.Factory.CreateGauge(
        "apiserver_encryption_config_controller_last_config_info",
        "Information about the last applied encryption configuration with hash as label, split by apiserver identity.",
        "apiserver_id_hash", "hash");

    private readonly string _identity = EnvelopeState.HashOf(apiServerId);
    private readonly Lock _lock = new();
    private readonly Queue<string[]> _usedKeys = new();
    private readonly Queue<string[]> _reportedKeys = new();
    private string _configuration = "";

    public void Transformed(string resource, bool fromStorage, string prefix, TimeSpan elapsed, TransformException? error)
    {
        var type = TypeOf(fromStorage);
        Operations.WithLabels(resource, type, prefix, error is null ? "OK" : error.GrpcCode ?? "unknown-non-grpc").Inc();
        if (error is null)
            Durations.WithLabels(type, prefix).Observe(elapsed.TotalSeconds);
    }

    public void DataKeyGenerated(TimeSpan? elapsed)
    {
        if (elapsed is { } time)
            KeyGenerations.Observe(time.TotalSeconds);
        else
            KeyGenerationFailures.Inc();
    }

    public void CacheMissed() => CacheMisses.Inc();

    public void DataKeysCached(string provider, int count) => CachedKeys.WithLabels(provider).Set(count);

    public void KeyUsed(string provider, bool fromStorage, string keyId)
    {
        string[] labels = [TypeOf(fromStorage), provider, EnvelopeState.HashOf(keyId), _identity];
        KeyUses.WithLabels(labels).Inc();
        KeyUseTimes.WithLabels(labels).Set(Now);
        Remember(_usedKeys, labels, static old =>
        {
            KeyUses.RemoveLabelled(old);
            KeyUseTimes.RemoveLabelled(old);
        });
    }

    public void KeyReported(string provider, string keyId)
    {
        string[] labels = [provider, EnvelopeState.HashOf(keyId), _identity];
        KeyStatusTimes.WithLabels(labels).Set(Now);
        Remember(_reportedKeys, labels, static old => KeyStatusTimes.RemoveLabelled(old));
    }

    public void InvalidKeyReported(string provider, string code) => InvalidKeys.WithLabels(provider, code).Inc();

    public void KmsCalled(string provider, string method, string code, TimeSpan elapsed) =>
        KmsLatencies.WithLabels(provider, method, code).Observe(elapsed.TotalSeconds);

    /// <summary>A configuration is in force, by the hash of its file.</summary>
    public void ConfigurationApplied(string hash)
    {
        lock (_lock)
        {
            if (_configuration.Length > 0)
                LastConfiguration.RemoveLabelled(_identity, _configuration);
            _configuration = hash;
            LastConfiguration.WithLabels(_identity, hash).Set(1);
        }
    }

    /// <summary>The file has changed and is in force.</summary>
    public void Reloaded(string hash)
    {
        Reloads.WithLabels("success", _identity).Inc();
        ReloadTimes.WithLabels("success", _identity).Set(Now);
        ConfigurationApplied(hash);
    }

    /// <summary>The file has changed and could not be put in force.</summary>
    public void ReloadFailed()
    {
        Reloads.WithLabels("failure", _identity).Inc();
        ReloadTimes.WithLabels("failure", _identity).Set(Now);
    }

    private double Now => time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private static string TypeOf(bool fromStorage) => fromStorage ? "from_storage" : "to_storage";

    /// <summary>Keeps the number of series bounded: the keys that came first go first.</summary>
    private void Remember(Queue<string[]> known, string[] labels, Action<string[]> forget)
    {
        lock (_lock)
        {
            if (known.Any(k => k.AsSpan().SequenceEqual(labels)))
                return;
            known.Enqueue(labels);
            if (known.Count > MaxKeys)
                forget(known.Dequeue());
        }
    }
}
