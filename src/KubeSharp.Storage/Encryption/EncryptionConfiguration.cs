namespace KubeSharp.Storage.Encryption;

/// <summary>The file of <c>--encryption-provider-config</c>: kind EncryptionConfiguration of apiserver.config.k8s.io/v1, with
/// its defaults (apiserver/pkg/apis/apiserver/v1/types_encryption.go and defaults.go, v1.36).</summary>
public sealed record EncryptionConfiguration(IReadOnlyList<ResourceConfiguration> Resources);

/// <summary>Resources (<c>secrets</c>, <c>deployments.apps</c>, <c>*.</c>, <c>*.apps</c>, <c>*.*</c>) and how they are
/// kept: the first provider writes, all read.</summary>
public sealed record ResourceConfiguration(IReadOnlyList<string> Resources, IReadOnlyList<ProviderConfiguration> Providers);

/// <summary>One provider: of a valid configuration exactly one member is set.</summary>
public sealed record ProviderConfiguration
{
    public IReadOnlyList<EncryptionKey>? AesGcm { get; init; }

    public IReadOnlyList<EncryptionKey>? AesCbc { get; init; }

    public IReadOnlyList<EncryptionKey>? Secretbox { get; init; }

    public bool Identity { get; init; }

    public KmsConfiguration? Kms { get; init; }
}

/// <summary>A key's name, which is stored with what it seals, and its secret in base64.</summary>
public sealed record EncryptionKey(string Name, string Secret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"Name: {Name}, Secret: [REDACTED]";
}

/// <summary>A key management service behind a unix socket.</summary>
/// <param name="ApiVersion"><c>v1</c> (the default) or <c>v2</c>.</param>
/// <param name="Name">What is stored with the values.</param>
/// <param name="CacheSize">Of v1 only; null when not given.</param>
/// <param name="Endpoint"><c>unix:///run/kms.sock</c></param>
/// <param name="Timeout">The most that a call may take, three seconds when not given.</param>
public sealed record KmsConfiguration(string ApiVersion, string Name, long? CacheSize, string Endpoint, TimeSpan Timeout);
