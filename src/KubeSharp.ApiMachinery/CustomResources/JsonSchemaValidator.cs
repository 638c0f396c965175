using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>
/// Validates custom resources against their schema, in the words and the order of upstream
/// (kube-openapi/pkg/validation/validate, apiextensions-apiserver/pkg/apiserver/validation; v1.36). On updates what did not
/// change is not looked at again (KEP-4008). Differs: formats are checked where .NET knows them (see <see cref="StringFormats"/>).
/// </summary>
public sealed class JsonSchemaValidator
{
    private readonly FieldErrorList _errors;
    private readonly FieldPath? _root;

    private JsonSchemaValidator(FieldErrorList errors, FieldPath? root)
    {
        _errors = errors;
        _root = root;
    }

    /// <summary>Adds what is wrong with a value.</summary>
    /// <param name="errors">Takes the errors.</param>
    /// <param name="value">The value, at its defaults.</param>
    /// <param name="old">The value as it is stored; undefined when it is new.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="root">Where the value is; null for a whole object.</param>
    public static void Validate(FieldErrorList errors, Value value, Value old, JsonSchema schema, FieldPath? root = null) =>
        new JsonSchemaValidator(errors, root).Check(value, old, schema, "");

    private void Check(Value value, Value old, JsonSchema schema, string path)
    {
        if (!old.IsUndefined && value == old)
            return;
        if (value.IsNullOrUndefined)
        {
            if (!schema.Nullable && (schema.Type.Length > 0 || schema.IntOrString))
                TypeInvalid(path, schema, "null");
            CheckEnum(value, schema, path);
            return;
        }

        if (!IsOfType(value, schema))
            TypeInvalid(path, schema, TypeOf(value));
        CheckCombinations(value, schema, path);
        if (value.AsString is { } text)
            CheckString(text, schema, path);
        else if (value.AsInteger is not null || value.AsDouble is not null)
            CheckNumber(value, schema, path);
        else if (value.AsSequence is { } list)
            CheckList(list, old.AsSequence, schema, path);
        CheckEnum(value, schema, path);
        if (value.AsMap is { } map)
            CheckObject(map, old.AsMap, schema, path);
    }

    private static bool IsOfType(Value value, JsonSchema schema)
    {
        var type = TypeOf(value);
        if (schema.IntOrString)
            return type is "integer" or "string" || IsWhole(value);
        return schema.Type.Length == 0 || schema.Type == type
            || (schema.Type == "number" && type == "integer")
            || (schema.Type == "integer" && type == "number" && IsWhole(value));
    }

    private static bool IsWhole(Value value) => value.AsDouble is { } number && Math.Floor(number) == number && Math.Abs(number) <= 9007199254740991;

    private static string TypeOf(Value value) => value.Kind switch
    {
        ValueKind.Map => "object",
        ValueKind.Sequence => "array",
        ValueKind.String => "string",
        ValueKind.Boolean => "boolean",
        ValueKind.Integer => "integer",
        _ => "number",
    };

    private void CheckString(string text, JsonSchema schema, string path)
    {
        var length = text.EnumerateRunes().Count();
        if (schema.MaxLength is { } max && length > max)
            _errors.Add(FieldError.TooLong(At(path), (int)max));
        else if (schema.MinLength is { } min && length < min)
            Invalid(path, text, $"should be at least {min} chars long");
        else if (schema.PatternExpression is { } expression && !expression.IsMatch(text))
            Invalid(path, text, $"should match '{schema.Pattern}'");
        if (schema.Format.Length > 0 && schema.Type is "" or "string" && !StringFormats.IsValid(schema.Format, text))
            _errors.Add(FieldError.TypeInvalid(At(path), text, $"{Described(path)} must be of type {schema.Format}: \"{text}\""));
    }

    private void CheckNumber(Value value, JsonSchema schema, string path)
    {
        var number = value.AsDouble ?? value.AsInteger!.Value;
        if (schema.Type == "integer" && schema.Format == "int32" && number is < int.MinValue or > int.MaxValue)
            _errors.Add(FieldError.Invalid(_root, "", $"Checked value must be of type {schema.Type} with format {schema.Format} in {path}"));
        if (schema.MultipleOf is { } factor and not 0 && Math.Abs(number / factor - Math.Round(number / factor)) > 1e-12)
            Invalid(path, value, $"should be a multiple of {Print(factor)}");
        if (schema.Minimum is { } min && (number < min || (schema.ExclusiveMinimum && number == min)))
            Invalid(path, value, schema.ExclusiveMinimum ? $"should be greater than {Print(min)}" : $"should be greater than or equal to {Print(min)}");
        if (schema.Maximum is { } max && (number > max || (schema.ExclusiveMaximum && number == max)))
            Invalid(path, value, schema.ExclusiveMaximum ? $"should be less than {Print(max)}" : $"should be less than or equal to {Print(max)}");
    }

    private void CheckList(Sequence list, Sequence? old, JsonSchema schema, string path)
    {
        var oldByKey = old is not null && schema.ListType == "map" ? ListKeys.Index(old, schema.ListMapKeys) : null;
        if (schema.Items is { } items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                Value before = oldByKey is not null && ListKeys.Of(list[i], schema.ListMapKeys) is { } key && oldByKey.TryGetValue(key, out var known) ? known : default;
                Check(list[i], before, items, $"{path}[{i}]");
            }
        }

