using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.CustomResources;

/// <summary>The fields that a scale subresource reads and writes (apiextensions-apiserver/pkg/registry/customresource/validator.go,
/// v1.36).</summary>
internal static class ScaleValidation
{
    public static void ValidateSpec(FieldErrorList errors, Map obj, ScalePaths? paths)
    {
        if (paths is not null)
            ValidateReplicas(errors, obj, paths.SpecReplicas);
    }

    public static void ValidateStatus(FieldErrorList errors, Map obj, ScalePaths? paths)
    {
        if (paths is null)
            return;
        ValidateReplicas(errors, obj, paths.StatusReplicas);
        if (paths.LabelSelector.Length > 0 && Find(obj, paths.LabelSelector, "string", out _) is { } error)
            errors.Invalid(new FieldPath(paths.LabelSelector), "", error);
    }

    /// <summary>The value at a path (unstructured.NestedInt64 and NestedString).</summary>
    /// <param name="obj">The object.</param>
    /// <param name="path">The path with a dot in front.</param>
    /// <param name="type"><c>int64</c> or <c>string</c>.</param>
    /// <param name="value">The value; undefined when there is none.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Find(Map obj, string path, string type, out Value value)
    {
        value = obj;
        var steps = ScalePaths.Split(path);
        for (var i = 0; i < steps.Length; i++)
        {
            if (value.IsNull)
            {
                value = default;
                return null;
            }

            if (value.AsMap is not { } map)
                return Problem(steps.AsSpan(0, i + 1), value, "map[string]interface{}");
            value = map[steps[i]];
            if (value.IsUndefined)
                return null;
        }

        if (type == "int64" ? value.AsInteger is not null : value.AsString is not null)
            return null;
        return Problem(steps, value, type);
    }

    private static void ValidateReplicas(FieldErrorList errors, Map obj, string path)
    {
        if (Find(obj, path, "int64", out var value) is { } error)
            errors.Invalid(new FieldPath(path), 0, error);
        else if (value.AsInteger < 0)
            errors.Invalid(new FieldPath(path), value, "should be a non-negative integer");
        else if (value.AsInteger > int.MaxValue)
            errors.Invalid(new FieldPath(path), value, $"should be less than or equal to {int.MaxValue}");
    }

    private static string Problem(ReadOnlySpan<string> steps, Value value, string expected)
    {
        var (printed, type) = value.Kind switch
        {
            ValueKind.String => (value.AsString!, "string"),
            ValueKind.Boolean => (value.ToString(), "bool"),
            ValueKind.Integer => (value.ToString(), "int64"),
            ValueKind.Float => (GoText.Float(value.AsDouble!.Value), "float64"),
            ValueKind.Sequence => (GoText.Json(value), "[]interface {}"),
            ValueKind.Map => (GoText.Json(value), "map[string]interface {}"),
            _ => ("<nil>", "<nil>"),
        };
        return $".{string.Join('.', steps!)} accessor error: {printed} is of the type {type}, expected {expected}";
    }
}
