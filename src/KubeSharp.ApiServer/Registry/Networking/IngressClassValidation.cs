using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Networking;

/// <summary>Ingress classes (pkg/apis/networking/validation/validation.go, v1.36).</summary>
internal static class IngressClassValidation
{
    private const int MaxControllerLength = 250;
    private static readonly string[] Scopes = ["Cluster", "Namespace"];

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        var (spec, path) = (obj.Sub("spec"), MetadataValidation.Spec);
        if (Encoding.UTF8.GetByteCount(spec.Text("controller")) > MaxControllerLength)
            errors.Add(FieldError.TooLong(path.Child("controller"), MaxControllerLength));
        NameValidation.IsDomainPrefixedPath(errors, path.Child("controller"), spec.Text("controller"));
        if (spec.GetMap("parameters") is { } parameters)
            ValidateParameters(errors, parameters, path.Child("parameters"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        errors.ImmutableText(obj.Sub("spec"), old.Sub("spec"), "controller", MetadataValidation.Spec);
        Validate(context, obj, errors);
    }

    private static void ValidateParameters(FieldErrorList errors, Map parameters, FieldPath path)
    {
        if (parameters.GetString("apiGroup") is { } group)
            errors.AddInvalid(path.Child("apiGroup"), group, NameValidation.IsDns1123Subdomain(group));
        MetadataValidation.RequiredSegment(errors, parameters, "kind", path);
        MetadataValidation.RequiredSegment(errors, parameters, "name", path);
        if (parameters.GetString("scope") is not { } scope)
        {
            errors.Required(path.Child("scope"));
            return;
        }

        if (!Scopes.Contains(scope))
            errors.NotSupported(path.Child("scope"), scope, Scopes);
        var ns = parameters.GetString("namespace");
        if (scope == "Namespace" && ns is null)
            errors.Required(path.Child("namespace"), "`parameters.scope` is set to 'Namespace'");
        else if (scope == "Namespace")
            MetadataValidation.Name(errors, ns!, NameRules.DnsLabel, path.Child("namespace"));
        else if (scope == "Cluster" && ns is not null)
            errors.Forbidden(path.Child("namespace"), "`parameters.scope` is set to 'Cluster'");
    }
}