        if (schema.MinItems is { } min && list.Count < min)
            Invalid(path, list.Count, $"should have at least {min} items");
        if (schema.MaxItems is { } max && list.Count > max)
            _errors.Add(FieldError.TooMany(At(path), list.Count, (int)max));
        if (schema.UniqueItems && HasDuplicates(list))
            Invalid(path, "", "shouldn't contain duplicates");
    }

    private static bool HasDuplicates(Sequence list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (list[i] == list[j])
                    return true;
            }
        }

        return false;
    }

    private void CheckEnum(Value value, JsonSchema schema, string path)
    {
        if (schema.Enum.Count == 0)
            return;
        foreach (var allowed in schema.Enum)
        {
            if (allowed == value)
                return;
        }

        _errors.Add(FieldError.NotSupported(At(path), value.IsUndefined ? Value.Null : value, schema.Enum.Select(Print)));
    }

    private void CheckObject(Map map, Map? old, JsonSchema schema, string path)
    {
        if (schema.MinProperties is { } min && map.Count < min)
            Invalid(path, map.Count, $"should have at least {min} properties");
        if (schema.MaxProperties is { } max && map.Count > max)
            _errors.Add(FieldError.TooMany(At(path), map.Count, (int)max));
        foreach (var (key, value) in map)
        {
            if (schema.Properties.ContainsKey(key))
                continue;
            if (schema.AdditionalProperties is { } additional)
                Check(value, old?[key] ?? default, additional, $"{path}.{key}");
            else if (schema.AllowsAdditionalProperties == false)
                Invalid(path, key, $"is a forbidden property", $"{path}.{key}");
        }

        foreach (var (name, property) in schema.Properties)
        {
            if (map.TryGetValue(name, out var value))
                Check(value, old?[name] ?? default, property, path.Length == 0 ? name : $"{path}.{name}");
        }

        foreach (var name in schema.Required)
        {
            if (!map.ContainsKey(name))
                _errors.Add(FieldError.Required(At($"{path}.{name}"), ""));
        }
    }

    private void CheckCombinations(Value value, JsonSchema schema, string path)
    {
        if (schema.AnyOf.Count > 0)
        {
            var failures = schema.AnyOf.Select(option => Try(value, option, path)).ToList();
            if (failures.TrueForAll(f => f.Count > 0))
            {
                Message($"{Quoted(path)} must validate at least one schema (anyOf)");
                AddBest(failures);
            }
        }

        if (schema.OneOf.Count > 0)
        {
            var failures = schema.OneOf.Select(option => Try(value, option, path)).ToList();
            var valid = failures.Count(f => f.Count == 0);
            if (valid != 1)
            {
                Message($"{Quoted(path)} must validate one and only one schema (oneOf). {(valid == 0 ? "Found none valid" : $"Found {valid} valid alternatives")}");
                if (valid == 0)
                    AddBest(failures);
            }
        }

        var missed = 0;
        foreach (var part in schema.AllOf)
        {
            var failures = Try(value, part, path);
            missed += failures.Count > 0 ? 1 : 0;
            foreach (var failure in failures)
                _errors.Add(failure);
        }

        if (missed > 0)
            Message($"{Quoted(path)} must validate all the schemas (allOf){(missed == schema.AllOf.Count ? ". None validated" : "")}");
        if (schema.Not is { } not && Try(value, not, path).Count == 0)
            Message($"{Quoted(path)} must not validate the schema (not)");
    }

    private FieldErrorList Try(Value value, JsonSchema schema, string path)
    {
        var errors = new FieldErrorList();
        new JsonSchemaValidator(errors, _root).Check(value, default, schema, path);
        return errors;
    }

    /// <summary>The alternative that came closest: the one with the fewest complaints.</summary>
    private void AddBest(List<FieldErrorList> failures)
    {
        var best = failures.MinBy(f => f.Count);
        foreach (var failure in best ?? [])
            _errors.Add(failure);
    }

    private void TypeInvalid(string path, JsonSchema schema, string actual)
    {
        var wanted = schema.IntOrString ? "integer,string" : schema.Type;
        _errors.Add(FieldError.TypeInvalid(At(path), actual, $"{Described(path)} must be of type {wanted}: \"{actual}\""));
    }

    private void Invalid(string path, Value value, string detail, string? described = null) =>
        _errors.Add(FieldError.Invalid(At(path), value, $"{Described(described ?? path)} {detail}"));

    private void Message(string text) => _errors.Add(FieldError.Invalid(_root, "", text));

    private static string Described(string path) => $"{path} in body";

    private static string Quoted(string path) => $"\"{path}\"";

    private FieldPath? At(string path)
    {
        var name = path.StartsWith('.') ? path[1..] : path;
        if (name.Length == 0)
            return _root;
        return _root is null ? new FieldPath(name) : _root.Child(name);
    }

    private static string Print(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Print(Value value)
    {
        if (value.AsString is { } text)
            return text;
        var json = new System.Buffers.ArrayBufferWriter<byte>(16);
        Codecs.JsonEncoder.Encode(value, json);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
