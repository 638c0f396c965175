using System.Security.Cryptography;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.Storage.Encryption.Kms;
using Microsoft.Extensions.Logging;

namespace KubeSharp.Storage.Encryption;

/// <summary>What providers are made with.</summary>
/// <param name="Metrics">Told of what they do.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where they log.</param>
public sealed record EncryptionEnvironment(IEncryptionMetrics Metrics, TimeProvider Time, ILogger Logger);

/// <summary>
/// One encryption configuration at work: the transformer of every resource, and the key management services behind them.
/// Immutable but for what the services' probes learn; safe for concurrent use. Disposal closes the connections.
/// Source: LoadEncryptionConfig in apiserver/pkg/server/options/encryptionconfig/config.go, v1.36.
/// </summary>
public sealed class EncryptionProviders : IDisposable
{
    /// <summary>KMS v1 is behind a gate that is off in v1.36; the gate's effect is not implemented.</summary>
    private const string KmsV1Refusal = "KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.";

    private static readonly GroupResource Everything = new("*", "*");

    private readonly EncryptionEnvironment _environment;
    private readonly Dictionary<GroupResource, IValueTransformer> _transformers = [];
    private readonly List<KmsPluginProbe> _probes = [];

    private EncryptionProviders(string contentHash, EncryptionEnvironment environment)
    {
        ContentHash = contentHash;
        _environment = environment;
    }

    /// <summary>The hash of the file (<c>sha256:...</c>), to see whether it has changed without keeping it.</summary>
    public string ContentHash { get; }

    /// <summary>The key management services in the order of the file.</summary>
    public IReadOnlyList<KmsPluginProbe> Probes => _probes;

    /// <summary>How long calls that are under way may still use this after another has taken its place.</summary>
    public TimeSpan CloseGracePeriod { get; private set; }

    /// <summary>Reads, validates and builds; nothing is asked of a key management service yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reload">Whether it may be replaced while the server runs, which makes one rule stricter.</param>
    /// <param name="environment">What providers are made with.</param>
    /// <exception cref="FormatException">What is wrong with the file, in upstream's words.</exception>
    public static EncryptionProviders Load(string path, bool reload, EncryptionEnvironment environment)
    {
        EncryptionConfiguration configuration;
        string hash;
        try
        {
            var data = ReadFile(path);
            hash = HashOf(data);
            configuration = EncryptionConfigurationDecoder.Decode(data, path);
            if (EncryptionConfigurationValidation.Validate(configuration, reload).ToAggregate() is { } problem)
                throw new FormatException(problem);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"error while parsing file: {exception.Message}", exception);
        }

