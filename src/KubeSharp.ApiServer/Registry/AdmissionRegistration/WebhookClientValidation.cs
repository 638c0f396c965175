using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>Where a webhook is: a URL or a service (apiserver/pkg/util/webhook/validation.go, v1.36).</summary>
internal static class WebhookClientValidation
{
    private const string Form = "; desired format: https://host[/path]";

    public static void Validate(FieldErrorList errors, Map config, FieldPath path)
    {
        if (config.Has("url") == config.Has("service"))
            errors.Required(path, "exactly one of url or service is required");
        else if (config.Has("url"))
            ValidateUrl(errors, config.Text("url"), path.Child("url"));
        else
            ValidateService(errors, config.Sub("service"), path.Child("service"));
    }

    private static void ValidateUrl(FieldErrorList errors, string text, FieldPath path)
    {
        if (!GoUrl.TryParse(text, out var url, out var problem))
        {
            errors.Required(path, $"url must be a valid URL: {problem}{Form}");
            return;
        }

        if (url.Scheme != "https")
            errors.Invalid(path, url.Scheme, "'https' is the only allowed URL scheme" + Form);
        if (url.Host.Length == 0)
            errors.Invalid(path, "", "host must be specified" + Form);
        if (url.User is { } user)
            errors.Invalid(path, user, "user information is not permitted in the URL");
        if (url.Fragment.Length > 0)
            errors.Invalid(path, url.Fragment, "fragments are not permitted in the URL");
        if (url.Query.Length > 0)
            errors.Invalid(path, url.Query, "query parameters are not permitted in the URL");
    }

    private static void ValidateService(FieldErrorList errors, Map service, FieldPath path)
    {
        // Upstream's callers hand over name and namespace in the other order.
        if (service.Text("namespace").Length == 0)
            errors.Required(path.Child("name"));
        if (service.Text("name").Length == 0)
            errors.Required(path.Child("namespace"));
        var port = service.Number("port");
        if (NameValidation.IsValidPortNum(port) is { Count: > 0 } messages)
            errors.Invalid(path.Child("port"), port, "port is not valid: " + string.Join(", ", messages));
        if (service.GetString("path") is { Length: > 0 } text && text != "/")
            ValidatePath(errors, text, path.Child("path"));
    }

    private static void ValidatePath(FieldErrorList errors, string text, FieldPath path)
    {
        if (text == "//")
        {
            errors.Invalid(path, text, "segment[0] may not be empty");
            return;
        }

        if (text[0] != '/')
            errors.Invalid(path, text, "must start with a '/'");
        var rest = text[1..];
        if (rest.EndsWith('/'))
            rest = rest[..^1];
        var steps = rest.Split('/');
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i].Length == 0)
            {
                errors.Invalid(path, text, $"segment[{i}] may not be empty");
                continue;
            }

            foreach (var message in NameValidation.IsDns1123Subdomain(steps[i]))
                errors.Invalid(path, text, $"segment[{i}]: {message}");
        }
    }
}
