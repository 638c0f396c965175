using System.Globalization;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>The query of lists and watches, meta/v1 ListOptions
/// (apimachinery/pkg/apis/meta/internalversion/validation/validation.go, v1.36).</summary>
public sealed record ReadOptions
{
    public string LabelSelector { get; init; } = "";

    public string FieldSelector { get; init; } = "";

    public string ResourceVersion { get; init; } = "";

    public string ResourceVersionMatch { get; init; } = "";

    public long Limit { get; init; }

    public string Continue { get; init; } = "";

    public bool Watch { get; init; }

    public bool AllowWatchBookmarks { get; init; }

    public bool? SendInitialEvents { get; init; }

    public long? TimeoutSeconds { get; init; }

    /// <exception cref="StatusException">400 for numbers that are none, 422 for combinations that are not allowed.</exception>
    public static ReadOptions From(HttpRequest request)
    {
        var query = request.Query;
        var options = new ReadOptions
        {
            LabelSelector = First("labelSelector"),
            FieldSelector = First("fieldSelector"),
            ResourceVersion = First("resourceVersion"),
            ResourceVersionMatch = First("resourceVersionMatch"),
            Limit = Number("limit") ?? 0,
            Continue = First("continue"),
            Watch = RequestInfo.IsTrue(query["watch"]),
            AllowWatchBookmarks = RequestInfo.IsTrue(query["allowWatchBookmarks"]),
            SendInitialEvents = query.ContainsKey("sendInitialEvents") ? RequestInfo.IsTrue(query["sendInitialEvents"]) : null,
            TimeoutSeconds = Number("timeoutSeconds"),
        };
        return options;

        string First(string name) => query[name].FirstOrDefault() ?? "";

        long? Number(string name)
        {
            var text = First(name);
            if (text.Length == 0)
                return null;
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw StatusErrors.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
        }
    }

    /// <exception cref="StatusException">422 Invalid.</exception>
    public void Validate(bool isWatch)
    {
        var errors = new FieldErrorList();
        var match = new FieldPath("resourceVersionMatch");
        if (isWatch)
            ValidateWatch(errors, match);
        else
            ValidateList(errors, match);
        if (errors.Count > 0)
            throw StatusErrors.Invalid(new GroupKind("meta.k8s.io", "ListOptions"), "", errors);
    }

    private void ValidateList(FieldErrorList errors, FieldPath match)
    {
        if (ResourceVersionMatch.Length > 0)
        {
            if (ResourceVersion.Length == 0)
                errors.Add(FieldError.Forbidden(match, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
            if (Continue.Length > 0)
                errors.Add(FieldError.Forbidden(match, "resourceVersionMatch is forbidden when continue is provided"));
            if (ResourceVersionMatch is not ("Exact" or "NotOlderThan"))
                errors.Add(FieldError.NotSupported(match, ResourceVersionMatch, ["Exact", "NotOlderThan", ""]));
            if (ResourceVersionMatch == "Exact" && ResourceVersion == "0")
                errors.Add(FieldError.Forbidden(match, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }

        if (SendInitialEvents is not null)
            errors.Add(FieldError.Forbidden(new FieldPath("sendInitialEvents"), "sendInitialEvents is forbidden for list"));
    }

    private void ValidateWatch(FieldErrorList errors, FieldPath match)
    {
        if (SendInitialEvents is not null && ResourceVersionMatch != "NotOlderThan")
            errors.Add(FieldError.Forbidden(match, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        if (ResourceVersionMatch.Length > 0)
        {
            if (SendInitialEvents is null)
                errors.Add(FieldError.Forbidden(match, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
            if (ResourceVersionMatch != "NotOlderThan")
                errors.Add(FieldError.NotSupported(match, ResourceVersionMatch, ["NotOlderThan"]));
        }

        // A watch from anywhere is taken for one that says NotOlderThan (SetListOptionsDefaults).
        var isFromAnywhere = SendInitialEvents is null && ResourceVersionMatch.Length == 0 && ResourceVersion is "" or "0";
        if (Continue.Length > 0 && (ResourceVersionMatch.Length > 0 || isFromAnywhere))
            errors.Add(FieldError.Forbidden(match, "resourceVersionMatch is forbidden when continue is provided"));
    }
}
