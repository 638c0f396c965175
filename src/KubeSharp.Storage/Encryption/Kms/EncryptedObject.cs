using System.Buffers.Binary;
using System.Text;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>What the plain text of an encrypted data key source is for. The values are part of what is stored.</summary>
public enum EncryptedDekSourceType
{
    /// <summary>It is the key of AES-GCM itself.</summary>
    AesGcmKey = 0,

    /// <summary>It is the seed that keys are derived from (<see cref="ExtendedNonceGcmTransformer"/>).</summary>
    HkdfSha256XNonceAesGcmSeed = 1,
}

/// <summary>
/// What is stored behind the prefix of a KMS v2 provider: sealed data, and what it takes to open it.
/// Source: apiserver/pkg/storage/value/encrypt/envelope/kmsv2/v2/api.proto and the checks of kmsv2/envelope.go, v1.36.
/// </summary>
public sealed record EncryptedObject(ReadOnlyMemory<byte> EncryptedData, KmsCiphertext DekSource, EncryptedDekSourceType DekSourceType)
{
    private const int MaxAnnotations = 32 * 1024;
    private const int MaxKeyId = 1024;
    private const int MaxDekSource = 1024;

    /// <exception cref="TransformException">No such message, or one that breaks the rules.</exception>
    public static EncryptedObject Parse(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        byte[] data = [], source = [];
        var keyId = "";
        var annotations = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var type = 0;
        while (reader.TryReadTag(out var field, out var wireType))
        {
            switch (field, wireType)
            {
                case (1, 2):
                    data = reader.ReadBytes().ToArray();
                    break;
                case (2, 2):
                    keyId = reader.ReadString();
                    break;
                case (3, 2):
                    source = reader.ReadBytes().ToArray();
                    break;
                case (4, 2):
                    reader.ReadEntry(annotations);
                    break;
                case (5, 0):
                    type = unchecked((int)reader.ReadVarint());
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        var parsed = new EncryptedObject(data, new KmsCiphertext(source, keyId, annotations), (EncryptedDekSourceType)type);
        parsed.Validate();
        return parsed;
    }

    /// <exception cref="TransformException">It breaks the rules, and could not be read again.</exception>
    public byte[] Encode()
    {
        Validate();
        return new ProtobufWriter().Bytes(1, EncryptedData.Span).Text(2, DekSource.KeyId).Bytes(3, DekSource.Ciphertext.Span)
            .Entries(4, DekSource.Annotations).Number(5, (ulong)DekSourceType).ToArray();
    }

    /// <summary>ValidateEncryptedObject.</summary>
    /// <exception cref="TransformException">The first rule that is broken.</exception>
    public void Validate()
    {
        if (DekSourceType is not (EncryptedDekSourceType.AesGcmKey or EncryptedDekSourceType.HkdfSha256XNonceAesGcmSeed))
            throw new TransformException($"unknown encryptedDEKSourceType: {(int)DekSourceType}");
        if (EncryptedData.Length == 0)
            throw new TransformException("encrypted data is empty");
        if (DekSource.Ciphertext.Length == 0)
            throw new TransformException("failed to validate encrypted DEK source: encrypted DEK source is empty");
        if (DekSource.Ciphertext.Length > MaxDekSource)
            throw new TransformException($"failed to validate encrypted DEK source: encrypted DEK source is {DekSource.Ciphertext.Length} bytes, which exceeds the max size of {MaxDekSource}");
        if (KeyIdProblem(DekSource.KeyId) is { } problem)
            throw new TransformException($"failed to validate key id: {problem.Message}");
        ValidateAnnotations();
    }

    /// <summary>What is wrong with the name of a key: the code for metrics and the message; null for nothing.</summary>
    public static (string Code, string Message)? KeyIdProblem(string keyId)
    {
        var size = Encoding.UTF8.GetByteCount(keyId);
        return size switch
        {
            0 => ("empty", "keyID is empty"),
            > MaxKeyId => ("too_long", $"keyID is {size} bytes, which exceeds the max size of {MaxKeyId}"),
            _ => null,
        };
    }

    /// <summary>The same bytes for the same data key (generateCacheKey in kmsv2/envelope.go).</summary>
    public byte[] CacheKey()
    {
        using var output = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        void Part(ReadOnlySpan<byte> bytes)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            output.Write(length);
            output.Write(bytes);
        }

        BinaryPrimitives.WriteInt32BigEndian(number, (int)DekSourceType);
        output.Write(number);
        Part(DekSource.Ciphertext.Span);
        Part(Encoding.UTF8.GetBytes(DekSource.KeyId));
        foreach (var (key, value) in DekSource.Annotations.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            Part(Encoding.UTF8.GetBytes(key));
            Part(value.Span);
        }

        return output.ToArray();
    }

    private void ValidateAnnotations()
    {
        var problems = new List<string>();
        long size = 0;
        foreach (var (key, value) in DekSource.Annotations)
        {
            var errors = new FieldErrorList();
            NameValidation.IsFullyQualifiedDomainName(errors, new FieldPath("annotations"), key);
            if (errors.ToAggregate() is { } problem)
                problems.Add(problem);
            size += Encoding.UTF8.GetByteCount(key) + value.Length;
        }

        if (size > MaxAnnotations)
            problems.Add($"total size of annotations is {size}, which exceeds the max size of {MaxAnnotations}");
        problems = [.. problems.Distinct(StringComparer.Ordinal)];
        if (problems.Count > 0)
            throw new TransformException("failed to validate annotations: " + (problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems)}]"));
    }
}
