using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Events: loose rules for those written as core/v1, strict ones for events.k8s.io/v1
/// (pkg/apis/core/validation/events.go, v1.36). Trees are core/v1.</summary>
internal static class EventValidation
{
    private const int MaxName = 128;
    private const int MaxNote = 1024;

    private static readonly FieldPath Metadata = new("metadata");
    private static readonly GroupVersionKind Event = new("", "v1", "Event");

    /// <summary>What a strict update may not change, in upstream's order; the reason is checked twice there.</summary>
    private static readonly string[] Immutable =
        ["involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "reason", "type", "eventTime", "action", "related", "reportingController", "reportingInstance"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ValidateLegacy(obj, IsCore(context), errors);
        if (IsCore(context))
            return;
        ObjectMetaValidation.Validate(errors, obj.GetMap("metadata") ?? Map.Empty, true, NameRules.DnsSubdomain, Metadata);
        ValidateSeries(obj, errors);
        if (obj["eventTime"].IsNullOrUndefined)
            errors.Add(FieldError.Required(new FieldPath("eventTime"), ""));
        if (obj.GetString("type") is not ("Normal" or "Warning"))
            errors.Add(FieldError.Invalid(new FieldPath("type"), "", $"has invalid value: {obj.GetString("type")}"));
        foreach (var field in (ReadOnlySpan<string>)["firstTimestamp", "lastTimestamp"])
        {
            if (!obj[field].IsNullOrUndefined)
                errors.Add(FieldError.Invalid(new FieldPath(field), "", "needs to be unset"));
        }

        if (obj.GetInteger("count") is not (null or 0))
            errors.Add(FieldError.Invalid(new FieldPath("count"), "", "needs to be unset"));
        var source = obj.GetMap("source");
        if (!string.IsNullOrEmpty(source?.GetString("component")) || !string.IsNullOrEmpty(source?.GetString("host")))
            errors.Add(FieldError.Invalid(new FieldPath("source"), "", "needs to be unset"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ValidateLegacy(obj, IsCore(context), errors);
        if (IsCore(context))
            return;
        ObjectMetaValidation.ValidateUpdate(errors, obj.GetMap("metadata") ?? Map.Empty, old.GetMap("metadata") ?? Map.Empty, Metadata);
        if (obj["series"] != old["series"])
            ValidateSeries(obj, errors);
        foreach (var field in Immutable)
        {
            var stored = field == "reportingController" ? "reportingComponent" : field;
            if (obj[stored] != old[stored])
                errors.Add(FieldError.Invalid(new FieldPath(field), InternalForm.Of(obj[stored], Event, stored), ValidationMessages.FieldImmutable));
        }
    }

    private static bool IsCore(OperationContext context) => context.Info.ApiGroup.Length == 0;

    private static void ValidateSeries(Map obj, FieldErrorList errors)
    {
        if (obj.GetMap("series") is not { } series)
            return;
        if ((series.GetInteger("count") ?? 0) < 2)
            errors.Add(FieldError.Invalid(new FieldPath("series.count"), "", "should be at least 2"));
        if (series["lastObservedTime"].IsNullOrUndefined)
            errors.Add(FieldError.Required(new FieldPath("series.lastObservedTime"), ""));
    }

    private static void ValidateLegacy(Map obj, bool isCore, FieldErrorList errors)
    {
        var ns = obj.GetMap("metadata")?.GetString("namespace") ?? "";
        var about = obj.GetMap("involvedObject")?.GetString("namespace") ?? "";
        var isOld = obj["eventTime"].IsNullOrUndefined;
        var agrees = about.Length > 0 ? !isOld || about == ns : isOld ? ns is "" or "default" : ns is "default" or "kube-system";
        if (!agrees)
            errors.Add(FieldError.Invalid(new FieldPath("involvedObject", "namespace"), about, "does not match event.namespace"));
        if (!isOld)
            ValidateReporter(obj, new FieldPath(isCore ? "reportingComponent" : "reportingController"), errors);
        errors.AddInvalid(new FieldPath("namespace"), ns, NameValidation.IsDns1123Subdomain(ns));
    }

    private static void ValidateReporter(Map obj, FieldPath controllerPath, FieldErrorList errors)
    {
        var controller = obj.GetString("reportingComponent") ?? "";
        if (controller.Length == 0)
            errors.Add(FieldError.Required(controllerPath, ""));
        errors.AddInvalid(controllerPath, controller, NameValidation.IsQualifiedName(controller));
        foreach (var field in (ReadOnlySpan<string>)["reportingInstance", "action", "reason"])
        {
            var value = obj.GetString(field) ?? "";
            if (value.Length == 0)
                errors.Add(FieldError.Required(new FieldPath(field), ""));
            if (System.Text.Encoding.UTF8.GetByteCount(value) > MaxName)
                errors.Add(FieldError.Invalid(new FieldPath(field), "", $"can have at most {MaxName} characters"));
        }

        if (System.Text.Encoding.UTF8.GetByteCount(obj.GetString("message") ?? "") > MaxNote)
            errors.Add(FieldError.Invalid(new FieldPath("message"), "", $"can have at most {MaxNote} characters"));
    }
}
