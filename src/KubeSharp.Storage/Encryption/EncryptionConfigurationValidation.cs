using System.Buffers.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.Storage.Encryption;

/// <summary>
/// The rules of an encryption configuration, in upstream's order and words
/// (apiserver/pkg/apis/apiserver/validation/validation_encryption.go, v1.36).
/// Differs: where upstream prints a provider with its keys into an error, the secrets are left out.
/// </summary>
internal static class EncryptionConfigurationValidation
{
    private const string Redacted = "REDACTED";

    private static readonly int[] AesKeySizes = [16, 24, 32];
    private static readonly int[] SecretboxKeySizes = [32];
    private static readonly GroupResource Everything = new("*", "*");

    /// <param name="configuration">What was decoded.</param>
    /// <param name="reload">Whether it may be replaced while the server runs.</param>
    public static FieldErrorList Validate(EncryptionConfiguration configuration, bool reload)
    {
        var errors = new FieldErrorList();
        var root = new FieldPath("resources");
        if (configuration.Resources.Count == 0)
        {
            errors.Add(FieldError.Required(root, $"at least one {root} is required"));
            return errors;
        }

        var kmsNames = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < configuration.Resources.Count; i++)
        {
            var entry = configuration.Resources[i];
            var resources = root.Index(i).Child("resources");
            var providers = root.Index(i).Child("providers");
            if (entry.Resources.Count == 0)
                errors.Add(FieldError.Required(resources, $"at least one {resources} is required"));
            ValidateOverlap(errors, entry.Resources, resources);
            for (var j = 0; j < entry.Resources.Count; j++)
            {
                if (NameProblem(entry.Resources[j]) is { } problem)
                    errors.Add(FieldError.Invalid(resources.Index(j), entry.Resources[j], problem));
            }

            if (entry.Providers.Count == 0)
                errors.Add(FieldError.Required(providers, $"at least one {providers} is required"));
            for (var j = 0; j < entry.Providers.Count; j++)
                ValidateProvider(errors, entry.Providers[j], providers.Index(j), kmsNames, reload);
        }

