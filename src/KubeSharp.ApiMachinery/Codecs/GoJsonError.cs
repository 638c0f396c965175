using System.Text;
using System.Text.Json;

namespace KubeSharp.ApiMachinery.Codecs;

/// <summary>
/// Words a syntax error as Go's scanner does (encoding/json scanner.go). The error is known to be there; this walks the
/// input again with Go's states to find where and in which context, so that the fast path needs none of it.
/// </summary>
public static class GoJsonError
{
    public static string Describe(ReadOnlySpan<byte> json, JsonException exception)
    {
        if (exception.Message.StartsWith("exceeded max depth", StringComparison.Ordinal) || exception.Message.Contains("maximum configured depth", StringComparison.Ordinal))
            return "exceeded max depth";
        var scanner = new Scanner(json);
        return scanner.Run();
    }

    private ref struct Scanner(ReadOnlySpan<byte> json)
    {
        private readonly ReadOnlySpan<byte> _json = json;
        private int _at;

        public string Run()
        {
            var stack = new Stack<bool>();
            var context = "looking for beginning of value";
            while (true)
            {
                SkipBlanks();
                if (_at >= _json.Length)
                    return "unexpected end of JSON input";
                var c = _json[_at];
                if (c == '{')
                {
                    _at++;
                    SkipBlanks();
                    if (Peek() == '}')
                    {
                        _at++;
                    }
                    else
                    {
                        stack.Push(true);
                        if (Key("looking for beginning of object key string") is { } error)
                            return error;
                        context = "looking for beginning of value";
                        continue;
                    }
                }
                else if (c == '[')
                {
                    _at++;
                    SkipBlanks();
                    if (Peek() == ']')
                    {
                        _at++;
                    }
                    else
                    {
                        stack.Push(false);
                        context = "looking for beginning of value";
                        continue;
                    }
                }
                else if (Scalar(context) is { } error)
                {
                    return error;
                }

                // After a value: close what ends here, go on behind a comma.
                while (true)
                {
                    SkipBlanks();
                    if (stack.Count == 0)
                        return _at >= _json.Length ? "unexpected end of JSON input" : Invalid("after top-level value");
                    if (_at >= _json.Length)
                        return "unexpected end of JSON input";
                    var inObject = stack.Peek();
                    var next = _json[_at];
                    if (next == ',')
                    {
                        _at++;
                        if (inObject && Key("looking for beginning of object key string") is { } error)
                            return error;
                        context = "looking for beginning of value";
                        break;
                    }

                    if (next != (inObject ? '}' : ']'))
                        return Invalid(inObject ? "after object key:value pair" : "after array element");
                    _at++;
                    stack.Pop();
                }
            }
        }

        private string? Key(string context)
        {
            SkipBlanks();
            if (_at >= _json.Length)
                return "unexpected end of JSON input";
            if (_json[_at] != '"')
                return Invalid(context);
            if (Text() is { } error)
                return error;
            SkipBlanks();
            if (_at >= _json.Length)
                return "unexpected end of JSON input";
            if (_json[_at] != ':')
                return Invalid("after object key");
            _at++;
            return null;
        }

        private string? Scalar(string context)
        {
            switch (_json[_at])
            {
                case (byte)'"':
                    return Text();
                case (byte)'t':
                    return Literal("true");
                case (byte)'f':
                    return Literal("false");
                case (byte)'n':
                    return Literal("null");
                case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                    return Number();
                default:
                    return Invalid(context);
            }
        }

        private string? Literal(string word)
        {
            for (var i = 0; i < word.Length; i++, _at++)
            {
                if (_at >= _json.Length)
                    return "unexpected end of JSON input";
                if (_json[_at] != word[i])
                    return Invalid($"in literal {word} (expecting {Quote(word[i])})");
            }

            return null;
        }

        private string? Number()
        {
            if (Peek() == '-')
            {
                _at++;
                if (_at >= _json.Length)
                    return "unexpected end of JSON input";
                if (!IsDigit(Peek()))
                    return Invalid("in numeric literal");
            }

            if (Peek() == '0')
                _at++;
            else
                Digits();
            if (Peek() == '.')
            {
                _at++;
                if (_at >= _json.Length)
                    return "unexpected end of JSON input";
                if (!IsDigit(Peek()))
                    return Invalid("after decimal point in numeric literal");
                Digits();
            }

            if (Peek() is 'e' or 'E')
            {
                _at++;
                if (Peek() is '+' or '-')
                    _at++;
                if (_at >= _json.Length)
                    return "unexpected end of JSON input";
                if (!IsDigit(Peek()))
                    return Invalid("in exponent of numeric literal");
                Digits();
            }

            return null;
        }

        private string? Text()
        {
            for (_at++; _at < _json.Length; _at++)
            {
                var c = _json[_at];
                if (c == '"')
                {
                    _at++;
                    return null;
                }

                if (c < 0x20)
                    return Invalid("in string literal");
                if (c != '\\')
                    continue;
                _at++;
                if (_at >= _json.Length)
                    break;
                if (_json[_at] == 'u')
                {
                    for (var i = 0; i < 4; i++)
                    {
                        _at++;
                        if (_at >= _json.Length)
                            return "unexpected end of JSON input";
                        if (!Uri.IsHexDigit((char)_json[_at]))
                            return Invalid("in \\u hexadecimal character escape");
                    }
                }
                else if (!"bfnrt\\/\""u8.Contains(_json[_at]))
                {
                    return Invalid("in string escape code");
                }
            }

            return "unexpected end of JSON input";
        }

        private void Digits()
        {
            while (IsDigit(Peek()))
                _at++;
        }

        private void SkipBlanks()
        {
            while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                _at++;
        }

        private readonly char Peek() => _at < _json.Length ? (char)_json[_at] : '\0';

        private static bool IsDigit(char c) => char.IsAsciiDigit(c);

        private readonly string Invalid(string context) => $"invalid character {Quote((char)_json[_at])} {context}";

        private static string Quote(char c) => c switch
        {
            '\'' => "'\\''",
            '"' => "'\"'",
            '\n' => "'\\n'",
            '\r' => "'\\r'",
            '\t' => "'\\t'",
            '\\' => "'\\\\'",
            < ' ' or (char)0x7f => $"'\\x{(int)c:x2}'",
            _ => $"'{c}'",
        };
    }
}
