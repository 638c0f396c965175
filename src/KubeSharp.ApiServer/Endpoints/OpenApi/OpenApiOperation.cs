using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>One path and what can be done there, before it is written as version 2 or 3.</summary>
internal sealed record OpenApiPath(string Path, IReadOnlyList<OpenApiOperation> Operations)
{
    /// <summary>The parameters that all operations have: they are written once, at the path
    /// (kube-openapi/pkg/builder3/openapi.go, findCommonParameters).</summary>
    public IEnumerable<OpenApiParameter> CommonParameters =>
        Operations[^1].Parameters.Where(IsCommon).Order();

    public bool IsCommon(OpenApiParameter parameter)
    {
        foreach (var operation in Operations)
        {
            if (!operation.Parameters.Any(p => p.Name == parameter.Name && p.In == parameter.In))
                return false;
        }

        return true;
    }
}

/// <summary>One operation of a path; its method is in lower case.</summary>
internal sealed record OpenApiOperation(string Method, string Id, string Tag, string Description)
{
    public IReadOnlyList<string> Consumes { get; init; } = [];

    public IReadOnlyList<string> Produces { get; init; } = [];

    public IReadOnlyList<OpenApiParameter> Parameters { get; init; } = [];

    /// <summary>The type of the body: the name of a definition; empty when there is none.</summary>
    public string Body { get; init; } = "";

    public bool BodyRequired { get; init; } = true;

    /// <summary>The answers besides 401.</summary>
    public IReadOnlyList<OpenApiResponse> Responses { get; init; } = [];

    /// <summary>The extension <c>x-kubernetes-action</c>; empty for what is no resource.</summary>
    public string Action { get; init; } = "";

    public GroupVersionKind Kind { get; init; }
}

/// <summary>A parameter in the path or the query.</summary>
internal sealed record OpenApiParameter(string Name, string In, string Type, string Description) : IComparable<OpenApiParameter>
{
    public bool Required => In == "path";

    public int CompareTo(OpenApiParameter? other)
    {
        var byName = string.CompareOrdinal(Name, other?.Name);
        return byName != 0 ? byName : string.CompareOrdinal(In, other?.In);
    }
}

/// <summary>One answer; its type is the name of a definition, or <c>string</c>.</summary>
internal sealed record OpenApiResponse(int Code, string Description, string Type);
