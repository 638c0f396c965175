using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>Names of signers: <c>domain/path</c> (pkg/apis/core/validation/names.go ValidateSignerName, v1.36).</summary>
internal static class SignerNameValidation
{
    private const int MaxDomain = 253;
    private const int MaxPath = 253 + 63 + 1;

    public static void Validate(FieldErrorList errors, FieldPath path, string name)
    {
        if (name.Length == 0)
        {
            errors.Add(FieldError.Required(path, ""));
            return;
        }

        var segments = name.Split('/');
        if (segments.Length != 2)
        {
            errors.Add(FieldError.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
            return;
        }

        if (segments[0].Length > MaxDomain)
            errors.Add(FieldError.TooLong(path, MaxDomain));
        var domain = segments[0].Split('.');
        AddFirst(errors, path, segments[0], domain, NameValidation.IsDns1123Label);
        if (domain.Length < 2)
            errors.Add(FieldError.Invalid(path, segments[0], "should be a domain with at least two segments separated by dots"));
        AddFirst(errors, path, segments[1], segments[1].Split('.'), NameValidation.IsDns1123Subdomain);
        if (name.Length > MaxDomain + MaxPath + 1)
            errors.Add(FieldError.TooLong(path, MaxDomain + MaxPath + 1));
    }

    /// <summary>What is wrong with the first label that is wrong; later ones would only repeat it.</summary>
    private static void AddFirst(FieldErrorList errors, FieldPath path, string segment, string[] labels, Func<string, IReadOnlyList<string>> check)
    {
        foreach (var label in labels)
        {
            var messages = check(label);
            foreach (var message in messages)
                errors.Add(FieldError.Invalid(path, segment, $"validating label \"{label}\": {message}"));
            if (messages.Count > 0)
                return;
        }
    }
}
