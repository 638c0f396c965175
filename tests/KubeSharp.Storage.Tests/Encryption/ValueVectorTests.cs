using System.Security.Cryptography;
using System.Text;
using KubeSharp.Storage.Encryption;
using KubeSharp.Storage.Encryption.Kms;

namespace KubeSharp.Storage.Tests.Encryption;

/// <summary>Values that upstream has sealed are opened here, and what is sealed here opens again, and nothing else does.</summary>
public sealed class ValueVectorTests
{
    private static readonly ValueContext Place = new("/registry/secrets/default/example", "secrets");

    public static TheoryData<string, string, string, string> Vectors()
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var line in TestData.Lines("values.txt"))
        {
            if (line.StartsWith('#'))
                continue;
            var parts = line.Split(' ');
            data.Add(parts[0], parts[1], parts[2] == "-" ? "" : parts[2], parts[3]);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task UpstreamsValuesOpen(string scheme, string variant, string plain, string stored)
    {
        var value = await Transformer(scheme, variant).FromStorageAsync(Convert.FromHexString(stored), Place, TestContext.Current.CancellationToken);
        Assert.Equal(plain, Convert.ToHexStringLower(value.Data.Span));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task WhatIsSealedOpensAgainAndIsNeverTheSameTwice(string scheme, string variant, string plain, string stored)
    {
        var stop = TestContext.Current.CancellationToken;
        var transformer = Transformer(scheme, variant);
        var bytes = Convert.FromHexString(plain);
        var one = await transformer.ToStorageAsync(bytes, Place, stop);
        var other = await transformer.ToStorageAsync(bytes, Place, stop);
        Assert.Equal(scheme == "kms" ? (await transformer.FromStorageAsync(one, Place, stop)).Data.Length : stored.Length / 2, scheme == "kms" ? bytes.Length : one.Length);
        Assert.NotEqual(one.ToArray(), other.ToArray());
        var opened = await transformer.FromStorageAsync(one, Place, stop);
        Assert.Equal(bytes, opened.Data.ToArray());
        Assert.False(opened.Stale);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task EveryTruncationIsAnError(string scheme, string variant, string plain, string stored)
    {
        var bytes = Convert.FromHexString(stored);
        for (var length = 0; length < bytes.Length; length++)
        {
            var (error, opened) = await OpenAsync(Transformer(scheme, variant), bytes.AsMemory(0, length), Place);
            // CBC is not authenticated: a cut at a block may leave padding by chance, but never the plain text.
            if (scheme == "cbc")
                Assert.True(error is not null || opened != plain);
            else if (error is null)
                // Cut before an annotation, which the service here does not look at.
                Assert.True(scheme == "kms" && variant == "0,2" && opened == plain);
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task EveryFlippedBitIsAnError(string scheme, string variant, string plain, string stored)
    {
        for (var bit = 0; bit < stored.Length * 4; bit += 3)
        {
            var bytes = Convert.FromHexString(stored);
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            var (error, opened) = await OpenAsync(Transformer(scheme, variant), bytes, Place);
            if (scheme == "cbc")
                Assert.True(error is not null || opened != plain);
            else if (error is null)
                // A bit of the key's name or of an annotation: the service here does not look at them.
                Assert.True(scheme == "kms" && opened == plain);
        }
    }

    [Theory]
    [InlineData("gcm", "32", "cipher: message authentication failed")]
    [InlineData("kms", "0,0", "cipher: message authentication failed")]
    [InlineData("kms", "1,2", "cipher: message authentication failed")]
    [InlineData("cbc", "32", null)]
    [InlineData("secretbox", "32", null)]
    public async Task AuthenticatedValuesCannotBeMoved(string scheme, string variant, string? expected)
    {
        var line = TestData.Lines("values.txt").First(l => l.StartsWith($"{scheme} {variant} 6", StringComparison.Ordinal));
        var (error, _) = await OpenAsync(Transformer(scheme, variant), Convert.FromHexString(line.Split(' ')[3]), Place with { Key = "/registry/secrets/default/other" });
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("cbc", "", "the stored data was shorter than the required size")]
    [InlineData("cbc", "000102030405060708090a0b0c0d0e0f", "invalid PKCS7 data (empty or not padded)")]
    [InlineData("cbc", "000102030405060708090a0b0c0d0e0f00", "the stored data is not a multiple of the block size")]
    [InlineData("gcm", "0001", "the stored data was shorter than the required size")]
    [InlineData("gcm", "000102030405060708090a0b0c", "cipher: message authentication failed")]
    [InlineData("secretbox", "00", "the stored data was shorter than the required size")]
    [InlineData("secretbox", "0000000000000000000000000000000000000000000000000000000000000000000000000000000000", "output array was not large enough for encryption")]
    [InlineData("kms", "", "encrypted data is empty")]
    [InlineData("kms", "ff", "proto: cannot parse invalid wire-format data")]
    [InlineData("kms", "0a", "proto: cannot parse invalid wire-format data")]
    [InlineData("kms", "0a05", "proto: cannot parse invalid wire-format data")]
    [InlineData("kms", "0a01002807", "unknown encryptedDEKSourceType: 7")]
    [InlineData("kms", "0a0100", "failed to validate encrypted DEK source: encrypted DEK source is empty")]
    [InlineData("kms", "0a01001a0101", "failed to validate key id: keyID is empty")]
    [InlineData("kms", "0a01001a010112016b22060a0178120100", "failed to validate annotations: annotations: Invalid value: \"x\": should be a domain with at least two segments separated by dots")]
    [InlineData("kms", "0a01001a010112016b", "crypto/aes: invalid key size 1")]
    [InlineData("kms", "0a01001a010112016b2801", "invalid seed length 1 used for key generation")]
    [InlineData("kms", "0a010012 01ff", "proto: string field contains invalid UTF-8")]
    public async Task DamagedValuesNameTheirProblem(string scheme, string stored, string expected)
    {
        var (error, _) = await OpenAsync(Transformer(scheme, scheme == "kms" ? "1,0" : "32"), Convert.FromHexString(stored.Replace(" ", "", StringComparison.Ordinal)), Place);
        Assert.Equal(expected, error);
    }

    [Fact]
    public async Task RandomBytesNeverEndInAnotherException()
    {
        foreach (var (scheme, variant) in new[] { ("cbc", "16"), ("gcm", "24"), ("secretbox", "32"), ("kms", "1,0") })
        {
            var random = new Random(7);
            for (var i = 0; i < 2000; i++)
            {
                var bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
                await OpenAsync(Transformer(scheme, variant), bytes, Place);
            }
        }
    }

    /// <summary>tests/secretbox.c of NaCl, and secretbox_test.go of golang.org/x/crypto.</summary>
    [Theory]
    [InlineData("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389", "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37",
        "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705",
        "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5")]
    [InlineData("0101010101010101010101010101010101010101010101010101010101010101", "020202020202020202020202020202020202020202020202",
        "03030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303",
        "8442bc313f4626f1359e3b50122b6ce6fe66ddfe7d39d14e637eb4fd5b45beadab55198df6ab5368439792a23c87db70acb6156dc5ef957ac04f6276cf6093b84be77ff0849cc33e34b7254d5a8f65ad")]
    public void SecretboxIsNaCls(string key, string nonce, string plain, string expected)
    {
        var result = new SecretboxTransformer(Convert.FromHexString(key)).Seal(Convert.FromHexString(nonce), Convert.FromHexString(plain));
        Assert.Equal(nonce + expected, Convert.ToHexStringLower(result));
    }

    [Fact]
    public async Task IdentityRefusesWhatIsSealed()
    {
        var stop = TestContext.Current.CancellationToken;
        Assert.Equal("plain", Encoding.UTF8.GetString((await IdentityTransformer.Instance.FromStorageAsync("plain"u8.ToArray(), Place, stop)).Data.Span));
        var (error, _) = await OpenAsync(IdentityTransformer.Instance, "k8s:enc:aescbc:v1:k:xx"u8.ToArray(), Place);
        Assert.Equal("identity transformer tried to read encrypted data", error);
    }

    private static async Task<(string? Error, string? Plain)> OpenAsync(IValueTransformer transformer, ReadOnlyMemory<byte> stored, ValueContext place)
    {
        try
        {
            return (null, Convert.ToHexStringLower((await transformer.FromStorageAsync(stored, place, TestContext.Current.CancellationToken)).Data.Span));
        }
        catch (TransformException exception)
        {
            return (exception.Message, null);
        }
    }

    private static IValueTransformer Transformer(string scheme, string variant) => scheme switch
    {
        "cbc" => new AesCbcTransformer(TestData.Key(int.Parse(variant))),
        "gcm" => new AesGcmTransformer(TestData.Key(int.Parse(variant))),
        "secretbox" => new SecretboxTransformer(TestData.Key(32)),
        _ => new EnvelopeTransformer(XorKms.Instance, "prov", () => State(variant), NoEncryptionMetrics.Instance, TimeProvider.System),
    };

    private static EnvelopeState State(string variant)
    {
        var seed = RandomNumberGenerator.GetBytes(32);
        var source = new KmsCiphertext(XorKms.Xor(seed), "key-id-1", new Dictionary<string, ReadOnlyMemory<byte>>());
        var type = variant.StartsWith('1') ? EncryptedDekSourceType.HkdfSha256XNonceAesGcmSeed : EncryptedDekSourceType.AesGcmKey;
        IValueTransformer writer = variant.StartsWith('1') ? new ExtendedNonceGcmTransformer(seed) : new AesGcmTransformer(seed);
        return new EnvelopeState(writer, source, type, new EncryptedObject(new byte[] { 0 }, source, type).CacheKey(), TimeSpan.MaxValue);
    }

    /// <summary>The service of the vectors: each byte x is x ^ 5a.</summary>
    private sealed class XorKms : IKmsService
    {
        public static readonly XorKms Instance = new();

        public static byte[] Xor(ReadOnlySpan<byte> bytes)
        {
            var result = bytes.ToArray();
            for (var i = 0; i < result.Length; i++)
                result[i] ^= 0x5a;
            return result;
        }

        public Task<KmsStatus> StatusAsync(CancellationToken cancellationToken) => Task.FromResult(new KmsStatus("v2", "ok", "key-id-1"));

        public Task<KmsCiphertext> EncryptAsync(string uid, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken) =>
            Task.FromResult(new KmsCiphertext(Xor(plaintext.Span), "key-id-1", new Dictionary<string, ReadOnlyMemory<byte>>()));

        public Task<byte[]> DecryptAsync(string uid, KmsCiphertext ciphertext, CancellationToken cancellationToken) => Task.FromResult(Xor(ciphertext.Ciphertext.Span));

        public void Dispose()
        {
        }
    }
}
