using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Labels;

/// <summary>Recursive descent over the query form, with upstream's tokens, leniencies and messages
/// (apimachinery/pkg/labels/selector.go: Lexer, Parser).</summary>
internal sealed class LabelSelectorParser
{
    private const string BinaryOperators = "in, notin, =, ==, !=, gt, lt";

    private readonly List<(Token Token, string Text)> _items;
    private int _position;

    private LabelSelectorParser(string text) => _items = Scan(text);

    private enum Token
    {
        Error,
        End,
        Close,
        Comma,
        Not,
        DoubleEquals,
        EqualSign,
        Greater,
        Identifier,
        In,
        Less,
        NotEquals,
        NotIn,
        Open,
    }

    /// <summary>The requirements in text order, or null with a message.</summary>
    public static List<LabelRequirement>? Parse(string text, out string error)
    {
        error = "";
        try
        {
            return new LabelSelectorParser(text).Parse();
        }
        catch (SyntaxException exception)
        {
            error = exception.Message;
            return null;
        }
    }

    private List<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        while (true)
        {
            var (token, text) = Look();
            if (token == Token.End)
                return requirements;
            if (token is not (Token.Identifier or Token.Not))
                throw new SyntaxException($"found '{text}', expected: !, identifier, or 'end of string'");
            try
            {
                requirements.Add(ParseRequirement());
            }
            catch (SyntaxException exception)
            {
                throw new SyntaxException("unable to parse requirement: " + exception.Message);
            }

            var (next, nextText) = Take();
            if (next == Token.End)
                return requirements;
            if (next != Token.Comma)
                throw new SyntaxException($"found '{nextText}', expected: ',' or 'end of string'");
            var (after, afterText) = Look();
            if (after is not (Token.Identifier or Token.Not))
                throw new SyntaxException($"found '{afterText}', expected: identifier after ','");
        }
    }

    private LabelRequirement ParseRequirement()
    {
        var (token, key) = Take();
        var negated = token == Token.Not;
        if (negated)
            (token, key) = Take();
        if (token != Token.Identifier)
            throw new SyntaxException($"found '{key}', expected: identifier");
        if (NameValidation.IsQualifiedName(key) is { Count: > 0 } wrong)
            throw new SyntaxException(FieldError.Invalid(null, key, string.Join("; ", wrong)).Error());
        if (negated)
            return Create(key, LabelOperator.DoesNotExist, []);
        if (Look().Token is Token.End or Token.Comma)
            return Create(key, LabelOperator.Exists, []);
        var op = ParseOperator();
        IEnumerable<string> values = op is LabelOperator.In or LabelOperator.NotIn ? ParseValues() : ParseExactValue();
        return Create(key, op, values);
    }

    private static LabelRequirement Create(string key, LabelOperator op, IEnumerable<string> values) =>
        LabelRequirement.TryCreate(key, op, values, out var requirement, out var error) ? requirement : throw new SyntaxException(error);

    private LabelOperator ParseOperator()
    {
        var (token, text) = _items[_position++];
        return token switch
        {
            Token.In => LabelOperator.In,
            Token.NotIn => LabelOperator.NotIn,
            Token.EqualSign => LabelOperator.Equals,
            Token.DoubleEquals => LabelOperator.DoubleEquals,
            Token.NotEquals => LabelOperator.NotEquals,
            Token.Greater => LabelOperator.GreaterThan,
            Token.Less => LabelOperator.LessThan,
            _ => throw new SyntaxException($"found '{text}', expected: {BinaryOperators}"),
        };
    }

    private SortedSet<string> ParseValues()
    {
        var (token, text) = Take();
        if (token != Token.Open)
            throw new SyntaxException($"found '{text}' expected: '('");
        (token, text) = Look();
        switch (token)
        {
            case Token.Identifier or Token.Comma:
                var values = ParseIdentifiers();
                Take();
                return values;
            case Token.Close:
                Take();
                return new SortedSet<string>(StringComparer.Ordinal) { "" };
            default:
                throw new SyntaxException($"found '{text}', expected: ',', ')' or identifier");
        }
    }

    // An empty item between, before or after commas is the empty value.
    private SortedSet<string> ParseIdentifiers()
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var (token, text) = Take();
            var (next, nextText) = token is Token.Identifier or Token.Comma ? Look() : default;
            switch (token)
            {
                case Token.Identifier:
                    values.Add(text);
                    if (next == Token.Close)
                        return values;
                    if (next != Token.Comma)
                        throw new SyntaxException($"found '{nextText}', expected: ',' or ')'");
                    break;
                case Token.Comma:
                    if (values.Count == 0 || next is Token.Close or Token.Comma)
                        values.Add("");
                    if (next == Token.Close)
                        return values;
                    break;
                default:
                    throw new SyntaxException($"found '{text}', expected: ',', or identifier");
            }
        }
    }

    private string[] ParseExactValue()
    {
        if (Look().Token is Token.End or Token.Comma)
            return [""];
        var (token, text) = Take();
        return token == Token.Identifier ? [text] : throw new SyntaxException($"found '{text}', expected: identifier");
    }

    // Outside the operator's place `in` and `notin` are ordinary words.
    private (Token Token, string Text) Look()
    {
        var (token, text) = _items[_position];
        return (token is Token.In or Token.NotIn ? Token.Identifier : token, text);
    }

    private (Token Token, string Text) Take()
    {
        var item = Look();
        _position++;
        return item;
    }

    private static List<(Token Token, string Text)> Scan(string text)
    {
        var items = new List<(Token, string)>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && IsSpace(text[at]))
                at++;
            if (at >= text.Length || text[at] == '\0')
            {
                items.Add((Token.End, ""));
                return items;
            }

            items.Add(IsSymbol(text[at]) ? ScanSymbol(text, ref at) : ScanWord(text, ref at));
        }
    }

    private static (Token Token, string Text) ScanWord(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && !IsSymbol(text[at]) && !IsSpace(text[at]) && text[at] != '\0')
            at++;
        var word = text[start..at];
        if (at < text.Length && text[at] == '\0')
            at++;
        return (word switch { "in" => Token.In, "notin" => Token.NotIn, _ => Token.Identifier }, word);
    }

    // The longest operator that the symbols begin with.
    private static (Token Token, string Text) ScanSymbol(string text, ref int at)
    {
        var two = at + 1 < text.Length ? text.Substring(at, 2) : "";
        if (two is "==" or "!=")
        {
            at += 2;
            return (two == "==" ? Token.DoubleEquals : Token.NotEquals, two);
        }

        var symbol = text[at++];
        var token = symbol switch
        {
            ')' => Token.Close,
            ',' => Token.Comma,
            '!' => Token.Not,
            '=' => Token.EqualSign,
            '>' => Token.Greater,
            '<' => Token.Less,
            _ => Token.Open,
        };
        return (token, symbol.ToString());
    }

    private static bool IsSpace(char character) => character is ' ' or '\t' or '\r' or '\n';

    private static bool IsSymbol(char character) => character is '=' or '!' or '(' or ')' or ',' or '>' or '<';

    private sealed class SyntaxException(string message) : Exception(message);
}
