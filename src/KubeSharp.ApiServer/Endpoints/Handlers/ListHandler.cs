using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Endpoints.Tables;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Endpoints.Handlers;

/// <summary>
/// GET of a collection. JSON and protobuf lists join the bytes that the cache holds; nothing is decoded.
/// Source: handlers/get.go ListResource, storage/cacher/cacher.go GetList, v1.36.
/// </summary>
public sealed class ListHandler(ListReader reader) : IVerbHandler
{
    /// <summary>Bytes between flushes: enough to fill a TLS record many times, little enough to bound memory.</summary>
    private const int FlushSize = 256 * 1024;

    public async Task HandleAsync(ApiRequest request)
    {
        var format = Negotiator.Output(request.Http.Request, transforms: true);
        var options = ReadOptions.From(request.Http.Request);
        options.Validate(isWatch: false);
        var predicate = SelectionPredicate.Parse(options.LabelSelector, options.FieldSelector, request.Resource, request.Served.Store.Strategy);
        var page = await reader.ReadAsync(request.Served.Store, request.Info.Namespace, options, predicate, request.Aborted).ConfigureAwait(false);
        await WritePageAsync(request, format, page).ConfigureAwait(false);
    }

    internal static Task WritePageAsync(ApiRequest request, OutputFormat format, ListPage page)
    {
        if (format.Shape == Shape.Table)
        {
            var table = new TableBuilder(request, format);
            if (format is { Encoding: Encoding.Json, Pretty: false } && page.Items.Count > 0)
                return JoinTableAsync(request, format, page, table);
            foreach (var item in page.Items)
                table.Add(item);
            return ResponseWriter.WriteTreeAsync(request.Http, format, table.Build(page.Revision, page.Continue, page.Remaining), TableBuilder.Schema(format.Version), 200);
        }

        if (format is { Shape: Shape.Object, Pretty: false } && !request.Served.NeedsConversion)
        {
            if (format.Encoding == Encoding.Json)
                return JoinAsync(request, OutputFormat.Json, page, JsonHead(request, page), request.Served.Schema.Custom is null ? WriteJsonItem : CustomItemWriter(request.Served), "]}\n"u8.ToArray());
            if (format.Encoding == Encoding.Protobuf)
                return JoinProtobufAsync(request, page);
        }

        return WriteTreesAsync(request, format, page);
    }

    /// <summary>Lists that are not made of ready bytes: metadata only, YAML, other versions, indented.</summary>
    private static Task WriteTreesAsync(ApiRequest request, OutputFormat format, ListPage page)
    {
        var partial = format.Shape == Shape.PartialObjectMetadata;
        var items = new Sequence(page.Items.Count);
        foreach (var cached in page.Items)
        {
            if (partial)
            {
                items.Add(PartialMetadata.Of(cached.Tree(), format.Version, request.Served.Store.Strategy));
                continue;
            }

            var item = request.Served.FromStorage(cached.Tree()).ShallowClone();
            if (request.Served.Schema.Custom is null)
            {
                item.Remove("kind");
                item.Remove("apiVersion");
            }

            items.Add(item);
        }

        var list = new Map(4)
        {
            { "kind", partial ? "PartialObjectMetadataList" : request.Resource.ListKind },
            { "apiVersion", partial ? $"meta.k8s.io/{format.Version}" : request.Served.GroupVersion.ToString() },
            { "metadata", ListMetadata(request, page, partial) },
            // Go leaves the list of partial objects nil until there is one.
            { "items", partial && items.Count == 0 ? Value.Null : items },
        };
        var schema = partial ? PartialMetadata.ListSchema(format.Version) : ApiMachinery.Schemas.BuiltInSchema.Find(request.Served.GroupVersion.WithKind(request.Resource.ListKind));
        return ResponseWriter.WriteTreeAsync(request.Http, format, list, schema, 200);
    }

    private static Map ListMetadata(ApiRequest request, ListPage page, bool partial)
    {
        var metadata = new Map(3) { { "resourceVersion", page.Revision.ToString(CultureInfo.InvariantCulture) } };
        if (page.Continue is { Length: > 0 } token)
            metadata.Set("continue", token);
        else if (request.Served.IsCustom && !partial)
            // Lists of no declared type always say where to go on.
            metadata.Set("continue", "");
        if (page.Remaining is { } remaining)
            metadata.Set("remainingItemCount", remaining);
        return metadata;
    }