        return errors;
    }

    /// <summary><c>secrets</c>, <c>deployments.apps</c>; the first dot parts the two (schema.ParseGroupResource).</summary>
    public static GroupResource ParseGroupResource(string text) =>
        text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? new(text[(dot + 1)..], text[..dot]) : new("", text);

    /// <summary>The bytes of a key's secret; null when it is no base64. As Go's decoder, which takes line breaks and no other space.</summary>
    public static byte[]? DecodeSecret(string secret)
    {
        var text = secret.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        if (text.AsSpan().ContainsAny(" \t"))
            return null;
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Convert.TryFromBase64String(text, buffer, out var length) ? buffer[..length] : null;
    }

    private static void ValidateOverlap(FieldErrorList errors, IReadOnlyList<string> names, FieldPath path)
    {
        var resources = names.Select(ParseGroupResource).ToList();
        var (overlap, duplicate) = (false, false);
        for (var i = 0; i < resources.Count; i++)
        {
            for (var j = 0; j < resources.Count; j++)
            {
                if (i == j)
                    continue;
                var (one, other) = (resources[i], resources[j]);
                if (one == other && !duplicate)
                    duplicate = true;
                else if (one == Everything || (one.Group == other.Group && (one.Resource == "*" || other.Resource == "*")))
                    overlap = true;
            }
        }

        if (duplicate)
            errors.Add(FieldError.Invalid(path, ToSequence(names), "the same resource cannot be specified multiple times"));
        if (overlap)
            errors.Add(FieldError.Invalid(path, ToSequence(names), "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked"));
    }

    private static string? NameProblem(string name)
    {
        if (name.Any(c => char.ToLowerInvariant(c) != c))
            return "resource name should not contain capital letters";
        if (name == "*")
            return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
        if (name is "apiserveripinfo" or "serviceipallocations" or "servicenodeportallocations")
            return "resources which do not have REST API/s cannot be encrypted";
        var resource = ParseGroupResource(name);
        return resource.Group switch
        {
            "events.k8s.io" => "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file",
            "extensions" => "'extensions' group has been removed and cannot be used for encryption",
            "*" when resource.Resource != "*" => "encrypting the same resource across groups is not supported",
            _ => null,
        };
    }

    private static void ValidateProvider(FieldErrorList errors, ProviderConfiguration provider, FieldPath path, HashSet<string> kmsNames, bool reload)
    {
        var found = new[] { provider.Kms is not null, provider.AesGcm is not null, provider.AesCbc is not null, provider.Secretbox is not null, provider.Identity }.Count(set => set);
        if (found == 0)
            errors.Add(FieldError.Invalid(path, Print(provider), "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity"));
        else if (found > 1)
            errors.Add(FieldError.Invalid(path, Print(provider), "more than one provider specified in a single element, should split into different list elements"));

        if (provider.Kms is { } kms)
        {
            ValidateKms(errors, kms, path.Child("kms"), kmsNames, reload);
            kmsNames.Add(kms.Name);
        }
        else if (provider.AesGcm is { } gcm)
        {
            ValidateKeys(errors, gcm, path.Child("aesgcm").Child("keys"), AesKeySizes);
        }
        else if (provider.AesCbc is { } cbc)
        {
            ValidateKeys(errors, cbc, path.Child("aescbc").Child("keys"), AesKeySizes);
        }
        else if (provider.Secretbox is { } secretbox)
        {
            ValidateKeys(errors, secretbox, path.Child("secretbox").Child("keys"), SecretboxKeySizes);
        }
    }

    private static void ValidateKeys(FieldErrorList errors, IReadOnlyList<EncryptionKey> keys, FieldPath path, int[] sizes)
    {
        if (keys.Count == 0)
            errors.Add(FieldError.Required(path, "at least one keys is required"));
        for (var i = 0; i < keys.Count; i++)
        {
            var key = path.Index(i);
            if (keys[i].Name.Length == 0)
                errors.Add(FieldError.Required(key.Child("name"), "name is a mandatory field for a key"));
            if (keys[i].Secret.Length == 0)
                errors.Add(FieldError.Required(key.Child("secret"), "secret is a mandatory field for a key"));
            else if (DecodeSecret(keys[i].Secret) is not { } secret)
                errors.Add(FieldError.Invalid(key.Child("secret"), Redacted, "secrets must be base64 encoded"));
            else if (!sizes.Contains(secret.Length))
                errors.Add(FieldError.Invalid(key.Child("secret"), Redacted, $"secret is not of the expected length, got {secret.Length}, expected one of [{string.Join(' ', sizes)}]"));
        }
    }

    private static void ValidateKms(FieldErrorList errors, KmsConfiguration kms, FieldPath path, HashSet<string> names, bool reload)
    {
        var name = path.Child("name");
        if (kms.Name.Length == 0)
            errors.Add(FieldError.Required(name, "name is a mandatory field for a provider"));
        if (kms.ApiVersion != "v1" && kms.Name.Contains(':', StringComparison.Ordinal))
            errors.Add(FieldError.Invalid(name, kms.Name, $"invalid KMS provider name {kms.Name}, must not contain ':'"));
        if ((reload || kms.ApiVersion != "v1") && names.Contains(kms.Name))
            errors.Add(FieldError.Invalid(name, kms.Name, $"duplicate KMS provider name {kms.Name}, names must be unique"));

        if (kms.Timeout <= TimeSpan.Zero)
            errors.Add(FieldError.Invalid(path.Child("timeout"), GoDuration.Format(kms.Timeout), "timeout should be a positive value"));

        var endpoint = path.Child("endpoint");
        if (kms.Endpoint.Length == 0)
            errors.Add(FieldError.Invalid(endpoint, "", "endpoint is a mandatory field for a kms"));
        else if (!TryGetScheme(kms.Endpoint, out var scheme, out var problem))
            errors.Add(FieldError.Invalid(endpoint, kms.Endpoint, $"invalid endpoint for kms provider, error: parse {GoText.Quote(kms.Endpoint)}: {problem}"));
        else if (scheme != "unix")
            errors.Add(FieldError.Invalid(endpoint, kms.Endpoint, $"unsupported scheme {GoText.Quote(scheme)} for KMS provider, only unix is supported"));

        if (kms.ApiVersion != "v1" && kms.CacheSize is { } size)
            errors.Add(FieldError.Invalid(path.Child("cachesize"), size, "cachesize is not supported in v2"));
        if (kms is { ApiVersion: "v1", CacheSize: 0 })
            errors.Add(FieldError.Invalid(path.Child("cachesize"), 0, "cachesize should be a positive value, or negative to disable"));
        if (kms.ApiVersion is not ("v1" or "v2"))
            errors.Add(FieldError.Invalid(path.Child("apiVersion"), kms.ApiVersion, "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported"));
    }

    /// <summary>As far as Go's url.Parse matters here: the scheme in lower case, or why the text is no URL.</summary>
    private static bool TryGetScheme(string text, out string scheme, out string problem)
    {
        (scheme, problem) = ("", "");
        if (text.Any(c => c < ' ' || c == 0x7F))
        {
            problem = "net/url: invalid control character in URL";
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && !(i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2])))
            {
                problem = $"invalid URL escape {GoText.Quote(text.Substring(i, Math.Min(3, text.Length - i)))}";
                return false;
            }
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon == 0)
        {
            problem = "missing protocol scheme";
            return false;
        }

        if (colon > 0 && char.IsAsciiLetter(text[0]) && text.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0)
            scheme = text[..colon].ToLowerInvariant();
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> SchemeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    private static Sequence ToSequence(IReadOnlyList<string> names)
    {
        var sequence = new Sequence(names.Count);
        foreach (var name in names)
            sequence.Add(name);
        return sequence;
    }

    /// <summary>As Go prints the internal type, without secrets.</summary>
    private static Value Print(ProviderConfiguration provider) => new Map
    {
        { "AESGCM", PrintKeys(provider.AesGcm) },
        { "AESCBC", PrintKeys(provider.AesCbc) },
        { "Secretbox", PrintKeys(provider.Secretbox) },
        { "Identity", provider.Identity ? new Map() : Value.Null },
        { "KMS", provider.Kms is { } kms ? PrintKms(kms) : Value.Null },
    };

    private static Value PrintKeys(IReadOnlyList<EncryptionKey>? keys)
    {
        if (keys is null)
            return Value.Null;
        var sequence = new Sequence(keys.Count);
        foreach (var key in keys)
            sequence.Add(new Map { { "Name", key.Name }, { "Secret", Redacted } });
        return new Map { { "Keys", sequence } };
    }

    private static Map PrintKms(KmsConfiguration kms) => new()
    {
        { "APIVersion", kms.ApiVersion },
        { "Name", kms.Name },
        { "CacheSize", kms.CacheSize is { } size ? size : Value.Null },
        { "Endpoint", kms.Endpoint },
        { "Timeout", GoDuration.Format(kms.Timeout) },
    };
}
