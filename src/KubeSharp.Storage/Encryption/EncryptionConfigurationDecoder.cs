using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.Storage.Encryption;

/// <summary>
/// Reads an encryption configuration, YAML or JSON, strictly: unknown and repeated fields are errors. Texts are those of
/// upstream's decoder (loadConfig in apiserver/pkg/server/options/encryptionconfig/config.go and
/// apimachinery/pkg/runtime/serializer, v1.36).
/// </summary>
internal static class EncryptionConfigurationDecoder
{
    private const string Group = "apiserver.config.k8s.io";
    private const string GoPackage = "io.k8s.apiserver.pkg.apis.apiserver.v1";

    /// <summary>Upstream's name of the table of kinds, which is part of its message.</summary>
    private const string Scheme = "k8s.io/apiserver/pkg/server/options/encryptionconfig/config.go:142";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Other kinds that upstream's decoder knows by then.</summary>
    private static readonly string[] OtherKinds = ["AdmissionConfiguration", "AuthenticationConfiguration", "AuthorizationConfiguration", "EgressSelectorConfiguration", "TracingConfiguration"];

    private static readonly SchemaType Key = Struct("Key", ("name", Text), ("secret", Text));
    private static readonly SchemaType Keys = Struct("AESConfiguration", ("keys", ListOf(Key)));
    private static readonly SchemaType SecretboxKeys = Struct("SecretboxConfiguration", ("keys", ListOf(Key)));
    private static readonly SchemaType Identity = Struct("IdentityConfiguration");
    private static readonly SchemaType Kms = Struct("KMSConfiguration", ("apiVersion", Text), ("name", Text), ("cachesize", TypeRef.Scalar(TypeKind.Int32).AsPointer()), ("endpoint", Text), ("timeout", TypeRef.Scalar(TypeKind.Duration).AsPointer()));
    private static readonly SchemaType Provider = Struct("ProviderConfiguration", ("aesgcm", Optional(Keys)), ("aescbc", Optional(Keys)), ("secretbox", Optional(SecretboxKeys)), ("identity", Optional(Identity)), ("kms", Optional(Kms)));
    private static readonly SchemaType Resource = Struct("ResourceConfiguration", ("resources", TypeRef.ListOf(Text)), ("providers", ListOf(Provider)));
    private static readonly SchemaType Root = Struct("EncryptionConfiguration", ("kind", Text), ("apiVersion", Text), ("resources", ListOf(Resource)));

    private static TypeRef Text => TypeRef.Scalar(TypeKind.String);

    /// <param name="data">The file's bytes.</param>
    /// <param name="path">Its path, for errors.</param>
    /// <exception cref="FormatException">It cannot be decoded.</exception>
    public static EncryptionConfiguration Decode(ReadOnlySpan<byte> data, string path)
    {
        FormatException Error(string problem) => new($"error decoding encryption provider configuration file {GoText.Quote(path)}: {problem}");

        var isJson = data.TrimStart(" \t\r\n"u8).StartsWith("{"u8);
        ReadOnlyMemory<byte> json;
        var strict = new List<string>();
        if (isJson)
        {
            json = data.ToArray();
        }
        else
        {
            var yaml = YamlCodec.ToJson(data, strict: true);
            if (yaml.Error is { } problem)
                throw Error(problem);
            json = yaml.Json;
            strict.AddRange(yaml.StrictErrors);
        }

        var meta = JsonDecoder.ReadTypeMeta(json.Span, out var metaError);
        if (metaError is not null)
            throw Error($"couldn't get version/kind; json parse error: {metaError}");
        if (meta.Kind.Length == 0)
            throw Error($"Object 'Kind' is missing in '{Encoding.UTF8.GetString(data)}'");
        if (meta.ApiVersion.Length == 0)
            throw Error($"Object 'apiVersion' is missing in '{Encoding.UTF8.GetString(data)}'");
        if (meta.ApiVersion == $"{Group}/v1" && OtherKinds.Contains(meta.Kind))
            throw new FormatException($"got unexpected config type: {Group}/v1, Kind={meta.Kind}");
        // The second is the name that the kind had before it was stable.
        if ((meta.ApiVersion, meta.Kind) is not (($"{Group}/v1", "EncryptionConfiguration") or ("v1", "EncryptionConfig")))
            throw Error($"no kind {GoText.Quote(meta.Kind)} is registered for version {GoText.Quote(meta.ApiVersion)} in scheme {GoText.Quote(Scheme)}");

        var decoded = JsonDecoder.Decode(json.Span, Root, new JsonDecodeOptions { Strict = true, KeepEmpties = true });
        if (decoded.Error is { } error)
            throw Error(error);
        strict.AddRange(decoded.StrictErrors);
        if (strict.Count > 0)
            throw Error($"strict decoding error: {string.Join(", ", strict)}");
        return new EncryptionConfiguration([.. Items(decoded.Root!, "resources").Select(ResourceOf)]);
    }

    private static ResourceConfiguration ResourceOf(Map map) =>
        new([.. (map.GetSequence("resources") ?? Sequence.Empty).Select(v => v.AsString ?? "")], [.. Items(map, "providers").Select(ProviderOf)]);

    private static ProviderConfiguration ProviderOf(Map map) => new()
    {
        AesGcm = map.GetMap("aesgcm") is { } gcm ? KeysOf(gcm) : null,
        AesCbc = map.GetMap("aescbc") is { } cbc ? KeysOf(cbc) : null,
        Secretbox = map.GetMap("secretbox") is { } secretbox ? KeysOf(secretbox) : null,
        Identity = map.GetMap("identity") is not null,
        Kms = map.GetMap("kms") is { } kms ? KmsOf(kms) : null,
    };

    private static List<EncryptionKey> KeysOf(Map map) =>
        [.. Items(map, "keys").Select(key => new EncryptionKey(key.GetString("name") ?? "", key.GetString("secret") ?? ""))];

    /// <summary>With the defaults of SetDefaults_KMSConfiguration.</summary>
    private static KmsConfiguration KmsOf(Map map)
    {
        var version = map.GetString("apiVersion") is { Length: > 0 } given ? given : "v1";
        return new KmsConfiguration(
            version,
            map.GetString("name") ?? "",
            map.GetInteger("cachesize") ?? (version == "v1" ? 1000 : null),
            map.GetString("endpoint") ?? "",
            map.GetString("timeout") is { } timeout ? GoDuration.ParseOrNull(timeout) ?? default : DefaultTimeout);
    }

    private static IEnumerable<Map> Items(Map map, string name) => (map.GetSequence(name) ?? Sequence.Empty).Select(v => v.AsMap ?? Map.Empty);

    private static SchemaType Struct(string name, params (string Name, TypeRef Type)[] fields) =>
        new($"{GoPackage}.{name}", [.. fields.Select(f => new SchemaField(f.Name, f.Type) { OmitEmpty = f.Type.IsPointer })]);

    private static TypeRef ListOf(SchemaType item) => TypeRef.ListOf(TypeRef.StructOf(() => item));

    private static TypeRef Optional(SchemaType type) => TypeRef.StructOf(() => type).AsPointer();
}
