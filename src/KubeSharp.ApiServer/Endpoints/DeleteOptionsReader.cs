using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Endpoints.Negotiation;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Reads DeleteOptions from the body, or from the query when there is none (handlers/delete.go, v1.36).</summary>
public static class DeleteOptionsReader
{
    private static readonly GroupVersionKind Kind = new("meta.k8s.io", "v1", "DeleteOptions");

    /// <summary>The options as a tree; empty when nothing was said.</summary>
    /// <exception cref="StatusException">400 for what cannot be read, 422 for what is not allowed.</exception>
    public static async ValueTask<Map> ReadAsync(ApiRequest request)
    {
        var http = request.Http.Request;
        var body = await RequestBody.ReadAsync(http, request.Aborted).ConfigureAwait(false);
        var options = body.Length > 0 ? FromBody(request, body.Span) : FromQuery(request);
        Validate(options);
        return options;
    }

    private static Map FromBody(ApiRequest request, ReadOnlySpan<byte> body)
    {
        var encoding = Negotiator.Input(request.Http.Request);
        // Any group's DeleteOptions is the same kind.
        var schema = BuiltInSchema.FindType("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")!;
        DecodedBody decoded;
        try
        {
            decoded = RequestBody.Decode(body, encoding, Kind, schema, strict: false);
        }
        catch (StatusException exception)
        {
            throw StatusErrors.BadRequest(Plain(exception.Message));
        }

        if (decoded.Kind.Kind != Kind.Kind)
            throw StatusErrors.BadRequest($"no kind \"{decoded.Kind.Kind}\" is registered for version \"{decoded.Kind.GroupVersion}\" in scheme \"pkg/apis/meta/internalversion/scheme/register.go:27\"");
        return decoded.Root;
    }

    /// <summary>Errors of this body do not say what was expected (delete.go returns the codec's own).</summary>
    private static string Plain(string message)
    {
        const string Start = "the object provided is unrecognized (must be of type DeleteOptions): ";
        return message.StartsWith(Start, StringComparison.Ordinal) ? message[Start.Length..message.LastIndexOf(" (", StringComparison.Ordinal)] : message;
    }

    private static Map FromQuery(ApiRequest request)
    {
        var query = request.Http.Request.Query;
        var options = new Map();
        if (query["gracePeriodSeconds"].FirstOrDefault() is { Length: > 0 } grace)
        {
            options.Set("gracePeriodSeconds", long.TryParse(grace, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
                ? seconds
                : throw StatusErrors.BadRequest($"strconv.ParseInt: parsing \"{grace}\": invalid syntax"));
        }

        if (query.ContainsKey("orphanDependents"))
            options.Set("orphanDependents", RequestInfo.IsTrue(query["orphanDependents"]));
        if (query["propagationPolicy"].FirstOrDefault() is { } policy)
            options.Set("propagationPolicy", policy);
        if (query["dryRun"].Count > 0)
        {
            var dryRun = options.EditSequence("dryRun");
            foreach (var value in query["dryRun"])
                dryRun.Add(value ?? "");
        }

        return options;
    }

    /// <summary>meta/v1/validation ValidateDeleteOptions.</summary>
    private static void Validate(Map options)
    {
        var errors = new FieldErrorList();
        var policy = options.GetString("propagationPolicy");
        var path = new FieldPath("propagationPolicy");
        if (policy is not null && options.GetBoolean("orphanDependents") is not null)
            errors.Add(FieldError.Invalid(path, policy, "orphanDependents and deletionPropagation cannot be both set"));
        if (policy is not (null or "Foreground" or "Background" or "Orphan"))
            errors.Add(FieldError.NotSupported(path, policy, ["Foreground", "Background", "Orphan", "nil"]));
        var dryRun = options.GetSequence("dryRun");
        if (dryRun is { Count: > 0 })
            WriteOptions.ValidateDryRun([.. dryRun.Select(v => v.AsString ?? "")], errors);
        if (errors.Count > 0)
            throw StatusErrors.Invalid(new GroupKind("meta.k8s.io", "DeleteOptions"), "", errors);
    }
}
