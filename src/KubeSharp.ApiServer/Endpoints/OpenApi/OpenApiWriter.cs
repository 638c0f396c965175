using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Writes paths as version 2 or 3 has them (kube-openapi/pkg/{builder,builder3}; v1.36).</summary>
internal sealed class OpenApiWriter(OpenApiVersion version, OpenApiSchemas schemas)
{
    private readonly SharedParameters _shared = new();

    /// <summary>The parameters that the paths written so far refer to (version 2).</summary>
    public Map Parameters => _shared.ToMap();

    public Map Path(OpenApiPath path)
    {
        var item = new Map(path.Operations.Count + 1);
        foreach (var operation in path.Operations)
            item.Set(operation.Method, version == OpenApiVersion.V2 ? OperationV2(path, operation) : OperationV3(path, operation));
        item.Sort(string.CompareOrdinal);
        var common = new Sequence();
        foreach (var parameter in path.CommonParameters)
            common.Add(Parameter(parameter));
        if (common.Count > 0)
            item.Set("parameters", common);
        return item;
    }

    private Map OperationV2(OpenApiPath path, OpenApiOperation operation)
    {
        var written = new Map(10);
        if (operation.Description.Length > 0)
            written.Set("description", operation.Description);
        if (operation.Consumes.Count > 0)
            written.Set("consumes", Strings(operation.Consumes));
        if (operation.Produces.Count > 0)
            written.Set("produces", Strings(operation.Produces));
        written.Set("schemes", Strings(["https"]));
        written.Set("tags", Strings([operation.Tag]));
        written.Set("operationId", operation.Id);
        var parameters = new Sequence();
        // "body" comes first of all names that operations have of their own.
        if (operation.Body.Length > 0)
            parameters.Add(_shared.Body(schemas.Reference(operation.Body), operation));
        foreach (var parameter in Own(path, operation))
            parameters.Add(Parameter(parameter));
        if (parameters.Count > 0)
            written.Set("parameters", parameters);
        var responses = new Map(operation.Responses.Count + 1);
        foreach (var response in operation.Responses)
            responses.Set(Code(response.Code), new Map(2) { { "description", response.Description }, { "schema", schemas.Answer(response.Type) } });
        written.Set("responses", Unauthorized(responses));
        return Extended(written, operation);
    }

    private Map OperationV3(OpenApiPath path, OpenApiOperation operation)
    {
        var written = new Map(8) { { "tags", Strings([operation.Tag]) } };
        if (operation.Description.Length > 0)
            written.Set("description", operation.Description);
        written.Set("operationId", operation.Id);
        var parameters = new Sequence();
        foreach (var parameter in Own(path, operation))
            parameters.Add(Parameter(parameter));
        if (parameters.Count > 0)
            written.Set("parameters", parameters);
        if (operation.Body.Length > 0)
        {
            var body = new Map(2) { { "content", Content(operation.Consumes, operation.Body) } };
            if (operation.BodyRequired)
                body.Set("required", true);
            written.Set("requestBody", body);
        }

        var responses = new Map(operation.Responses.Count + 1);
        foreach (var response in operation.Responses)
            responses.Set(Code(response.Code), new Map(2) { { "description", response.Description }, { "content", Content(operation.Produces, response.Type) } });
        written.Set("responses", Unauthorized(responses));
        return Extended(written, operation);
    }

    private Map Content(IReadOnlyList<string> mediaTypes, string type)
    {
        var content = new Map(mediaTypes.Count);
        foreach (var mediaType in mediaTypes)
            content.Set(mediaType, new Map(1) { { "schema", schemas.Answer(type) } });
        content.Sort(string.CompareOrdinal);
        return content;
    }

    private Map Parameter(OpenApiParameter parameter) => version == OpenApiVersion.V2 ? _shared.Parameter(parameter) : ParameterV3(parameter);

    private static Map ParameterV3(OpenApiParameter parameter)
    {
        var written = new Map(5) { { "name", parameter.Name }, { "in", parameter.In } };
        if (parameter.Description.Length > 0)
            written.Set("description", parameter.Description);
        if (parameter.Required)
            written.Set("required", true);
        written.Set("schema", new Map(2) { { "type", parameter.Type }, { "uniqueItems", true } });
        return written;
    }

    private static IEnumerable<OpenApiParameter> Own(OpenApiPath path, OpenApiOperation operation) => operation.Parameters.Where(p => !path.IsCommon(p)).Order();

    private static Map Extended(Map written, OpenApiOperation operation)
    {
        if (operation.Action.Length == 0)
            return written;
        written.Set("x-kubernetes-action", operation.Action);
        written.Set("x-kubernetes-group-version-kind", new Map(3) { { "group", operation.Kind.Group }, { "kind", operation.Kind.Kind }, { "version", operation.Kind.Version } });
        return written;
    }

    private static Map Unauthorized(Map responses)
    {
        responses.Set("401", new Map(1) { { "description", "Unauthorized" } });
        return responses;
    }

    private static string Code(int code) => code.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static Sequence Strings(IReadOnlyList<string> values)
    {
        var sequence = new Sequence(values.Count);
        foreach (var value in values)
            sequence.Add(value);
        return sequence;
    }
}
