using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Errors;

/// <summary>What a Status is about. <see cref="Kind"/> holds the resource's name in most answers, the kind in 422s.</summary>
public sealed record StatusDetails
{
    public string Name { get; init; } = "";

    public string Group { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Uid { get; init; } = "";

    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary>After how many seconds a retry may succeed; also the <c>Retry-After</c> header. 0 means not given.</summary>
    public int RetryAfterSeconds { get; init; }

    internal Map ToMap()
    {
        var map = new Map(6);
        Status.SetText(map, "name", Name);
        Status.SetText(map, "group", Group);
        Status.SetText(map, "kind", Kind);
        Status.SetText(map, "uid", Uid);
        if (Causes.Count > 0)
        {
            var causes = new Sequence(Causes.Count);
            foreach (var cause in Causes)
                causes.Add(cause.ToMap());
            map.Set("causes", causes);
        }

        if (RetryAfterSeconds != 0)
            map.Set("retryAfterSeconds", RetryAfterSeconds);
        return map;
    }

    internal static StatusDetails FromMap(Map map)
    {
        var causes = new List<StatusCause>();
        foreach (var item in map.GetSequence("causes") ?? Sequence.Empty)
        {
            if (item.AsMap is { } cause)
                causes.Add(new StatusCause(cause.GetString("reason") ?? "", cause.GetString("message") ?? "", cause.GetString("field") ?? ""));
        }

        return new StatusDetails
        {
            Name = map.GetString("name") ?? "",
            Group = map.GetString("group") ?? "",
            Kind = map.GetString("kind") ?? "",
            Uid = map.GetString("uid") ?? "",
            Causes = causes,
            RetryAfterSeconds = (int)(map.GetInteger("retryAfterSeconds") ?? 0),
        };
    }
}

/// <summary>One cause of a failure. <paramref name="Type"/> is <c>reason</c> on the wire; <paramref name="Field"/> a printed path.</summary>
public sealed record StatusCause(string Type, string Message = "", string Field = "")
{
    public const string UnexpectedServerResponse = "UnexpectedServerResponse";
    public const string FieldManagerConflict = "FieldManagerConflict";
    public const string ResourceVersionTooLarge = "ResourceVersionTooLarge";

    internal Map ToMap()
    {
        var map = new Map(3);
        Status.SetText(map, "reason", Type);
        Status.SetText(map, "message", Message);
        Status.SetText(map, "field", Field);
        return map;
    }
}
