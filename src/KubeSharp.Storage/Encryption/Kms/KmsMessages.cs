namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>The messages of <c>v2.KeyManagementService</c> (k8s.io/kms/apis/v2/api.proto, v1.36).</summary>
/// <param name="Version"><c>v2</c> or <c>v2beta1</c>.</param>
/// <param name="Healthz">Anything but <c>ok</c> is a failure, and its reason.</param>
/// <param name="KeyId">The key that the service writes with now.</param>
public sealed record KmsStatus(string Version, string Healthz, string KeyId)
{
    internal static KmsStatus Parse(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        var (version, healthz, keyId) = ("", "", "");
        while (reader.TryReadTag(out var field, out var wireType))
        {
            switch (field, wireType)
            {
                case (1, 2):
                    version = reader.ReadString();
                    break;
                case (2, 2):
                    healthz = reader.ReadString();
                    break;
                case (3, 2):
                    keyId = reader.ReadString();
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        return new KmsStatus(version, healthz, keyId);
    }
}

/// <summary>What was sealed by the service, and with which key.</summary>
public sealed record KmsCiphertext(ReadOnlyMemory<byte> Ciphertext, string KeyId, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Annotations)
{
    /// <summary>An EncryptRequest.</summary>
    internal static byte[] EncryptRequest(string uid, ReadOnlySpan<byte> plaintext) => new ProtobufWriter().Bytes(1, plaintext).Text(2, uid).ToArray();

    /// <summary>An EncryptResponse.</summary>
    internal static KmsCiphertext Parse(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        byte[] ciphertext = [];
        var keyId = "";
        var annotations = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            switch (field, wireType)
            {
                case (1, 2):
                    ciphertext = reader.ReadBytes().ToArray();
                    break;
                case (2, 2):
                    keyId = reader.ReadString();
                    break;
                case (3, 2):
                    reader.ReadEntry(annotations);
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        return new KmsCiphertext(ciphertext, keyId, annotations);
    }

    /// <summary>A DecryptRequest for this.</summary>
    internal byte[] DecryptRequest(string uid) =>
        new ProtobufWriter().Bytes(1, Ciphertext.Span).Text(2, uid).Text(3, KeyId).Entries(4, Annotations).ToArray();

    /// <summary>The plaintext of a DecryptResponse.</summary>
    internal static byte[] ParseDecryptResponse(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        byte[] plaintext = [];
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 1 && wireType == 2)
                plaintext = reader.ReadBytes().ToArray();
            else
                reader.Skip(wireType);
        }

        return plaintext;
    }
}
