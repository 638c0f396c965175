using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Errors;

/// <summary>The <c>v1 Status</c> that tells a client how a request went (apimachinery/pkg/apis/meta/v1/types.go).</summary>
public sealed record Status
{
    public const string Success = "Success";

    public const string Failure = "Failure";

    /// <summary>The HTTP status code.</summary>
    public int Code { get; init; }

    /// <summary>One of <see cref="StatusReason"/>; empty when unknown.</summary>
    public string Reason { get; init; } = "";

    public string Message { get; init; } = "";

    public StatusDetails? Details { get; init; }

    /// <summary>The token that goes on with an expired list, or empty (ListMeta of the Status).</summary>
    public string Continue { get; init; } = "";

    /// <summary><c>Success</c> or <c>Failure</c>.</summary>
    public string StatusText { get; init; } = Failure;

    /// <summary>The wire form, frozen: upstream's key order, empty fields left out.</summary>
    public Map ToMap()
    {
        var map = new Map(8)
        {
            { "kind", "Status" },
            { "apiVersion", "v1" },
            { "metadata", Continue.Length > 0 ? new Map(1) { { "continue", Continue } } : Map.Empty },
        };
        SetText(map, "status", StatusText);
        SetText(map, "message", Message);
        SetText(map, "reason", Reason);
        if (Details is not null)
            map.Set("details", Details.ToMap());
        if (Code != 0)
            map.Set("code", Code);
        map.Freeze();
        return map;
    }

    /// <summary>Reads the wire form; fields of another type than expected count as absent.</summary>
    public static Status FromMap(Map map) => new()
    {
        StatusText = map.GetString("status") ?? "",
        Message = map.GetString("message") ?? "",
        Reason = map.GetString("reason") ?? "",
        Details = map.GetMap("details") is { } details ? StatusDetails.FromMap(details) : null,
        Code = (int)(map.GetInteger("code") ?? 0),
    };

    internal static void SetText(Map map, string key, string value)
    {
        if (value.Length > 0)
            map.Set(key, value);
    }
}
