using System.Text;
using Google.Protobuf;

namespace KubeSharp.Storage.Etcd;

/// <summary>Keys as etcd has them: UTF-8, under the prefix that the cluster was set up with.</summary>
internal sealed class EtcdKeys
{
    /// <summary>What every key of the API begins with in this process.</summary>
    public const string Registry = "/registry";

    /// <summary>A key that nobody has: reading it tells the revision and nothing else. As the start of a range it is the first of all.</summary>
    public static readonly ByteString None = ByteString.CopyFrom(0);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string? _prefix;

    public EtcdKeys(string prefix)
    {
        var normal = "/" + prefix.Trim('/');
        _prefix = normal == Registry ? null : normal;
    }

    /// <exception cref="ArgumentException">The key is no text.</exception>
    public ByteString Of(string key) =>
        UnsafeByteOperations.UnsafeWrap(StrictUtf8.GetBytes(_prefix is not null && key.StartsWith(Registry, StringComparison.Ordinal) ? string.Concat(_prefix, key.AsSpan(Registry.Length)) : key));

    public KeyValue Read(Mvccpb.KeyValue kv)
    {
        var key = kv.Key.ToStringUtf8();
        if (_prefix is not null && key.StartsWith(_prefix, StringComparison.Ordinal))
            key = string.Concat(Registry, key.AsSpan(_prefix.Length));
        return new KeyValue(key, kv.Value.Memory, kv.CreateRevision, kv.ModRevision, kv.Version, kv.Lease);
    }
}
