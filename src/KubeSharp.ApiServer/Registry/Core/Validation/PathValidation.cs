using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>Paths within volumes and on nodes (pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PathValidation
{
    public static bool HasBacksteps(string path)
    {
        if (!path.Contains("..", StringComparison.Ordinal))
            return false;
        foreach (var part in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(part) is "..")
                return true;
        }

        return false;
    }

    public static void NoBacksteps(FieldErrorList errors, string value, FieldPath path)
    {
        if (HasBacksteps(value))
            errors.Invalid(path, value, "must not contain '..'");
    }

    /// <summary>validateLocalDescendingPath.</summary>
    public static void LocalDescending(FieldErrorList errors, string value, FieldPath path)
    {
        if (value.StartsWith('/'))
            errors.Invalid(path, value, "must be a relative path");
        NoBacksteps(errors, value, path);
    }

    /// <summary>ValidateLocalNonReservedPath: relative, and its first part does not begin with two dots.</summary>
    public static void LocalNonReserved(FieldErrorList errors, string value, FieldPath path)
    {
        LocalDescending(errors, value, path);
        if (value.StartsWith("..", StringComparison.Ordinal) && !value.StartsWith("../", StringComparison.Ordinal))
            errors.Invalid(path, value, "must not start with '..'");
    }
}
