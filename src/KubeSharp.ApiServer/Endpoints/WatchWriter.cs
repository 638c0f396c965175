using System.Buffers;
using System.Globalization;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Endpoints.Tables;
using KubeSharp.ApiServer.Registry;
using Encoding = KubeSharp.ApiServer.Endpoints.Negotiation.Encoding;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>
/// Writes watch events as the client asked for them: JSON lines, or length-prefixed protobuf frames. The object's bytes
/// are the cache's, shared by all watchers. Source: handlers/watch.go, handlers/response.go watchEncoder, v1.36.
/// </summary>
public sealed class WatchWriter : IAsyncDisposable
{
    private const int LargeBuffer = 64 * 1024;

    private readonly ApiRequest _request;
    private readonly OutputFormat _format;
    private readonly WatchStream _stream;
    private readonly IBufferWriter<byte> _output;
    private readonly ReadOnlyMemory<byte> _typeMeta;
    private readonly Prometheus.Counter.Child _events;
    private ArrayBufferWriter<byte>? _headBuffer;
    private bool _columnsSent;

    private WatchWriter(ApiRequest request, OutputFormat format, WatchStream stream)
    {
        _request = request;
        _format = format;
        _stream = stream;
        _output = stream.Output;
        _typeMeta = TypeMetaJson.Prefix(request.Served.Kind);
        _events = Metrics.RequestMetrics.WatchEventsOf(request.Served.GroupVersion, request.Resource.Resource);
    }

    /// <summary>Ends when a client has closed its side of a WebSocket.</summary>
    public CancellationToken PeerClosed => _stream.PeerClosed;

    /// <summary>Sends the head of the answer.</summary>
    /// <returns>The writer; null when a WebSocket's handshake has been refused.</returns>
    public static async ValueTask<WatchWriter?> StartAsync(ApiRequest request, OutputFormat format) =>
        await WatchStream.OpenAsync(request.Http, format.StreamContentType, format.Encoding != Encoding.Protobuf).ConfigureAwait(false) is { } stream
            ? new WatchWriter(request, format, stream)
            : null;

    public void Write(WatchEventType type, CachedObject cached)
    {
        _events.Inc();
        if (_format.Shape == Shape.Object && !_request.Served.NeedsConversion)
        {
            if (_format.Encoding == Encoding.Protobuf)
                WriteProtobuf(TypeName(type), cached);
            else
                WriteJson(type, cached);
            return;
        }

        WriteTree(TypeName(type), Shaped(cached));
    }

    /// <summary>A bookmark: an object of the kind with nothing but a resource version.</summary>
    public void WriteBookmark(long revision, bool initialEventsEnd)
    {
        var metadata = new Map(2) { { "resourceVersion", revision.ToString(CultureInfo.InvariantCulture) } };
        if (initialEventsEnd)
            metadata.Set("annotations", new Map(1) { { TableBuilder.InitialEventsEnd, "true" } });
        if (_format.Shape == Shape.PartialObjectMetadata)
        {
            WriteTree("BOOKMARK", new Map(3) { { "kind", "PartialObjectMetadata" }, { "apiVersion", $"meta.k8s.io/{_format.Version}" }, { "metadata", metadata } });
            return;
        }

        // Decoding an empty object gives the fields that are always present.
        var obj = new Map { { "kind", _request.Resource.Kind }, { "apiVersion", _request.Served.GroupVersion.ToString() }, { "metadata", metadata } };
        foreach (var (field, value) in JsonDecoder.Decode("{}"u8, _request.Served.Schema, new JsonDecodeOptions()).Root!)
        {
            if (field != "metadata")
                obj.Set(field, value);
        }

        WriteTree("BOOKMARK", _format.Shape == Shape.Table ? Table(obj, served: null, revision) : obj);
    }

    public async Task WriteErrorAsync(Status status)
    {
        WriteTree("ERROR", status.ToMap());
        await FlushAsync(_request.Aborted).ConfigureAwait(false);
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => _stream.FlushAsync(cancellationToken);

    public ValueTask FlushIfLargeAsync(CancellationToken cancellationToken) =>
        _stream.UnflushedBytes >= LargeBuffer ? _stream.FlushAsync(cancellationToken) : default;

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private void WriteJson(WatchEventType type, CachedObject cached)
    {
        _output.Write(type switch
        {
            WatchEventType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
            WatchEventType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
            WatchEventType.Deleted => "{\"type\":\"DELETED\",\"object\":"u8,
            _ => "{\"type\":\"BOOKMARK\",\"object\":"u8,
        });
        _output.Write(_typeMeta.Span);
        _output.Write(cached.Json().AsSpan(1));
        _output.Write("}\n"u8);
        _stream.EndEvent();
    }

    private void WriteProtobuf(string type, CachedObject cached)
    {
        var head = _headBuffer ??= new ArrayBufferWriter<byte>(64);
        head.ResetWrittenCount();
        StoredProtobuf.WriteWatchFrame(cached, _request.Served.Kind, type, head, _output);
        _stream.EndEvent();
    }

    private Map Shaped(CachedObject cached)
    {
        switch (_format.Shape)
        {
            case Shape.Table:
                return Table(cached.Tree(), _request.Served, cached.Revision);
            case Shape.PartialObjectMetadata:
                return PartialMetadata.Of(cached.Tree(), _format.Version, _request.Served.Store.Strategy);
            default:
                return _request.Served.FromStorage(cached.Tree());
        }
    }

    /// <summary>A table of one row; only the first of a watch has columns.</summary>
    private Map Table(Map tree, ServedResource? served, long revision)
    {
        var table = new TableBuilder(_request, _format);
        table.Add(tree, served);
        var built = table.Build(revision, null, null, withColumns: !_columnsSent);
        _columnsSent = true;
        return built;
    }

    private void WriteTree(string type, Map tree)
    {
        if (_format.Encoding == Encoding.Protobuf)
        {
            var kind = GroupVersionKind.Of(tree);
            var schema = kind == _request.Served.Kind ? _request.Served.Schema
                : kind.Kind == "Table" ? TableBuilder.Schema(kind.Version)
                : kind.Kind == "PartialObjectMetadata" ? PartialMetadata.Schema(kind.Version)
                : BuiltInSchema.Find(kind);
            var envelope = new ArrayBufferWriter<byte>(512);
            ProtobufEnvelope.Encode(tree, schema!, kind, envelope);
            StoredProtobuf.WriteFrameHead(type, envelope.WrittenCount, _output);
            _output.Write(envelope.WrittenSpan);
            _stream.EndEvent();
            return;
        }

        _output.Write("{\"type\":\""u8);
        _output.Write(System.Text.Encoding.ASCII.GetBytes(type));
        _output.Write("\",\"object\":"u8);
        JsonEncoder.Encode(tree, _output);
        _output.Write("}\n"u8);
        _stream.EndEvent();
    }

    internal static string TypeName(WatchEventType type) => type switch
    {
        WatchEventType.Added => "ADDED",
        WatchEventType.Modified => "MODIFIED",
        WatchEventType.Deleted => "DELETED",
        _ => "BOOKMARK",
    };
}
