using System.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>Names of attributes, capacities and pools (pkg/apis/resource/validation/validation.go, v1.36).</summary>
internal static class DeviceNames
{
    private const int MaxIdLength = 32;
    private const int MaxPoolLength = 253;
    private const int MaxQualifiedLength = 63 + 1 + MaxIdLength;

    public static void ValidateQualified(FieldErrorList errors, string name, FieldPath path)
    {
        var parts = name.Split('/');
        if (parts.Length == 1)
        {
            ValidateIdentifier(errors, name, path);
            return;
        }

        if (parts.Length > 2)
            return;
        if (parts[0].Length == 0)
            errors.Invalid(path, "", "the domain must not be empty");
        else
            CsiValidation.ValidateDriverName(errors, parts[0], path);
        if (parts[1].Length == 0)
            errors.Invalid(path, "", "the name must not be empty");
        else
            ValidateIdentifier(errors, parts[1], path);
    }

    public static void ValidateFullyQualified(FieldErrorList errors, string name, FieldPath path)
    {
        ValidateQualified(errors, name, path);
        if (!name.Contains('/'))
            errors.Invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash");
    }

    public static void ValidatePool(FieldErrorList errors, string name, FieldPath path)
    {
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxPoolLength)
            errors.Add(FieldError.TooLong(path, MaxPoolLength));
        foreach (var part in name.Split('/'))
            errors.AddInvalid(path, part, NameValidation.IsDns1123Subdomain(part));
    }

    /// <summary>A key as paths show it: long ones lose their middle.</summary>
    public static string Truncate(string key, int maximum = MaxQualifiedLength)
    {
        if (key.Length <= maximum)
            return key;
        var remaining = maximum - 3;
        return $"{key[..((remaining + 1) / 2)]}...{key[^(remaining / 2)..]}";
    }

    private static void ValidateIdentifier(FieldErrorList errors, string id, FieldPath path)
    {
        if (Encoding.UTF8.GetByteCount(id) > MaxIdLength)
            errors.Add(FieldError.TooLong(path, MaxIdLength));
        errors.AddInvalid(path, id, NameValidation.IsCIdentifier(id));
    }
}
