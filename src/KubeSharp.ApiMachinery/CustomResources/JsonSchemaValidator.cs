using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>
/// Validates a value against a schema in kube-openapi's order and words. With a correlation, errors of a value that an
/// update leaves as it was are forgiven (ratcheting, KEP-4008).
/// Source: kube-openapi/pkg/validation/validate/{schema,type,schema_props,validator,slice_validator,object_validator}.go and
/// apiextensions-apiserver/pkg/apiserver/validation/ratcheting.go, v1.36.
/// </summary>
public static class JsonSchemaValidator
{
    /// <summary>Adds what is wrong with a value.</summary>
    /// <param name="errors">Takes the errors.</param>
    /// <param name="value">The value, at its defaults.</param>
    /// <param name="old">The value as it is stored; undefined when it is new.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="root">Where the value is; null for a whole object.</param>
    public static void Validate(FieldErrorList errors, Value value, Value old, JsonSchema schema, FieldPath? root = null)
    {
        var correlated = old.IsUndefined ? null : new CorrelatedValue(value, old, schema);
        Validate(schema, value, "", correlated).AppendTo(errors, root);
    }

    private static SchemaResult Validate(JsonSchema schema, Value value, string path, CorrelatedValue? correlated)
    {
        var result = Check(schema, value, path, correlated);
        return !result.IsValid && correlated?.IsUnchanged == true ? result.Forgiven() : result;
    }

    private static SchemaResult Check(JsonSchema schema, Value value, string path, CorrelatedValue? correlated)
    {
        var result = new SchemaResult();
        if (value.IsNullOrUndefined)
        {
            if (schema.Types.Count > 0 && !schema.Nullable && !schema.Allows("null"))
                result.Add(TypeFailure(path, string.Join(',', schema.Types), "null"));
            else
                result.Count();
            result.Add(EnumFailure(schema, value, path));
            return result;
        }

        var kind = value.Kind;
        if (schema.Types.Count > 0 || schema.CheckedFormat.Length > 0)
        {
            if (CheckType(schema, value, path) is { } failure)
                result.Add(failure);
            else
                result.Count();
            result.Count();
        }

        result.Merge(CheckJunctors(schema, value, path, correlated));
        result.Count();
        switch (kind)
        {
            case ValueKind.String:
                result.Add(CheckString(schema, value.AsString!, path));
                result.Count();
                if (schema.CheckedFormat.Length > 0 && StringFormats.IsKnown(schema.CheckedFormat))
                {
                    if (!StringFormats.IsValid(schema.CheckedFormat, value.AsString!))
                        result.Add(new SchemaFailure(FailureKind.Type, path, $"{path} in body must be of type {schema.CheckedFormat}: {GoText.Quote(value.AsString!)}", value));
                    result.Count();
                }

                break;
            case ValueKind.Integer or ValueKind.Float:
                NumberValidator.Check(schema, value, path, result);
                result.Count();
                result.Count();
                break;
            case ValueKind.Sequence:
                CheckSequence(schema, value.AsSequence!, path, correlated, result);
                result.Count();
                result.Count();
                break;
        }

        result.Add(EnumFailure(schema, value, path));
        result.Count();
        if (kind == ValueKind.Map)
        {
            CheckMap(schema, value.AsMap!, path, correlated, result);
            result.Count();
        }

        result.Count();
        return result;
    }

    private static SchemaFailure TypeFailure(string path, string expected, string actual) =>
        new(FailureKind.Type, path, $"{path} in body must be of type {expected}: {GoText.Quote(actual)}", actual);

    private static SchemaFailure? CheckType(JsonSchema schema, Value value, string path)
    {
        var (type, format) = value.Kind switch
        {
            ValueKind.Boolean => ("boolean", ""),
            ValueKind.String => ("string", ""),
            ValueKind.Integer => ("integer", "int64"),
            ValueKind.Float => ("number", "float64"),
            ValueKind.Sequence => ("array", ""),
            _ => ("object", ""),
        };
        var fits = schema.Allows(type)
            || (type == "number" && schema.Allows("integer") && NumberValidator.IsWhole(value.AsDouble!.Value))
            || (type == "integer" && schema.Allows("number"));
        var isText = value.Kind is ValueKind.String or ValueKind.Sequence;
        if (schema.CheckedFormat.Length > 0)
        {
            if (!isText && !fits && format != schema.CheckedFormat)
                return TypeFailure(path, schema.CheckedFormat, format);
            if (isText && !schema.Allows("number") && !schema.Allows("integer"))
                return null;
        }

        return fits ? null : TypeFailure(path, string.Join(',', schema.Types), type);
    }

    private static SchemaFailure? EnumFailure(JsonSchema schema, Value value, string path)
    {
        if (schema.Enum is not { Count: > 0 } allowed)
            return null;
        foreach (var candidate in allowed)
        {
            if (value.IsNullOrUndefined || candidate.IsNull)
                continue;
            // Numbers are compared as the enumeration's type of number.
            var same = candidate.AsInteger is { } integer ? (value.AsInteger ?? (value.Kind == ValueKind.Float ? (long)value.AsDouble!.Value : null)) == integer
                : candidate.Kind == ValueKind.Float ? value.AsDouble == candidate.AsDouble
                : candidate == value;
            if (same)
                return null;
        }

        var printed = string.Join(' ', allowed.Select(v => v.AsString ?? GoText.Json(v)));
        return new SchemaFailure(FailureKind.Enum, path, $"{path} in body should be one of [{printed}]", value, Values: allowed);
    }

