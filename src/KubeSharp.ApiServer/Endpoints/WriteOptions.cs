using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>How the server treats unknown and duplicate fields of a body.</summary>
public enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>The query of a write: CreateOptions, UpdateOptions, PatchOptions
/// (apimachinery/pkg/apis/meta/v1/validation/validation.go, v1.36).</summary>
public readonly record struct WriteOptions(bool DryRun, string FieldManager, FieldValidation FieldValidation, bool? Force)
{
    private const int MaxManagerLength = 128;

    /// <summary>Reads and checks the query.</summary>
    /// <param name="request">The request.</param>
    /// <param name="kind">The options' kind for error messages, e.g. <c>CreateOptions</c>.</param>
    /// <param name="isApply">Whether this is a server-side apply, which must name its manager.</param>
    /// <param name="isPatch">Whether <c>force</c> is known.</param>
    /// <exception cref="StatusException">422 Invalid.</exception>
    public static WriteOptions From(HttpRequest request, string kind, bool isPatch = false, bool isApply = false)
    {
        var query = request.Query;
        var errors = new FieldErrorList();
        var manager = query["fieldManager"].FirstOrDefault() ?? "";
        bool? force = isPatch && query.ContainsKey("force") ? RequestInfo.IsTrue(query["force"]) : null;
        if (isPatch)
        {
            if (isApply && manager.Length == 0)
                errors.Add(FieldError.Required(new FieldPath("fieldManager"), "is required for apply patch"));
            else if (!isApply && force is not null)
                errors.Add(FieldError.Forbidden(new FieldPath("force"), "may not be specified for non-apply patch"));
        }

        ValidateFieldManager(manager, errors);
        var dryRun = query["dryRun"].Where(v => v is not null).Select(v => v!).ToList();
        ValidateDryRun(dryRun, errors);
        var validation = query["fieldValidation"].FirstOrDefault() ?? "";
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
            errors.Add(FieldError.NotSupported(new FieldPath("fieldValidation"), validation, ["", "Ignore", "Strict", "Warn"]));
        if (errors.Count > 0)
            throw StatusErrors.Invalid(new GroupKind("meta.k8s.io", kind), "", errors);
        return new WriteOptions(
            dryRun.Count > 0,
            manager.Length > 0 ? manager : ManagerOf(request.Headers.UserAgent.ToString()),
            validation switch { "Ignore" => FieldValidation.Ignore, "Strict" => FieldValidation.Strict, _ => FieldValidation.Warn },
            force);
    }

    internal static void ValidateDryRun(IReadOnlyList<string> dryRun, FieldErrorList errors)
    {
        if (dryRun.Any(v => v != "All"))
        {
            var sequence = new ApiMachinery.Documents.Sequence();
            foreach (var value in dryRun)
                sequence.Add(value);
            errors.Add(FieldError.NotSupported(new FieldPath("dryRun"), sequence, ["All"]));
        }
    }

    /// <summary>The first word of the user agent, before its slash (managedfields/fieldmanager... prefixFromUserAgent).</summary>
    private static string ManagerOf(string userAgent)
    {
        var slash = userAgent.IndexOf('/');
        var manager = slash < 0 ? userAgent : userAgent[..slash];
        var clean = new System.Text.StringBuilder(Math.Min(manager.Length, MaxManagerLength));
        foreach (var rune in manager.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MaxManagerLength)
                break;
            if (System.Text.Rune.IsControl(rune))
                continue;
            clean.Append(rune);
        }

        return clean.ToString();
    }

    private static void ValidateFieldManager(string manager, FieldErrorList errors)
    {
        var path = new FieldPath("fieldManager");
        if (System.Text.Encoding.UTF8.GetByteCount(manager) > MaxManagerLength)
            errors.Add(FieldError.TooLong(path, MaxManagerLength));
        var at = 0;
        foreach (var rune in manager.EnumerateRunes())
        {
            if (System.Text.Rune.IsControl(rune))
            {
                errors.Add(FieldError.Invalid(path, manager, $"invalid character U+{rune.Value:X4} (at position {at})"));
                break;
            }

            at += rune.Utf8SequenceLength;
        }
    }
}
