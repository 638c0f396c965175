using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// One stored object at one revision, as the read path needs it: its key, what selectors look at, the bytes that are in
/// the store, and the encodings made of them, each at most once and shared by every reader. The tree is kept only while
/// the object is recent (<see cref="DropTree"/>); after that it is decoded again by whoever needs it.
/// Created by a writer before the write (then <see cref="Complete"/> gives it its revision) or from the store's bytes.
/// Source: apiserver/pkg/storage/cacher/caching_object.go, v1.36. Safe for concurrent use.
/// </summary>
public sealed class CachedObject
{
    private readonly ObjectCodec _codec;
    private Map? _tree;
    private byte[]? _json;
    private int _metadataLength = -1;
    private long _revision;

    private CachedObject(ObjectCodec codec, string key, ReadOnlyMemory<byte> stored, Map tree)
    {
        _codec = codec;
        Key = key;
        Stored = stored;
        _tree = tree;
        var metadata = tree.GetMap("metadata");
        Name = metadata?.GetString("name") ?? "";
        Namespace = metadata?.GetString("namespace") ?? "";
        Labels = metadata?.GetMap("labels");
        Fields = codec.SelectableFields(tree);
    }

    /// <summary>The storage key, <c>/registry/pods/default/web-0</c>.</summary>
    public string Key { get; }

    public string Name { get; }

    /// <summary>The namespace, empty for cluster-scoped objects.</summary>
    public string Namespace { get; }

    /// <summary>metadata.labels, or null when there are none. Frozen.</summary>
    public Map? Labels { get; }

    /// <summary>The values of the kind's selectable fields, in the order of its strategy's names.</summary>
    public string[] Fields { get; }

    /// <summary>The bytes for the store before they are sealed: the envelope with the object's message, without a resource version. What an
    /// older server has stored may be other bytes.</summary>
    public ReadOnlyMemory<byte> Stored { get; }

    /// <summary>The mod revision, which is the resource version; 0 before <see cref="Complete"/>.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>An object about to be written. The tree becomes the cache's when the write succeeds and must not be
    /// changed by the caller any more.</summary>
    public static CachedObject ForWrite(ObjectCodec codec, string key, Map tree)
    {
        NormalForm.Apply(tree, codec.Schema);
        return new(codec, key, codec.Encode(tree), tree);
    }

    /// <summary>An object as read from the store and opened (<see cref="ObjectCodec.OpenAsync"/>).</summary>
    public static CachedObject FromStore(ObjectCodec codec, string key, ReadOnlyMemory<byte> stored, long revision)
    {
        var (tree, canonical) = codec.DecodeForeign(stored);
        var cached = new CachedObject(codec, key, canonical, tree);
        cached.Complete(revision);
        return cached;
    }

    /// <summary>The same state under another revision, as the last event of a deleted object shows it.</summary>
    public CachedObject AtRevision(long revision)
    {
        var cached = new CachedObject(_codec, Key, Stored, _codec.Decode(Stored));
        cached.Complete(revision);
        return cached;
    }

    /// <summary>Gives the object the revision that its write got and freezes it. The writer and the cache's feed both
    /// call this, whoever is first does it.</summary>
    public void Complete(long revision)
    {
        lock (_codec)
        {
            if (_revision != 0)
                return;
            var tree = _tree!;
            SetResourceVersion(tree, revision);
            tree.Freeze();
            Volatile.Write(ref _revision, revision);
        }
    }

    /// <summary>Freezes an object that will not be stored; a revision of 0 leaves the resource version as it is.</summary>
    public void CompleteDryRun(long revision)
    {
        if (revision == 0)
        {
            _tree!.Freeze();
            return;
        }

        Complete(revision);
    }

    /// <summary>The frozen tree at the storage version, with its resource version.</summary>
    public Map Tree()
    {
        var tree = _tree;
        if (tree is not null)
            return tree;
        tree = _codec.Decode(Stored);
        SetResourceVersion(tree, Revision);
        tree.Freeze();
        return tree;
    }

    /// <summary>The tree as far as a reader needs it: the fields at these paths (null: all), and maybe more; it may lack managed
    /// fields and the resource version. Frozen.</summary>
    /// <param name="paths">As <see cref="ApiMachinery.Schemas.ProjectedSchema.Of"/> takes them; always the same list, so that its layout is made once.</param>
    public Map TreeForReading(IReadOnlyList<string>? paths = null)
    {
        if (_tree is { } tree)
            return tree;
        tree = _codec.DecodeForReading(Stored, paths);
        tree.Freeze();
        return tree;
    }

    /// <summary>At its place in the schema's order, right behind the uid.</summary>
    private static void SetResourceVersion(Map tree, long revision)
    {
        var metadata = tree.EditMap("metadata");
        metadata.Remove("resourceVersion");
        metadata.InsertAt(metadata.IndexOf("uid") is >= 0 and var uid ? uid + 1 : metadata.Count, "resourceVersion", revision.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>UTF-8 JSON of the object without <c>kind</c> and <c>apiVersion</c>: <c>{"metadata":...}</c>, as list items are.</summary>
    public byte[] Json() => _json ??= ObjectCodec.EncodeJsonBody(Tree());

    /// <summary>The metadata in <see cref="Json"/>; empty when it does not begin with them.</summary>
    public ReadOnlySpan<byte> MetadataJson()
    {
        var json = Json();
        if (_metadataLength < 0)
            _metadataLength = PartialMetadata.Find(json).Length;
        return _metadataLength == 0 ? [] : json.AsSpan(PartialMetadata.Opening.Length, _metadataLength);
    }

    /// <summary>True when the JSON has been made, so that reading it costs nothing.</summary>
    public bool HasJson => _json is not null;

    /// <summary>Lets go of the tree; the next <see cref="Tree"/> decodes.</summary>
    public void DropTree() => _tree = null;
}
