using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Config maps (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class ConfigMapValidation
{
    /// <summary>core.MaxSecretSize, which holds for both.</summary>
    public const int MaxSize = 1024 * 1024;

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var (data, binary) = (obj.Sub("data"), obj.Sub("binaryData"));
        long size = 0;
        foreach (var (key, value) in data)
        {
            if (NameValidation.IsConfigMapKey(key) is { Count: > 0 } messages)
                errors.AddInvalid(new FieldPath("data").Key(key), key, messages);
            if (binary.ContainsKey(key))
                errors.Invalid(new FieldPath("data").Key(key), key, "duplicate of key present in binaryData");
            size += Encoding.UTF8.GetByteCount(value.AsString ?? "");
        }

        foreach (var (key, value) in binary)
        {
            if (NameValidation.IsConfigMapKey(key) is { Count: > 0 } messages)
                errors.AddInvalid(new FieldPath("binaryData").Key(key), key, messages);
            size += DecodedLength(value.AsString ?? "");
        }

        if (size > MaxSize)
            errors.Add(FieldError.TooLong(new FieldPath(""), MaxSize));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateImmutable(errors, obj, old, "data", "binaryData");
        Validate(context, obj, errors);
    }

    /// <summary>What was made immutable stays so, with all its data.</summary>
    public static void ValidateImmutable(FieldErrorList errors, Map obj, Map old, params ReadOnlySpan<string> fields)
    {
        const string Detail = "field is immutable when `immutable` is set";
        if (!old.Flag("immutable"))
            return;
        if (!obj.Flag("immutable"))
            errors.Forbidden(new FieldPath("immutable"), Detail);
        foreach (var field in fields)
        {
            if (!((Value)obj.Sub(field)).Equals(old.Sub(field)))
                errors.Forbidden(new FieldPath(field), Detail);
        }
    }

    /// <summary>How many bytes a base64 text stands for.</summary>
    public static int DecodedLength(string base64)
    {
        var padding = base64.EndsWith("==", StringComparison.Ordinal) ? 2 : base64.EndsWith('=') ? 1 : 0;
        return base64.Length / 4 * 3 - padding;
    }
}
