using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>Prints a tree as go-yaml v2 does: block style, keys in its natural order, long lines folded behind column 80.</summary>
internal sealed class YamlWriter
{
    private const int Indentation = 2;
    private const int BestWidth = 80;

    private readonly StringBuilder _output = new();
    private int _column;
    private bool _whitespace = true;
    private bool _indention = true;

    public static string Print(Value value)
    {
        var writer = new YamlWriter();
        writer.Node(value, -1, false, false);
        if (writer._column > 0)
            writer.Break();
        return writer._output.ToString();
    }

    private void Node(Value value, int indent, bool inMapping, bool isKey)
    {
        switch (value.Kind)
        {
            case ValueKind.Map when value.AsMap!.Count > 0:
                Mapping(value.AsMap!, indent < 0 ? 0 : indent + Indentation);
                break;
            case ValueKind.Map:
                Indicator("{}");
                break;
            case ValueKind.Sequence when value.AsSequence!.Count > 0:
                Items(value.AsSequence!, indent < 0 ? 0 : inMapping && !_indention ? indent : indent + Indentation);
                break;
            case ValueKind.Sequence:
                Indicator("[]");
                break;
            case ValueKind.String:
                Text(value.AsString!, indent < 0 ? Indentation : indent + Indentation, isKey);
                break;
            case ValueKind.Float:
                var json = GoFloat.FormatJson(value.AsDouble!.Value);
                // It passes through JSON, where a whole float is an integer.
                Indicator(long.TryParse(json, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? json : GoFloat.FormatGeneral(value.AsDouble!.Value));
                break;
            default:
                Indicator(value.ToString());
                break;
        }
    }

    private void Mapping(Map map, int indent)
    {
        var keys = new string[map.Count];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = map.KeyAt(i);
        Array.Sort(keys, YamlKeyOrder.Compare);
        foreach (var key in keys)
        {
            NewLine(indent);
            var simple = !key.Contains('\n', StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(key) <= 128;
            if (simple)
            {
                Node(key, indent, true, true);
                Put(":");
                _whitespace = false;
                _indention = false;
            }
            else
            {
                Indicator("?", indention: true);
                Node(key, indent, true, false);
                NewLine(indent);
                Indicator(":", indention: true);
            }

            Node(map[key], indent, true, false);
        }
    }

    private void Items(Sequence sequence, int indent)
    {
        foreach (var item in sequence)
        {
            NewLine(indent);
            Indicator("-", indention: true);
            Node(item, indent, false, false);
        }
    }

    private void Text(string text, int indent, bool isKey)
    {
        var shape = YamlScalarShape.Analyze(text);
        var literal = text.Contains('\n', StringComparison.Ordinal);
        if (literal && shape.LiteralAllowed && !isKey)
            Literal(text, indent);
        else if (!literal && text.Length > 0 && YamlScalar.IsPlainString(text) && shape.PlainAllowed)
            Plain(text, indent, !isKey);
        else if (!literal && text.Length > 0 && YamlScalar.IsPlainString(text) && shape.SingleQuotedAllowed)
            SingleQuoted(text, indent, !isKey);
        else
            DoubleQuoted(text, indent, !isKey);
    }

    private void Plain(string text, int indent, bool mayFold)
    {
        if (!_whitespace)
            Put(" ");
        Folded(text, indent, mayFold, 0, text.Length, "");
        _whitespace = false;
        _indention = false;
    }

    private void SingleQuoted(string text, int indent, bool mayFold)
    {
        Indicator("'");
        Folded(text, indent, mayFold, 1, text.Length - 1, "'");
        Indicator("'", spaceBefore: false);
    }

    /// <summary>Characters one by one; a lone space behind the best width becomes a new line where that is allowed.</summary>
    private void Folded(string text, int indent, bool mayFold, int foldFrom, int foldTo, string doubled)
    {
        var afterSpace = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ' ')
            {
                if (mayFold && !afterSpace && _column > BestWidth && i >= foldFrom && i < foldTo && !(i + 1 < text.Length && text[i + 1] == ' '))
                    NewLine(indent);
                else
                    Put(" ");
                afterSpace = true;
                continue;
            }

            if (doubled.Length > 0 && text[i] == doubled[0])
                Put(doubled);
            PutCharacter(text, ref i);
            _indention = false;
            afterSpace = false;
        }
    }

    private void DoubleQuoted(string text, int indent, bool mayFold)
    {
        Indicator("\"");
        var afterSpace = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ' ' && mayFold && !afterSpace && _column > BestWidth && i > 0 && i < text.Length - 1)
            {
                NewLine(indent);
                if (text[i + 1] == ' ')
                    Put("\\");
                afterSpace = true;
            }
            else if (!YamlScalarShape.IsPrintable(text, i) || text[i] is '\n' or '"' or '\\' or '\u2028' or '\u2029' or '\u0085')
            {
                Escape(text, ref i);
                afterSpace = false;
            }
            else
            {
                afterSpace = text[i] == ' ';
                PutCharacter(text, ref i);
            }
        }

        Indicator("\"", spaceBefore: false);
    }

    private void Escape(string text, ref int at)
    {
        var rune = Rune.TryGetRuneAt(text, at, out var found) ? found : Rune.ReplacementChar;
        at += rune.Utf16SequenceLength - 1;
        Put(rune.Value switch
        {
            0 => "\\0",
            7 => "\\a",
            8 => "\\b",
            9 => "\\t",
            10 => "\\n",
            11 => "\\v",
            12 => "\\f",
            13 => "\\r",
            0x1b => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            0x85 => "\\N",
            0xa0 => "\\_",
            0x2028 => "\\L",
            0x2029 => "\\P",
            <= 0xff => $"\\x{rune.Value:X2}",
            <= 0xffff => $"\\u{rune.Value:X4}",
            _ => $"\\U{rune.Value:X8}",
        });
    }

    private void Literal(string text, int indent)
    {
        Indicator("|");
        if (text[0] is ' ' or '\n')
            Put(Indentation.ToString(CultureInfo.InvariantCulture));
        if (text[^1] != '\n')
            Put("-");
        else if (text.Length == 1 || text[^2] == '\n')
            Put("+");
        Break();
        _indention = true;
        _whitespace = true;
        var breaks = true;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                Break();
                _indention = true;
                breaks = true;
                continue;
            }

            if (breaks)
                NewLine(indent);
            PutCharacter(text, ref i);
            _indention = false;
            breaks = false;
        }
    }

    private void NewLine(int indent)
    {
        if (!_indention || _column > indent || (_column == indent && !_whitespace))
            Break();
        while (_column < indent)
            Put(" ");
        _whitespace = true;
        _indention = true;
    }

    private void Indicator(string text, bool spaceBefore = true, bool indention = false)
    {
        if (spaceBefore && !_whitespace)
            Put(" ");
        Put(text);
        _whitespace = false;
        _indention = _indention && indention;
    }

    private void Put(string ascii)
    {
        _output.Append(ascii);
        _column += ascii.Length;
    }

    private void PutCharacter(string text, ref int at)
    {
        _output.Append(text[at]);
        if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length)
            _output.Append(text[++at]);
        _column++;
    }

    private void Break()
    {
        _output.Append('\n');
        _column = 0;
    }
}
