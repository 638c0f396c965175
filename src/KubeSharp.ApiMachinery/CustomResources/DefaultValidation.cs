using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Defaults must fit the schema that they stand in, and must not have fields that pruning takes away
/// (apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go, v1.36). Not done yet: rules, and the metadata that
/// defaults below metadata would make.</summary>
public static class DefaultValidation
{
    /// <param name="errors">Takes the problems.</param>
    /// <param name="schema">A structural schema.</param>
    /// <param name="path">The schema's path.</param>
    public static void Validate(FieldErrorList errors, Map schema, FieldPath path) => Walk(errors, JsonSchema.ReadAsWritten(schema), path, false, true);

    private static void Walk(FieldErrorList errors, JsonSchema node, FieldPath path, bool insideMeta, bool isRoot)
    {
        if (node.EmbeddedResource)
            insideMeta = false;
        if (!node.Default.IsUndefined)
            ValidateDefault(errors, node, path.Child("default"), insideMeta);
        if (node.Items is { } items)
            Walk(errors, items, path.Child("items"), insideMeta, false);
        foreach (var (name, property) in node.Properties)
        {
            var isMeta = (isRoot || node.EmbeddedResource) && name is "metadata" or "apiVersion" or "kind";
            Walk(errors, property, path.Child("properties").Key(name), insideMeta || isMeta, false);
        }
    }

    private static void ValidateDefault(FieldErrorList errors, JsonSchema node, FieldPath path, bool insideMeta)
    {
        if (!insideMeta)
        {
            var pruned = node.Default.DeepClone();
            StructuralPruner.PruneValue(pruned, node);
            if (pruned != node.Default)
                errors.Add(FieldError.Invalid(path, node.Default.WithSortedKeys(), "must not have unknown fields"));
            var found = new FieldErrorList();
            EmbeddedResourceValidation.Validate(found, node.Default, node, path);
            if (found.Count > 0)
            {
                errors.AddRange(found);
                return;
            }
        }

        JsonSchemaValidator.Validate(errors, node.Default, default, node, path);
    }
}
