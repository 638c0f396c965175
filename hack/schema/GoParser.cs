using System.Text.RegularExpressions;

namespace KubeSharp.Hack.Schema;

/// <summary>
/// Reads type declarations out of gofmt-formatted Go sources: enough of the language for API packages, whose files hold
/// nothing but structs, named types, constants and comments.
/// </summary>
internal static partial class GoParser
{
    public static GoPackage ParsePackage(string directory, string importPath)
    {
        var package = new GoPackage(importPath);
        foreach (var file in Directory.GetFiles(directory, "*.go").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (name.EndsWith("_test.go", StringComparison.Ordinal) || name.StartsWith("zz_generated", StringComparison.Ordinal) || name.StartsWith("generated.", StringComparison.Ordinal))
                continue;
            ParseFile(File.ReadAllLines(file), package);
        }

        return package;
    }

    private static void ParseFile(string[] lines, GoPackage package)
    {
        var imports = new Dictionary<string, string>(StringComparer.Ordinal);
        var markers = new List<string>();
        var comment = new List<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var trimmed = line.TrimStart('\t');
            if (trimmed.StartsWith("//", StringComparison.Ordinal))
                comment.Add(trimmed[2..]);
            else if (trimmed.Length == 0)
                comment.Clear();
            if (line.StartsWith("import (", StringComparison.Ordinal))
            {
                for (i++; i < lines.Length && lines[i] != ")"; i++)
                    AddImport(lines[i], imports);
            }
            else if (line.StartsWith("import ", StringComparison.Ordinal))
            {
                AddImport(line["import ".Length..], imports);
            }
            else if (GroupNameLine().Match(line) is { Success: true } group)
            {
                package.GroupName = group.Groups[1].Value;
            }
            else if (line.StartsWith("// +", StringComparison.Ordinal))
            {
                markers.Add(line[4..].Trim());
            }
            else if (line.StartsWith("//", StringComparison.Ordinal))
            {
                continue;
            }
            else if (line.Length == 0)
            {
                // Markers of the package or of a commented-out thing end with a blank line only when a type does not follow.
                if (i + 1 < lines.Length && !lines[i + 1].StartsWith("//", StringComparison.Ordinal) && !lines[i + 1].StartsWith("type ", StringComparison.Ordinal))
                    markers.Clear();
            }
            else if (StructStart().Match(line) is { Success: true } start)
            {
                var fields = new List<GoField>();
                if (!line.EndsWith("{}", StringComparison.Ordinal))
                    i = ParseFields(lines, i + 1, package, imports, fields);
                package.Declarations[start.Groups[1].Value] = new GoDeclaration(package.Path, start.Groups[1].Value, fields, null, [.. markers]) { Doc = GoComment.Text(comment) };
                markers.Clear();
                comment.Clear();
            }
            else if (NamedType().Match(line) is { Success: true } named && !line.Contains("interface", StringComparison.Ordinal) && !line.Contains("func(", StringComparison.Ordinal))
            {
                var underlying = ParseType(named.Groups[2].Value.Trim(), package.Path, imports);
                package.Declarations[named.Groups[1].Value] = new GoDeclaration(package.Path, named.Groups[1].Value, null, underlying, [.. markers]) { IsAlias = line.Contains(" = ", StringComparison.Ordinal), Doc = GoComment.Text(comment) };
                markers.Clear();
                comment.Clear();
            }
            else
            {
                var doc = string.Join(' ', GoComment.Text(comment));
                if (Constant().Match(line) is { Success: true } constant)
                    package.AddConstant(constant.Groups[2].Value, constant.Groups[1].Value, constant.Groups[3].Value, doc);
                else if (ConvertedConstant().Match(line) is { Success: true } converted)
                    package.AddConstant(converted.Groups[2].Value, converted.Groups[1].Value, converted.Groups[3].Value, doc);
                else if (ForeignConstant().Match(line) is { Success: true } foreign && imports.TryGetValue(foreign.Groups[3].Value, out var path))
                    package.ForeignConstants.Add((foreign.Groups[2].Value, foreign.Groups[1].Value, path, foreign.Groups[4].Value, doc));

                markers.Clear();
                // A comment that stands inside a list of comments goes on; anything else ends it.
                if (!trimmed.StartsWith("//", StringComparison.Ordinal))
                    comment.Clear();
            }
        }
    }

    private static int ParseFields(string[] lines, int at, GoPackage package, Dictionary<string, string> imports, List<GoField> fields)
    {
        var markers = new List<string>();
        var comment = new List<string>();
        for (; at < lines.Length && lines[at] != "}"; at++)
        {
            var line = lines[at].Trim();
            if (line.StartsWith("/*", StringComparison.Ordinal))
            {
                comment.Clear();
                var first = at;
                while (!lines[at].Contains("*/", StringComparison.Ordinal))
                    at++;
                for (var inside = first; inside <= at; inside++)
                    comment.Add(" " + lines[inside].Replace("/*", "", StringComparison.Ordinal).Replace("*/", "", StringComparison.Ordinal));
                continue;
            }

            if (line.StartsWith("//", StringComparison.Ordinal))
                comment.Add(line[2..]);
            else if (line.Length == 0)
                comment.Clear();

            if (line.StartsWith("// +", StringComparison.Ordinal) || line.StartsWith("//+", StringComparison.Ordinal))
            {
                markers.Add(line[(line.IndexOf('+', StringComparison.Ordinal) + 1)..].Trim());
                continue;
            }

            if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal))
                continue;
            if (FieldLine().Match(line) is { Success: true } match && ParseField(match, package, imports, markers) is { } field)
                fields.Add(field with { Doc = GoComment.Text(comment) });
            markers.Clear();
            comment.Clear();
        }

        return at;
    }

    private static GoField? ParseField(Match match, GoPackage package, Dictionary<string, string> imports, List<string> markers)
    {
        var words = match.Groups[1].Value.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var tags = match.Groups[2].Value;
        var json = Tag(tags, "json");
        var embedded = words.Length == 1;
        var typeText = embedded ? words[0] : words[1];
        if (!embedded && char.IsLower(words[0][0]))
            return null;
        var type = ParseType(typeText, package.Path, imports);
        var options = json.Split(',');
        var name = options[0];
        var goName = embedded ? typeText[(typeText.LastIndexOf('.') + 1)..].TrimStart('*') : words[0];
        return new GoField(
            goName,
            type,
            embedded,
            name,
            options.Contains("omitempty"),
            options.Contains("omitzero"),
            options.Contains("inline") || (embedded && name.Length == 0),
            Tag(tags, "protobuf"),
            Tag(tags, "patchStrategy"),
            Tag(tags, "patchMergeKey"),
            [.. markers]);
    }

    private static string Tag(string tags, string name)
    {
        var match = Regex.Match(tags, $"(?:^|\\s){name}:\"((?:[^\"\\\\]|\\\\.)*)\"");
        return match.Success ? match.Groups[1].Value : "";
    }

    public static GoType ParseType(string text, string package, Dictionary<string, string> imports)
    {
        if (text.StartsWith('*'))
            return new GoType.Pointer(ParseType(text[1..], package, imports));
        if (text.StartsWith("[]", StringComparison.Ordinal))
            return new GoType.List(ParseType(text[2..], package, imports));
        if (text.StartsWith("map[", StringComparison.Ordinal))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            return new GoType.Map(ParseType(text[4..close], package, imports), ParseType(text[(close + 1)..], package, imports));
        }

        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
            return new GoType.Named(imports.GetValueOrDefault(text[..dot], text[..dot]), text[(dot + 1)..]);
        return char.IsLower(text[0]) ? new GoType.Named("", text) : new GoType.Named(package, text);
    }

    private static void AddImport(string line, Dictionary<string, string> imports)
    {
        if (ImportLine().Match(line) is not { Success: true } match)
            return;
        var path = match.Groups[2].Value;
        var alias = match.Groups[1].Value;
        imports[alias.Length > 0 ? alias : path[(path.LastIndexOf('/') + 1)..]] = path;
    }

    [GeneratedRegex("^(?:const |\\t)GroupName\\s*=\\s*\"([^\"]*)\"")]
    private static partial Regex GroupNameLine();

    [GeneratedRegex(@"^type (\w+)\s+struct\s*\{")]
    private static partial Regex StructStart();

    [GeneratedRegex(@"^type (\w+) =? ?([\w\.\[\]\*]+)")]
    private static partial Regex NamedType();

    [GeneratedRegex("""^(?:const|\t)\s*(\w+)\s+([A-Z]\w*)\s+= "([^"]*)"$""")]
    private static partial Regex Constant();

    [GeneratedRegex("""^(?:const|\t)\s*(\w+)\s+= ([A-Z]\w*)\("([^"]*)"\)$""")]
    private static partial Regex ConvertedConstant();

    [GeneratedRegex(@"^(?:const|\t)\s*(\w+)\s+= ([A-Z]\w*)\((\w+)\.(\w+)\)$")]
    private static partial Regex ForeignConstant();

    [GeneratedRegex(@"^([^`/]+?)\s*(?:`([^`]*)`)?\s*(?://.*)?$")]
    private static partial Regex FieldLine();

    [GeneratedRegex("""^\s*(\w+|\.)?\s*"([^"]+)"\s*$""")]
    private static partial Regex ImportLine();
}
