using System.Buffers;
using System.Text.Json;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Cache;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using KubeSharp.ApiServer.Endpoints.Tables;
using KubeSharp.ApiServer.Registry;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>
/// Writes one object as the client asked for it. The common case, JSON of a cached object, joins bytes that are ready.
/// Source: apiserver/pkg/endpoints/handlers/{response,responsewriters}, v1.36.
/// </summary>
public static class ResponseWriter
{
    /// <summary>Answers larger than this are compressed when the client takes gzip (responsewriters/writers.go).</summary>
    public const int GzipThreshold = 128 * 1024;

    /// <summary>Writes a stored object at the served version.</summary>
    public static Task WriteAsync(ApiRequest request, OutputFormat format, CachedObject cached, int statusCode)
    {
        var served = request.Served;
        if (format.Shape == Shape.Object && !served.NeedsConversion)
        {
            if (format is { Encoding: Encoding.Json, Pretty: false })
                return WriteBytesAsync(request.Http, OutputFormat.Json, statusCode, TypeMetaJson.Prefix(served.Kind), cached.Json().AsMemory(1));
            if (format.Encoding == Encoding.Protobuf)
            {
                var buffer = new ArrayBufferWriter<byte>(cached.Stored.Length + 64);
                StoredProtobuf.WriteEnvelope(cached, served.Kind, buffer);
                return WriteBytesAsync(request.Http, OutputFormat.Protobuf, statusCode, buffer.WrittenMemory, default);
            }
        }

        return format.Shape switch
        {
            Shape.Table => WriteTableAsync(request, format, cached, statusCode),
            Shape.PartialObjectMetadata => WriteTreeAsync(request.Http, format, PartialMetadata.Of(cached.Tree(), format.Version, request.Served.Store.Strategy), PartialMetadata.Schema(format.Version), statusCode),
            _ => WriteTreeAsync(request.Http, format, served.FromStorage(cached.Tree()), served.Schema, statusCode),
        };
    }

    /// <summary>Writes any tree with kind and apiVersion. The schema is needed for protobuf only.</summary>
    public static Task WriteTreeAsync(HttpContext http, OutputFormat format, Map tree, SchemaType? schema, int statusCode)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        switch (format.Encoding)
        {
            case Encoding.Yaml:
                YamlCodec.Encode(tree, buffer);
                break;
            case Encoding.Protobuf when schema is not null:
                ProtobufEnvelope.Encode(tree, schema, GroupVersionKind.Of(tree), buffer);
                break;
            default:
                format = format with { Encoding = Encoding.Json };
                JsonEncoder.Encode(tree, buffer);
                if (format.Pretty)
                    buffer = Indent(buffer.WrittenMemory);
                else
                    buffer.Write("\n"u8);
                break;
        }

        return WriteBytesAsync(http, format.ContentType, statusCode, buffer.WrittenMemory, default);
    }

    /// <summary>Writes a Status as the body, with its code and Retry-After.</summary>
    public static Task WriteStatusAsync(HttpContext http, Status status)
    {
        if (status.Details is { RetryAfterSeconds: > 0 } details)
            http.Response.Headers.RetryAfter = details.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var schema = BuiltInSchema.Find(new GroupVersionKind("", "v1", "Status"));
        return WriteTreeAsync(http, Negotiator.Error(http.Request), status.ToMap(), schema, status.Code);
    }

    public static async Task WriteBytesAsync(HttpContext http, string contentType, int statusCode, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail)
    {
        var response = http.Response;
        response.StatusCode = statusCode;
        response.ContentType = contentType;
        var newline = tail.Length > 0;
        if (head.Length + tail.Length > GzipThreshold && AcceptsGzip(http.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            await using var gzip = new System.IO.Compression.GZipStream(response.Body, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true);
            await gzip.WriteAsync(head, http.RequestAborted).ConfigureAwait(false);
            await gzip.WriteAsync(tail, http.RequestAborted).ConfigureAwait(false);
            if (newline)
                await gzip.WriteAsync("\n"u8.ToArray(), http.RequestAborted).ConfigureAwait(false);
            return;
        }

        response.ContentLength = head.Length + tail.Length + (newline ? 1 : 0);
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        var writer = response.BodyWriter;
        writer.Write(head.Span);
        writer.Write(tail.Span);
        if (newline)
            writer.Write("\n"u8);
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    public static bool AcceptsGzip(HttpRequest request)
    {
        foreach (var value in request.Headers.AcceptEncoding)
        {
            foreach (var range in (value ?? "").AsSpan().Split(','))
            {
                if (value.AsSpan()[range].Trim().StartsWith("gzip", StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }

    private static Task WriteTableAsync(ApiRequest request, OutputFormat format, CachedObject cached, int statusCode)
    {
        var table = new TableBuilder(request, format);
        table.Add(cached);
        return WriteTreeAsync(request.Http, format, table.Build(cached.Revision, null, null), TableBuilder.Schema(format.Version), statusCode);
    }

    internal static ArrayBufferWriter<byte> Indent(ReadOnlyMemory<byte> json)
    {
        var indented = new ArrayBufferWriter<byte>(json.Length * 2);
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
        using (var writer = new Utf8JsonWriter(indented, new JsonWriterOptions { Indented = true, MaxDepth = 1000, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default }))
            document.WriteTo(writer);
        return indented;
    }
}