    private static SchemaFailure? CheckString(JsonSchema schema, string text, string path)
    {
        if (schema.MaxLength is { } max && Runes(text) > max)
            return new SchemaFailure(FailureKind.TooLong, path, $"{path} in body should be at most {max} chars long", text, max);
        if (schema.MinLength is { } min && Runes(text) < min)
            return new SchemaFailure(FailureKind.Other, path, $"{path} in body should be at least {min} chars long", text);
        if (schema.Pattern.Length > 0 && schema.PatternExpression?.IsMatch(text) != true)
            return new SchemaFailure(FailureKind.Other, path, $"{path} in body should match '{schema.Pattern}'", text);
        return null;
    }

    private static int Runes(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    private static void CheckSequence(JsonSchema schema, Sequence list, string path, CorrelatedValue? correlated, SchemaResult result)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
                result.Merge(Validate(items, list[i], $"{path}[{i}]", correlated?.Index(i)));
        }

        if (schema.MinItems is { } min && list.Count < min)
            result.Add(new SchemaFailure(FailureKind.Other, path, $"{path} in body should have at least {min} items", list.Count));
        if (schema.MaxItems is { } max && list.Count > max)
            result.Add(new SchemaFailure(FailureKind.TooMany, path, $"{path} in body should have at most {max} items", list.Count, max));
        if (schema.UniqueItems && HasDuplicates(list))
            result.Add(new SchemaFailure(FailureKind.Other, path, $"{path} in body shouldn't contain duplicates"));
    }

    private static bool HasDuplicates(Sequence list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (list[i] == list[j])
                    return true;
            }
        }

        return false;
    }

    private static void CheckMap(JsonSchema schema, Map map, string path, CorrelatedValue? correlated, SchemaResult result)
    {
        if (schema.MinProperties is { } min && map.Count < min)
            result.Add(new SchemaFailure(FailureKind.Other, path, $"{path} in body should have at least {min} properties", map.Count));
        if (schema.MaxProperties is { } max && map.Count > max)
            result.Add(new SchemaFailure(FailureKind.TooMany, path, $"{path} in body should have at most {max} properties", map.Count, max));
        if (schema.AllowsAdditionalProperties == false || schema.AdditionalProperties is not null)
        {
            foreach (var (key, value) in map)
            {
                if (schema.Properties.ContainsKey(key))
                    continue;
                if (schema.AdditionalProperties is { } additional)
                    result.Merge(Validate(additional, value, $"{path}.{key}", Below(correlated, path, key)));
                else
                    result.Add(new SchemaFailure(FailureKind.Other, path, $"{path}.{key} in body is a forbidden property", key));
            }
        }

        if (schema.Properties.Count > 0)
        {
            foreach (var (key, value) in map)
            {
                if (schema.Properties.TryGetValue(key, out var property))
                    result.Merge(Validate(property, value, path.Length == 0 ? key : $"{path}.{key}", Below(correlated, path, key)));
            }
        }

        foreach (var name in schema.Required)
        {
            if (!map.ContainsKey(name))
                result.Add(new SchemaFailure(FailureKind.Required, $"{path}.{name}", $"{path}.{name} in body is required"));
        }
    }

    /// <summary>The type of the object itself is not compared with the old one's: both were converted.</summary>
    private static CorrelatedValue? Below(CorrelatedValue? correlated, string path, string key) =>
        path.Length == 0 && key is "kind" or "apiVersion" ? null : correlated?.Key(key);

    private static SchemaResult CheckJunctors(JsonSchema schema, Value value, string path, CorrelatedValue? correlated)
    {
        var result = new SchemaResult();
        if (schema.AnyOf.Count > 0)
            CheckAnyOf(schema, value, path, correlated, result);
        if (schema.OneOf.Count > 0)
            CheckOneOf(schema, value, path, correlated, result);
        if (schema.AllOf.Count > 0)
        {
            var valid = 0;
            foreach (var branch in schema.AllOf)
            {
                var outcome = Check(branch, value, path, correlated);
                valid += outcome.IsValid ? 1 : 0;
                result.Merge(outcome);
            }

            if (valid < schema.AllOf.Count)
                result.Add(Composite($"{GoText.Quote(path)} must validate all the schemas (allOf){(valid == 0 ? ". None validated" : "")}"));
        }

        if (schema.Not is { } not && Check(not, value, path, correlated).IsValid)
            result.Add(Composite($"{GoText.Quote(path)} must not validate the schema (not)"));
        result.Count();
        return result;
    }

    private static void CheckAnyOf(JsonSchema schema, Value value, string path, CorrelatedValue? correlated, SchemaResult result)
    {
        SchemaResult? best = null;
        foreach (var branch in schema.AnyOf)
        {
            var outcome = Check(branch, value, path, correlated);
            if (outcome.IsValid)
            {
                result.Merge(outcome);
                return;
            }

            if (best is null || outcome.Matches > best.Matches)
                best = outcome;
        }

        result.Add(Composite($"{GoText.Quote(path)} must validate at least one schema (anyOf)"));
        result.Merge(best);
    }

    private static void CheckOneOf(JsonSchema schema, Value value, string path, CorrelatedValue? correlated, SchemaResult result)
    {
        SchemaResult? best = null, first = null;
        var valid = 0;
        foreach (var branch in schema.OneOf)
        {
            var outcome = Check(branch, value, path, correlated);
            if (outcome.IsValid)
            {
                valid++;
                best = null;
                first ??= outcome;
            }
            else if (valid == 0 && (best is null || outcome.Matches > best.Matches))
            {
                best = outcome;
            }
        }

        if (valid == 1)
        {
            result.Merge(first);
            return;
        }

        result.Add(Composite($"{GoText.Quote(path)} must validate one and only one schema (oneOf). {(valid == 0 ? "Found none valid" : $"Found {valid} valid alternatives")}"));
        result.Merge(best);
    }

    private static SchemaFailure Composite(string message) => new(FailureKind.Composite, "", message);
}
