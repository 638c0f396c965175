using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Which encoding a client gets (kube-openapi/pkg/{handler,handler3}/handler.go over goautoneg; v1.36).</summary>
internal static class OpenApiNegotiation
{
    /// <summary>The encoding and the content type that says so, or null when the client takes neither.</summary>
    /// <param name="request">The request, whose Accept header decides.</param>
    /// <param name="version"><c>v2</c> or <c>v3</c>, a part of the protobuf types' names.</param>
    public static (OpenApiEncoding Encoding, string ContentType)? Choose(HttpRequest request, string version)
    {
        var accept = request.Headers.Accept.ToString();
        var clauses = new List<(string Type, string Subtype, double Quality)>();
        foreach (var clause in (accept.Length == 0 ? "*/*" : accept).Split(','))
        {
            var parameters = clause.Split(';');
            var type = parameters[0].Trim().Split('/');
            if (type is not [var main, var subtype])
                continue;
            clauses.Add((main, subtype, Quality(parameters)));
        }

        // Stable: of equal clauses the first wins, the exact before the vague.
        foreach (var (type, subtype, _) in clauses.OrderByDescending(c => c.Quality).ThenBy(c => c.Type == "*").ThenBy(c => c.Subtype == "*"))
        {
            if (type is not ("application" or "*"))
                continue;
            if (subtype is "json" or "*")
                return (OpenApiEncoding.Json, "application/json");
            if (subtype == $"com.github.proto-openapi.spec.{version}@v1.0+protobuf" || subtype == $"com.github.proto-openapi.spec.{version}.v1.0+protobuf")
                return (OpenApiEncoding.Protobuf, $"application/com.github.proto-openapi.spec.{version}.v1.0+protobuf");
        }

        return null;
    }

    private static double Quality(string[] parameters)
    {
        foreach (var parameter in parameters.AsSpan(1))
        {
            var text = parameter.Trim();
            if (text.StartsWith("q=", StringComparison.Ordinal))
                return double.TryParse(text.AsSpan(2), CultureInfo.InvariantCulture, out var quality) ? quality : 1;
        }

        return 1;
    }
}
