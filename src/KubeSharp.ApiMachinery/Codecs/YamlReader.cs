using System.Globalization;
using System.Runtime.CompilerServices;
using KubeSharp.ApiMachinery.Documents;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Builds a tree from the first document of a YAML stream, as go-yaml v2 decodes into an interface: later keys
/// win, anchors are expanded within the ratio that go-yaml allows.</summary>
internal sealed class YamlReader
{
    private const int MaxDepth = 10000;

    /// <summary>How much text aliases may stand for, in characters. Differs: upstream bounds their number alone, so that a long
    /// text that is named often fills its memory; no object that can be stored is near this.</summary>
    private const long MaxAliasedText = 16 * 1024 * 1024;

    private readonly IParser _parser;
    private readonly bool _strict;
    private readonly Dictionary<string, (Value Value, long Nodes, long Text)> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private long _nodes;
    private long _aliasNodes;
    private long _text;
    private long _aliasText;
    private int _depth;

    public YamlReader(string text, bool strict)
    {
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        _strict = strict;
    }

    /// <summary>Keys that are set twice, when strict.</summary>
    public List<string> Duplicates { get; } = [];

    /// <summary>The first document; null when the stream is empty.</summary>
    /// <exception cref="YamlException">The text is no YAML.</exception>
    /// <exception cref="YamlDecodeException">It is YAML that cannot be a tree.</exception>
    public Value Read()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return Value.Null;
        _parser.Consume<DocumentStart>();
        return ReadNode();
    }

    private Value ReadNode()
    {
        _nodes++;
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new YamlDecodeException("exceeded max depth of 10000");
        try
        {
            if (_parser.TryConsume<AnchorAlias>(out var alias))
                return Expand(alias);
            var anchor = (_parser.Current as NodeEvent)?.Anchor is { IsEmpty: false } name ? name.Value : null;
            var (nodesBefore, textBefore) = (_nodes, _text);
            if (anchor is not null)
                _open.Add(anchor);
            var value = _parser.Current switch
            {
                Scalar => ReadScalar(),
                SequenceStart => ReadSequence(),
                MappingStart => ReadMapping(),
                _ => throw new YamlDecodeException("did not find expected node content"),
            };
            if (anchor is not null)
            {
                _open.Remove(anchor);
                _anchors[anchor] = (value, _nodes - nodesBefore + 1, _text - textBefore);
            }

            return value;
        }
        finally
        {
            _depth--;
        }
    }

    private Value Expand(AnchorAlias alias)
    {
        var name = alias.Value.Value;
        if (_open.Contains(name))
            throw new YamlDecodeException($"anchor '{name}' value contains itself");
        if (!_anchors.TryGetValue(name, out var anchor))
            throw new YamlDecodeException($"unknown anchor '{name}' referenced");
        _nodes += anchor.Nodes;
        _aliasNodes += anchor.Nodes;
        _text += anchor.Text;
        _aliasText += anchor.Text;
        if (_aliasText > MaxAliasedText || (_aliasNodes > 100 && _nodes > 1000 && (double)_aliasNodes / _nodes > AllowedAliasRatio(_nodes)))
            throw new YamlDecodeException("document contains excessive aliasing");
        return anchor.Value.DeepClone();
    }

    /// <summary>Small documents may be all aliases; a large one at most a tenth (go-yaml decode.go).</summary>
    private static double AllowedAliasRatio(long nodes) => nodes switch
    {
        <= 400_000 => 0.99,
        >= 4_000_000 => 0.10,
        _ => 0.99 - (0.89 * ((nodes - 400_000) / 3_600_000d)),
    };

    private Value ReadScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        _text += scalar.Value.Length;
        var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? "" : scalar.Tag.Value.Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal);
        if (tag.Length == 0)
            return scalar.Style == ScalarStyle.Plain && !scalar.Tag.IsNonSpecific ? YamlScalar.Resolve(scalar.Value) : scalar.Value;
        if (tag == "!!binary")
        {
            var bytes = new byte[scalar.Value.Length];
            return Convert.TryFromBase64String(scalar.Value, bytes, out var count)
                ? System.Text.Encoding.UTF8.GetString(bytes, 0, count)
                : throw new YamlDecodeException("!!binary value contains invalid base64 data");
        }

        if (tag is not ("!!bool" or "!!int" or "!!float" or "!!null"))
            return scalar.Value;
        var value = YamlScalar.Resolve(scalar.Value);
        var found = value.Kind switch { ValueKind.Boolean => "!!bool", ValueKind.Integer => "!!int", ValueKind.Float => "!!float", ValueKind.Null => "!!null", _ => "!!str" };
        if (found == tag)
            return value;
        return tag == "!!float" && value.AsInteger is { } whole
            ? (Value)(double)whole
            : throw new YamlDecodeException($"cannot decode {found} `{scalar.Value}` as a {tag}");
    }

    private Sequence ReadSequence()
    {
        _parser.Consume<SequenceStart>();
        var sequence = new Sequence();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            sequence.Add(ReadNode());
        return sequence;
    }

    private Map ReadMapping()
    {
        _parser.Consume<MappingStart>();
        var map = new Map();
        var set = new HashSet<string>(StringComparer.Ordinal);
        List<Value>? merges = null;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var line = _parser.Current!.Start.Line;
            var isMerge = _parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain };
            var key = ReadNode();
            if (isMerge)
            {
                (merges ??= []).Add(ReadNode());
                continue;
            }

            var name = KeyText(key);
            if (!set.Add(name) && _strict)
                Duplicates.Add($"line {line}: key {Text.GoText.Quote(name)} already set in map");
            map.Set(name, ReadNode());
        }

        foreach (var merge in merges ?? [])
            Merge(map, merge);
        return map;
    }

    /// <summary>Adds what a merge key refers to; keys of the map itself win.</summary>
    private static void Merge(Map map, Value source)
    {
        if (source.AsMap is { } other)
        {
            foreach (var (key, value) in other)
            {
                if (!map.ContainsKey(key))
                    map.Set(key, value.DeepClone());
            }

            return;
        }

        foreach (var item in source.AsSequence ?? throw new YamlDecodeException("map merge requires map or sequence of maps as the value"))
            Merge(map, item.AsMap ?? throw new YamlDecodeException("map merge requires map or sequence of maps as the value"));
    }

    private static string KeyText(Value key) => key.Kind switch
    {
        ValueKind.String => key.AsString!,
        ValueKind.Integer => key.AsInteger!.Value.ToString(CultureInfo.InvariantCulture),
        ValueKind.Boolean => key.AsBoolean!.Value ? "true" : "false",
        ValueKind.Float => GoFloat.FormatGeneral((float)key.AsDouble!.Value),
        _ => throw new YamlDecodeException("invalid map key"),
    };
}

/// <summary>Why YAML could not become a tree; never leaves the codec.</summary>
internal sealed class YamlDecodeException(string message) : Exception(message);