        var providers = new EncryptionProviders(hash, environment);
        try
        {
            providers.Add(configuration);
            return providers;
        }
        catch (FormatException exception)
        {
            providers.Dispose();
            throw new FormatException($"error while building transformers: {exception.Message}", exception);
        }
    }

    /// <summary>The hash of the file as it is now.</summary>
    /// <exception cref="FormatException">It cannot be read, or is empty.</exception>
    public static string ReadContentHash(string path)
    {
        try
        {
            return HashOf(ReadFile(path));
        }
        catch (FormatException exception) when (exception.Message.StartsWith("error while loading file: ", StringComparison.Ordinal))
        {
            throw new FormatException(exception.Message["error while loading file: ".Length..], exception);
        }
    }

    /// <summary>The transformer of a resource: by its name, by its group, by what is said of everything, else none (values are
    /// stored as they are, and sealed ones refused).</summary>
    public IValueTransformer For(GroupResource resource) =>
        _transformers.GetValueOrDefault(resource)
        ?? _transformers.GetValueOrDefault(resource with { Resource = "*" })
        ?? _transformers.GetValueOrDefault(Everything)
        ?? IdentityTransformer.Instance;

    /// <summary>Asks every key management service how it is, one after the other.</summary>
    /// <returns>Null when all are well, else their errors.</returns>
    public async Task<string?> CheckAsync(CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        for (var i = 0; i < _probes.Count; i++)
        {
            if (await _probes[i].CheckAsync(cancellationToken).ConfigureAwait(false) is { } error)
                errors.Add($"kms-provider-{i}: {error}");
        }

        return errors.Count switch
        {
            0 => null,
            1 => errors[0],
            _ => $"[{string.Join(", ", errors)}]",
        };
    }

    /// <summary>Watches over the key management services until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_probes.Select(probe => probe.RunAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var probe in _probes)
            probe.Dispose();
    }

    private void Add(EncryptionConfiguration configuration)
    {
        var lists = new Dictionary<GroupResource, List<PrefixTransformer>>();
        foreach (var entry in configuration.Resources)
        {
            var transformers = entry.Providers.Select(ProviderOf).ToList();
            foreach (var name in entry.Resources)
            {
                var resource = EncryptionConfigurationValidation.ParseGroupResource(name);
                var wholeGroup = resource with { Resource = "*" };
                // An entry behind one that takes all would never be used.
                if (lists.ContainsKey(wholeGroup))
                    throw Masked(resource, wholeGroup);
                if (lists.ContainsKey(Everything))
                    throw Masked(resource, Everything);
                if (!lists.TryGetValue(resource, out var list))
                    lists[resource] = list = [];
                list.AddRange(transformers);
            }
        }

        foreach (var (resource, list) in lists)
            _transformers[resource] = new PrefixTransformers("no matching prefix found", list, _environment.Metrics, _environment.Time);
    }

    private PrefixTransformer ProviderOf(ProviderConfiguration provider) => provider switch
    {
        { AesGcm: { } keys } => KeysOf("k8s:enc:aesgcm:v1:", "AES", keys, static secret => new AesGcmTransformer(secret)),
        { AesCbc: { } keys } => KeysOf("k8s:enc:aescbc:v1:", "AES", keys, static secret => new AesCbcTransformer(secret)),
        { Secretbox: { } keys } => KeysOf("k8s:enc:secretbox:v1:", "Secretbox", keys, static secret => new SecretboxTransformer(secret)),
        { Kms: { } kms } => KmsOf(kms),
        _ => new PrefixTransformer("", IdentityTransformer.Instance),
    };

    private PrefixTransformer KeysOf(string prefix, string title, IReadOnlyList<EncryptionKey> keys, Func<byte[], IValueTransformer> make)
    {
        var byName = keys.Select(key => new PrefixTransformer($"{key.Name}:", make(EncryptionConfigurationValidation.DecodeSecret(key.Secret)!))).ToList();
        return new PrefixTransformer(prefix, new PrefixTransformers($"no matching key was found for the provided {title} transformer", byName, _environment.Metrics, _environment.Time));
    }

    private PrefixTransformer KmsOf(KmsConfiguration kms)
    {
        if (kms.ApiVersion == "v1")
            throw new FormatException(KmsV1Refusal);
        var (metrics, time) = (_environment.Metrics, _environment.Time);
        var service = new GrpcKmsService(kms.Endpoint, kms.Name, kms.Timeout, metrics, time);
        var probe = new KmsPluginProbe(kms.Name, service, metrics, time, _environment.Logger);
        _probes.Add(probe);
        CloseGracePeriod += 2 * kms.Timeout;
        return new PrefixTransformer($"k8s:enc:kms:v2:{kms.Name}:", new EnvelopeTransformer(service, kms.Name, probe.State, metrics, time));
    }

    private static FormatException Masked(GroupResource resource, GroupResource by) =>
        new($"resource {GoText.Quote(Print(resource))} is masked by earlier rule {GoText.Quote(Print(by))}");

    private static string Print(GroupResource resource) => resource is { Group: "", Resource: "*" } ? "*." : resource.ToString();

    private static string HashOf(byte[] data) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(data));

    private static byte[] ReadFile(string path)
    {
        byte[] data;
        try
        {
            data = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var reason = exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => $"open {path}: no such file or directory",
                UnauthorizedAccessException when Directory.Exists(path) => $"read {path}: is a directory",
                UnauthorizedAccessException => $"open {path}: permission denied",
                _ => exception.Message,
            };
            throw new FormatException($"error while loading file: error reading encryption provider configuration file {GoText.Quote(path)}: {reason}", exception);
        }

        return data.Length > 0 ? data : throw new FormatException($"error while loading file: encryption provider configuration file {GoText.Quote(path)} is empty");
    }
}
