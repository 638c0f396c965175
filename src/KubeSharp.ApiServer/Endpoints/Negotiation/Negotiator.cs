using KubeSharp.ApiMachinery.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KubeSharp.ApiServer.Endpoints.Negotiation;

/// <summary>
/// Chooses the format of answers and checks that of bodies.
/// Source: apiserver/pkg/endpoints/handlers/negotiation/negotiate.go, v1.36.
/// </summary>
public static class Negotiator
{
    private static readonly string[] Accepted = [OutputFormat.Json, OutputFormat.Yaml, OutputFormat.Protobuf];

    /// <summary>What answers with whole custom resources can be: they have no protobuf.</summary>
    private static readonly string[] AcceptedOfCustom = [OutputFormat.Json, OutputFormat.Yaml];

    /// <summary>The format of the answer; <paramref name="transforms"/>: Table and metadata may be asked for.</summary>
    /// <exception cref="StatusException">406 NotAcceptable.</exception>
    public static OutputFormat Output(HttpRequest request, bool transforms) =>
        TryOutput(request, transforms, streaming: false) ?? throw StatusErrors.NotAcceptable(IsCustom(request) ? AcceptedOfCustom : Accepted);

    /// <summary>The format of a watch: JSON or protobuf.</summary>
    /// <exception cref="StatusException">406 NotAcceptable.</exception>
    public static OutputFormat Watch(HttpRequest request) =>
        TryOutput(request, true, streaming: true) ?? throw StatusErrors.NotAcceptable(IsCustom(request) ? AcceptedOfCustom : Accepted);

    /// <summary>The format for an error: whatever can be understood, else JSON.</summary>
    public static OutputFormat Error(HttpRequest request)
    {
        var format = TryOutput(request, true, streaming: false, isError: true) ?? new OutputFormat(Encoding.Json, Shape.Object, IsPretty(request));
        return format with { Shape = Shape.Object };
    }

    /// <summary>The encoding of a request body; an absent content type is JSON.</summary>
    /// <exception cref="StatusException">415 UnsupportedMediaType.</exception>
    public static Encoding Input(HttpRequest request)
    {
        var contentType = request.ContentType;
        if (string.IsNullOrEmpty(contentType))
            return Encoding.Json;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed))
            throw StatusErrors.UnsupportedMediaType(Accepted);
        var encoding = EncodingOf(parsed.MediaType.Value ?? "");
        if (encoding == Encoding.Protobuf && IsCustom(request))
            throw StatusErrors.UnsupportedMediaType(AcceptedOfCustom);
        return encoding ?? throw StatusErrors.UnsupportedMediaType(Accepted);
    }

    private static bool IsCustom(HttpRequest request) => request.HttpContext.Features.Get<CustomResourceNegotiation>() is not null;

    private static OutputFormat? TryOutput(HttpRequest request, bool transforms, bool streaming, bool isError = false)
    {
        var header = request.Headers.Accept;
        if (header.Count == 0 || (header.Count == 1 && header[0] is OutputFormat.Json or "" or "*/*"))
            return new OutputFormat(Encoding.Json, Shape.Object, IsPretty(request));
        if (!MediaTypeHeaderValue.TryParseList(header, out var clauses))
            return null;
        foreach (var clause in clauses.OrderByDescending(c => c.Quality ?? 1))
        {
            var encoding = clause.MatchesAllTypes ? Encoding.Json
                : clause.MatchesAllSubTypes ? (clause.Type.Equals("application", StringComparison.OrdinalIgnoreCase) ? Encoding.Json : null)
                : EncodingOf(clause.MediaType.Value ?? "");
            if (encoding is not { } chosen || (streaming && chosen == Encoding.Yaml))
                continue;
            if (Transform(clause, transforms) is { } transform && (isError || chosen != Encoding.Protobuf || transform.Shape != Shape.Object || !IsCustom(request)))
                return new OutputFormat(chosen, transform.Shape, IsPretty(request), transform.Version, HasParameter(clause, "stream", "watch"));
        }

        return null;
    }

    /// <summary>The shape that the clause's parameters ask for; null when it is one that is not offered.</summary>
    private static (Shape Shape, string Version)? Transform(MediaTypeHeaderValue clause, bool allowed)
    {
        string? shape = null, group = null, version = null;
        foreach (var parameter in clause.Parameters)
        {
            switch (parameter.Name.Value)
            {
                case "as":
                    shape = parameter.Value.Value;
                    break;
                case "g":
                    group = parameter.Value.Value;
                    break;
                case "v":
                    version = parameter.Value.Value;
                    break;
            }
        }

        if (string.IsNullOrEmpty(shape))
            return (Shape.Object, "v1");
        if (!allowed || group != "meta.k8s.io" || version is not ("v1" or "v1beta1"))
            return null;
        return shape switch
        {
            "Table" => (Shape.Table, version),
            "PartialObjectMetadata" or "PartialObjectMetadataList" => (Shape.PartialObjectMetadata, version),
            _ => null,
        };
    }

    private static bool HasParameter(MediaTypeHeaderValue clause, string name, string value) =>
        clause.Parameters.Any(p => p.Name == name && p.Value == value);

    private static Encoding? EncodingOf(string mediaType) => mediaType.ToLowerInvariant() switch
    {
        OutputFormat.Json => Encoding.Json,
        OutputFormat.Yaml => Encoding.Yaml,
        OutputFormat.Protobuf => Encoding.Protobuf,
        _ => null,
    };

    /// <summary>People who look with a browser, curl or wget get indented JSON, unless they say otherwise.</summary>
    private static bool IsPretty(HttpRequest request)
    {
        var query = request.Query["pretty"];
        if (query.Count > 0)
            return RequestInfo.IsTrue(query);
        var agent = request.Headers.UserAgent.ToString();
        return agent.StartsWith("curl", StringComparison.Ordinal) || agent.StartsWith("Wget", StringComparison.Ordinal) || agent.StartsWith("Mozilla", StringComparison.Ordinal);
    }
}
