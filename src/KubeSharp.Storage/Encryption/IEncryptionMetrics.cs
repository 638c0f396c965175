namespace KubeSharp.Storage.Encryption;

/// <summary>What encryption reports while it works; the API server turns it into upstream's metrics
/// (apiserver/pkg/storage/value/metrics.go and encrypt/envelope/metrics/metrics.go, v1.36).</summary>
public interface IEncryptionMetrics
{
    /// <summary>One transformation. <paramref name="prefix"/> is the provider's (<c>k8s:enc:aescbc:v1:</c>), <c>identity</c> or
    /// <c>unknown</c>; <paramref name="error"/> null when it went well.</summary>
    void Transformed(string resource, bool fromStorage, string prefix, TimeSpan elapsed, TransformException? error);

    /// <summary>A data key was made; a null duration is a failure.</summary>
    void DataKeyGenerated(TimeSpan? elapsed);

    /// <summary>A data key was not at hand and had to be asked for.</summary>
    void CacheMissed();

    /// <summary>How many data keys of a provider are at hand.</summary>
    void DataKeysCached(string provider, int count);

    /// <summary>A key of the key management service was used.</summary>
    void KeyUsed(string provider, bool fromStorage, string keyId);

    /// <summary>The service said which key it writes with.</summary>
    void KeyReported(string provider, string keyId);

    /// <summary>The service named no usable key: <c>empty</c> or <c>too_long</c>.</summary>
    void InvalidKeyReported(string provider, string code);

    /// <summary>One call of the service, by its full method name; <paramref name="code"/> is the gRPC status.</summary>
    void KmsCalled(string provider, string method, string code, TimeSpan elapsed);
}

/// <summary>Reports nothing.</summary>
public sealed class NoEncryptionMetrics : IEncryptionMetrics
{
    public static readonly NoEncryptionMetrics Instance = new();

    public void Transformed(string resource, bool fromStorage, string prefix, TimeSpan elapsed, TransformException? error)
    {
    }

    public void DataKeyGenerated(TimeSpan? elapsed)
    {
    }

    public void CacheMissed()
    {
    }

    public void DataKeysCached(string provider, int count)
    {
    }

    public void KeyUsed(string provider, bool fromStorage, string keyId)
    {
    }

    public void KeyReported(string provider, string keyId)
    {
    }

    public void InvalidKeyReported(string provider, string code)
    {
    }

    public void KmsCalled(string provider, string method, string code, TimeSpan elapsed)
    {
    }
}
