using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Endpoints.Negotiation;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KubeSharp.ApiServer.Endpoints.Discovery;

/// <summary>Answers <c>/api</c>, <c>/apis</c> and what lies between them and resources.</summary>
public sealed class DiscoveryHandler(DiscoveryDocuments documents, string serverAddress)
{
    private const string AggregatedParameters = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <summary>True when the path was discovery's and has been answered.</summary>
    public async Task<bool> TryHandleAsync(HttpContext http, string[] parts)
    {
        if (parts is not (["api", ..] or ["apis", ..]))
            return false;
        if (parts.Length == 1)
        {
            await RootAsync(http, parts[0] == "api").ConfigureAwait(false);
            return true;
        }

        var document = parts switch
        {
            ["api", var version] => documents.ResourceList(new GroupVersion("", version)),
            ["apis", var group] => documents.GroupDocument(group),
            ["apis", var group, var version] => documents.ResourceList(new GroupVersion(group, version)),
            _ => null,
        };
        if (document is null && parts is ["apis", var unknown, ..] && documents.GroupDocument(unknown) is null)
        {
            await NotFoundText.WriteAsync(http).ConfigureAwait(false);
            return true;
        }

        if (document is null)
            throw GenericErrors.NotFound();
        // The document of a group answers to every method (kube-aggregator/pkg/apiserver/handler_apis.go), others do not,
        // and the aggregator's own group is served like any that it does not aggregate.
        if (parts is not ["apis", not "apiregistration.k8s.io"] || http.Request.Path.Value!.EndsWith('/'))
            CheckMethod(http.Request);
        await ResponseWriter.WriteTreeAsync(http, LegacyFormat(http.Request), document, Schema(document), 200).ConfigureAwait(false);
        return true;
    }

    /// <exception cref="StatusException">405 MethodNotAllowed.</exception>
    private static void CheckMethod(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            throw GenericErrors.MethodNotAllowed();
    }

    private Task RootAsync(HttpContext http, bool core)
    {
        if (core && http.Request.Path.Value!.EndsWith('/'))
        {
            CheckMethod(http.Request);
            CheckAccept(http.Request);
        }

        if (!http.Request.Path.Value!.EndsWith('/') && WantsAggregated(http.Request) is { } encoding)
        {
            http.Response.Headers.Vary = "Accept";
            http.Response.Headers.CacheControl = "public";
            var aggregated = documents.Aggregated(core);
            return WriteAggregatedAsync(http, aggregated, encoding);
        }

        if (core && !http.Request.Path.Value!.EndsWith('/'))
            http.Response.Headers.Vary = "Accept";
        var document = core ? DiscoveryDocuments.CoreVersions(serverAddress) : documents.GroupList();
        return ResponseWriter.WriteTreeAsync(http, LegacyFormat(http.Request), document, Schema(document), 200);
    }

    /// <summary>go-restful's own check of the root document with a slash: exact types only.</summary>
    private static void CheckAccept(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        if (accept.Length == 0 || accept.Contains("*/*", StringComparison.Ordinal)
            || accept.Contains(OutputFormat.Json, StringComparison.Ordinal) || accept.Contains(OutputFormat.Yaml, StringComparison.Ordinal) || accept.Contains(OutputFormat.Protobuf, StringComparison.Ordinal))
            return;
        throw new StatusException(new Status
        {
            Code = 406,
            Reason = StatusReason.NotAcceptable,
            Message = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf",
            Details = new StatusDetails(),
        });
    }

    private static async Task WriteAggregatedAsync(HttpContext http, Map document, Encoding encoding)
    {
        var format = new OutputFormat(encoding, Shape.Object, false);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(64 * 1024);
        switch (encoding)
        {
            case Encoding.Yaml:
                ApiMachinery.Codecs.YamlCodec.Encode(document, buffer);
                break;
            case Encoding.Protobuf:
                var kind = new GroupVersionKind("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList");
                ApiMachinery.Codecs.ProtobufEnvelope.Encode(document, BuiltInSchema.Find(kind)!, kind, buffer);
                break;
            default:
                ApiMachinery.Codecs.JsonEncoder.Encode(document, buffer);
                break;
        }

        // A client that has this very document already gets by with its tag.
        var etag = $"\"{Convert.ToHexString(System.Security.Cryptography.SHA512.HashData(buffer.WrittenSpan))}\"";
        http.Response.Headers.ETag = etag;
        if (http.Request.Headers.IfNoneMatch.Contains(etag))
        {
            http.Response.StatusCode = 304;
            return;
        }

        await ResponseWriter.WriteBytesAsync(http, format.ContentType + AggregatedParameters, 200, buffer.WrittenMemory, default).ConfigureAwait(false);
    }

    /// <summary>The encoding, when the first acceptable clause asks for the aggregated form that is offered.</summary>
    /// <exception cref="StatusException">406: only forms that are not offered.</exception>
    private static Encoding? WantsAggregated(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var clauses))
            return null;
        var refused = false;
        foreach (var clause in clauses)
        {
            var type = clause.MediaType.Value?.ToLowerInvariant();
            Encoding? encoding = type switch
            {
                OutputFormat.Json => Encoding.Json,
                OutputFormat.Yaml => Encoding.Yaml,
                OutputFormat.Protobuf => Encoding.Protobuf,
                _ => null,
            };
            string? Parameter(string name) => clause.Parameters.FirstOrDefault(p => p.Name == name)?.Value.Value;
            if (Parameter("as") is null)
                return null;
            if (encoding is not null && Parameter("as") == "APIGroupDiscoveryList" && Parameter("g") == "apidiscovery.k8s.io" && Parameter("v") == "v2")
                return encoding;
            refused = true;
        }

        if (refused)
            throw StatusErrors.NotAcceptable([OutputFormat.Json, OutputFormat.Yaml, OutputFormat.Protobuf]);
        return null;
    }

    /// <summary>The root documents of old go through another negotiation than resources, with an error of its own.</summary>
    private static OutputFormat LegacyFormat(HttpRequest request)
    {
        try
        {
            return Negotiator.Output(request, transforms: false);
        }
        catch (StatusException)
        {
            // Clauses for the aggregated form do not count against the plain one.
            if (request.Headers.Accept.ToString().Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal) && request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal))
                return new OutputFormat(Encoding.Json, Shape.Object, false);
            throw;
        }
    }

    private static SchemaType? Schema(Map document) =>
        BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1." + document.GetString("kind"));
}
