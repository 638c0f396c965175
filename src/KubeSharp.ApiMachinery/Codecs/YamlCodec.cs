using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using YamlDotNet.Core;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>What became of a YAML document: its JSON, or an error in go-yaml's words. <paramref name="StrictErrors"/> holds
/// one error that names all keys set twice, when they were asked for.</summary>
public readonly record struct YamlResult(ReadOnlyMemory<byte> Json, string? Error, IReadOnlyList<string> StrictErrors);

/// <summary>
/// YAML as sigs.k8s.io/yaml over go-yaml v2 reads and prints it. Only the first document of a stream counts.
/// Anchors are expanded within go-yaml's bound, so that a small text cannot become a large tree.
/// </summary>
public static class YamlCodec
{
    /// <summary>The document as UTF-8 JSON with sorted keys (yaml.YAMLToJSON).</summary>
    public static YamlResult ToJson(ReadOnlySpan<byte> yaml, bool strict)
    {
        if (!TryDecode(yaml, strict, out var value, out var error, out var duplicates))
            return new YamlResult(default, error, []);
        SortKeys(value);
        var output = new ArrayBufferWriter<byte>(Math.Max(yaml.Length, 64));
        JsonEncoder.Encode(value, output);
        return new YamlResult(output.WrittenMemory, null, duplicates);
    }

    /// <summary>The tree of a document's JSON, as <see cref="ToJson"/> prints it.</summary>
    /// <param name="yaml">The document.</param>
    /// <param name="error">Why it cannot be read, in go-yaml's words, or null.</param>
    /// <param name="duplicates">One error that names all keys set twice, or none.</param>
    public static Value ToTree(ReadOnlySpan<byte> yaml, out string? error, out IReadOnlyList<string> duplicates)
    {
        (error, duplicates) = (null, []);
        if (JsonAsYaml.TryRead(yaml, out var tree))
            return tree;
        var read = ToJson(yaml, strict: true);
        (error, duplicates) = (read.Error, read.StrictErrors);
        return error is null ? JsonDecoder.DecodeValue(read.Json.Span) : default;
    }

    /// <summary>The tree of the document; undefined when it is no YAML.</summary>
    public static Value Decode(ReadOnlySpan<byte> yaml) => TryDecode(yaml, false, out var value, out _, out _) ? value : default;

    /// <summary>Prints a tree as <c>kubectl get -o yaml</c> and the API server do (yaml.JSONToYAML).</summary>
    public static void Encode(Value tree, IBufferWriter<byte> output) => Encoding.UTF8.GetBytes(YamlWriter.Print(tree), output);

    private static bool TryDecode(ReadOnlySpan<byte> yaml, bool strict, out Value value, out string? error, out IReadOnlyList<string> duplicates)
    {
        (value, error, duplicates) = (default, null, []);
        if (YamlCharacters.Problem(yaml) is { } problem)
        {
            error = $"yaml: {problem}";
            return false;
        }

        try
        {
            var reader = new YamlReader(Encoding.UTF8.GetString(yaml), strict);
            value = reader.Read();
            if (HasUnsupportedFloat(value, out var number))
            {
                error = $"json: unsupported value: {number}";
                return false;
            }

            if (reader.Duplicates.Count > 0)
                duplicates = ["yaml: unmarshal errors:\n  " + string.Join("\n  ", reader.Duplicates)];
            return true;
        }
        catch (YamlException exception)
        {
            error = Describe(exception);
            return false;
        }
        catch (YamlDecodeException exception)
        {
            error = $"yaml: {exception.Message}";
            return false;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // YamlDotNet's scanner loses its way on some malformed input (a NUL within a plain scalar).
            error = "yaml: control characters are not allowed";
            return false;
        }
    }

    /// <summary>libyaml's sentences begin in lower case and have no full stop; the line counts from 1.</summary>
    private static string Describe(YamlException exception)
    {
        var message = exception.Message;
        if (message.StartsWith('(') && message.IndexOf("): ", StringComparison.Ordinal) is > 0 and var end)
            message = message[(end + 3)..];
        message = message.TrimEnd('.');
        if (message.Length > 0)
            message = char.ToLowerInvariant(message[0]) + message[1..];
        if (message.EndsWith("found invalid mapping", StringComparison.Ordinal))
            message = "mapping values are not allowed in this context";
        return exception.Start.Line > 0 ? $"yaml: line {exception.Start.Line}: {message}" : $"yaml: {message}";
    }

    internal static void SortKeys(Value value)
    {
        if (value.AsMap is { } map)
        {
            map.Sort(string.CompareOrdinal);
            foreach (var (_, child) in map)
                SortKeys(child);
        }
        else if (value.AsSequence is { } sequence)
        {
            foreach (var child in sequence)
                SortKeys(child);
        }
    }

    private static bool HasUnsupportedFloat(Value value, out string number)
    {
        number = "";
        if (value.Kind == ValueKind.Float && !double.IsFinite(value.AsDouble!.Value))
        {
            number = double.IsNaN(value.AsDouble.Value) ? "NaN" : value.AsDouble.Value > 0 ? "+Inf" : "-Inf";
            return true;
        }

        if (value.AsMap is { } map)
        {
            foreach (var (_, child) in map)
            {
                if (HasUnsupportedFloat(child, out number))
                    return true;
            }
        }

        foreach (var child in value.AsSequence ?? Sequence.Empty)
        {
            if (HasUnsupportedFloat(child, out number))
                return true;
        }

        return false;
    }
}
