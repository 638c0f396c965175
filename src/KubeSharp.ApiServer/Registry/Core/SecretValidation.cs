using System.Text.Json;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Secrets, with what each well-known type asks for (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class SecretValidation
{
    private const string ServiceAccountName = "kubernetes.io/service-account.name";
    private static readonly FieldPath Data = new("data");

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateNamespaced(errors, obj, NameRules.DnsSubdomain);
        var data = obj.Sub("data");
        long size = 0;
        foreach (var (key, value) in data)
        {
            if (NameValidation.IsConfigMapKey(key) is { Count: > 0 } messages)
                errors.AddInvalid(Data.Key(key), key, messages);
            size += ConfigMapValidation.DecodedLength(value.AsString ?? "");
        }

        if (size > ConfigMapValidation.MaxSize)
            errors.Add(FieldError.TooLong(Data, ConfigMapValidation.MaxSize));
        ValidateType(errors, obj, data);
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        if (obj.Text("type") != old.Text("type"))
            errors.Invalid(new FieldPath("type"), obj.Text("type"), ValidationMessages.FieldImmutable);
        ConfigMapValidation.ValidateImmutable(errors, obj, old, "data");
        Validate(context, obj, errors);
    }

    private static void ValidateType(FieldErrorList errors, Map obj, Map data)
    {
        switch (obj.Text("type"))
        {
            case "kubernetes.io/service-account-token":
                if (obj.Sub("metadata").Sub("annotations").Text(ServiceAccountName).Length == 0)
                    errors.Required(MetadataValidation.Path.Child("annotations").Key(ServiceAccountName));
                break;
            case "kubernetes.io/dockercfg":
                ValidateJson(errors, data, ".dockercfg");
                break;
            case "kubernetes.io/dockerconfigjson":
                ValidateJson(errors, data, ".dockerconfigjson");
                break;
            case "kubernetes.io/basic-auth":
                if (!data.ContainsKey("username") && !data.ContainsKey("password"))
                {
                    errors.Required(Data.Key("username"));
                    errors.Required(Data.Key("password"));
                }

                break;
            case "kubernetes.io/ssh-auth":
                if (data.Text("ssh-privatekey").Length == 0)
                    errors.Required(Data.Key("ssh-privatekey"));
                break;
            case "kubernetes.io/tls":
                if (!data.ContainsKey("tls.crt"))
                    errors.Required(Data.Key("tls.crt"));
                if (!data.ContainsKey("tls.key"))
                    errors.Required(Data.Key("tls.key"));
                break;
        }
    }

    private static void ValidateJson(FieldErrorList errors, Map data, string key)
    {
        if (!data.ContainsKey(key))
        {
            errors.Required(Data.Key(key));
            return;
        }

        if (JsonProblem(Convert.FromBase64String(data.Text(key))) is { } problem)
            errors.Invalid(Data.Key(key), "<secret contents redacted>", problem);
    }

    /// <summary>What Go says of a text that should be a JSON object.</summary>
    private static string? JsonProblem(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var kind = document.RootElement.ValueKind switch
            {
                JsonValueKind.Array => "array",
                JsonValueKind.String => "string",
                JsonValueKind.Number => "number",
                JsonValueKind.True or JsonValueKind.False => "bool",
                _ => null,
            };
            return kind is null ? null : $"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}";
        }
        catch (JsonException exception)
        {
            return GoJsonError.Describe(json, exception);
        }
    }
}