    private static byte[] JsonHead(ApiRequest request, ListPage page)
    {
        var head = new ArrayBufferWriter<byte>(256);
        head.Write(TypeMetaJson.Prefix(request.Served.GroupVersion.WithKind(request.Resource.ListKind)).Span);
        head.Write("\"metadata\":"u8);
        JsonEncoder.Encode(ListMetadata(request, page, false), head);
        head.Write(",\"items\":["u8);
        return head.WrittenSpan.ToArray();
    }

    /// <summary>Items of custom resources say what they are, unlike those of built-in kinds.</summary>
    private static Action<PipeWriter, CachedObject, bool> CustomItemWriter(ServedResource served) => (writer, cached, first) =>
    {
        if (!first)
            writer.Write(","u8);
        writer.Write(TypeMetaJson.Prefix(served.Kind).Span);
        writer.Write(cached.Json().AsSpan(1));
    };

    private static void WriteJsonItem(PipeWriter writer, CachedObject cached, bool first)
    {
        if (!first)
            writer.Write(","u8);
        writer.Write(cached.Json());
    }

    /// <summary>Rows are written as they are made: a table of everything is never held.</summary>
    private static Task JoinTableAsync(ApiRequest request, OutputFormat format, ListPage page, TableBuilder table)
    {
        var whole = new ArrayBufferWriter<byte>(4096);
        JsonEncoder.Encode(table.Build(page.Revision, page.Continue, page.Remaining), whole);
        // A Table without rows ends in "rows":[]} or "rows":null}; they go between.
        var end = whole.WrittenSpan.LastIndexOf("\"rows\":"u8) + "\"rows\":"u8.Length;
        byte[] head = [.. whole.WrittenSpan[..end], (byte)'['];
        return JoinAsync(request, format.ContentType, page, head, (writer, cached, first) =>
        {
            if (!first)
                writer.Write(","u8);
            table.WriteRow(cached, writer);
        }, "]}\n"u8.ToArray());
    }

    private static Task JoinProtobufAsync(ApiRequest request, ListPage page)
    {
        // Unknown.raw comes after its length: sizes are counted first, so that nothing has to be held.
        var metadata = new ArrayBufferWriter<byte>(64);
        ListProtobuf.WriteMetadata(page, metadata);
        long length = metadata.WrittenCount;
        foreach (var cached in page.Items)
            length += StoredProtobuf.ListItemLength(cached);
        var head = new ArrayBufferWriter<byte>(256);
        ProtobufEnvelope.WriteHead(request.Served.GroupVersion.WithKind(request.Resource.ListKind), checked((int)length), head);
        head.Write(metadata.WrittenSpan);
        var tail = new ArrayBufferWriter<byte>(8);
        ProtobufEnvelope.WriteTail(tail);
        return JoinAsync(request, OutputFormat.Protobuf, page, head.WrittenSpan.ToArray(), static (writer, cached, _) => StoredProtobuf.WriteListItem(cached, writer), tail.WrittenSpan.ToArray());
    }

    private static async Task JoinAsync(ApiRequest request, string contentType, ListPage page, byte[] head, Action<PipeWriter, CachedObject, bool> writeItem, byte[] tail)
    {
        var response = request.Http.Response;
        response.StatusCode = 200;
        response.ContentType = contentType;
        var size = head.Length + page.Items.Sum(i => (long)i.Stored.Length);
        Stream? gzip = null;
        var writer = response.BodyWriter;
        if (size > ResponseWriter.GzipThreshold && ResponseWriter.AcceptsGzip(request.Http.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            writer = PipeWriter.Create(gzip, new StreamPipeWriterOptions(leaveOpen: true));
        }

        writer.Write(head);
        var first = true;
        foreach (var cached in page.Items)
        {
            writeItem(writer, cached, first);
            first = false;
            if (writer.UnflushedBytes >= FlushSize)
                await writer.FlushAsync(request.Aborted).ConfigureAwait(false);
        }

        writer.Write(tail);
        await writer.FlushAsync(request.Aborted).ConfigureAwait(false);
        if (gzip is not null)
        {
            await writer.CompleteAsync().ConfigureAwait(false);
            await gzip.DisposeAsync().ConfigureAwait(false);
        }
    }
}
