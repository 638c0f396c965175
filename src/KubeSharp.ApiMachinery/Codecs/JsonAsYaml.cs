using System.Text;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Reads YAML that is JSON, as the bodies of server-side apply mostly are, with the JSON reader: a tenth of the cost.
/// Whatever the two languages might see differently is left to the YAML reader.
/// </summary>
internal static class JsonAsYaml
{
    /// <summary>YAML reads longer keys as errors (libyaml's limit is 1024 with the quotes).</summary>
    private const int MaxKey = 1000;

    private const int MaxDepth = 100;

    /// <summary>The tree, keys sorted; false for text that is not certainly the same in both languages.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out Map tree)
    {
        tree = Map.Empty;
        if (text.IsEmpty || text[0] != (byte)'{' || text.Contains((byte)'\t') || !Ascii.IsValid(text) || text.Contains((byte)0x7f) || !HasPlainEscapes(text))
            return false;
        var decoded = JsonDecoder.Decode(text, null, new JsonDecodeOptions { Strict = true });
        if (decoded.Root is not { } root || decoded.StrictErrors.Count > 0 || !IsPlain(root, 0))
            return false;
        YamlCodec.SortKeys(root);
        tree = root;
        return true;
    }

    /// <summary>Escapes that mean the same in both; YAML has no <c>\/</c> and no surrogates.</summary>
    private static bool HasPlainEscapes(ReadOnlySpan<byte> text)
    {
        while (text.IndexOf((byte)'\\') is >= 0 and var at)
        {
            if (at + 1 >= text.Length || !"\"\\nrt"u8.Contains(text[at + 1]))
                return false;
            text = text[(at + 2)..];
        }

        return true;
    }

    private static bool IsPlain(Value value, int depth)
    {
        if (depth > MaxDepth)
            return false;
        if (value.AsMap is { } map)
        {
            foreach (var (key, child) in map)
            {
                // "<<" merges in YAML.
                if (key.Length > MaxKey || key == "<<" || !IsPlain(child, depth + 1))
                    return false;
            }
        }
        else if (value.AsSequence is { } sequence)
        {
            foreach (var child in sequence)
            {
                if (!IsPlain(child, depth + 1))
                    return false;
            }
        }

        // Fractions and numbers beyond 64 bits are printed anew on the way through YAML.
        return value.Kind != ValueKind.Float;
    }
}
