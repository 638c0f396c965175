using System.Text;

namespace KubeSharp.Hack.Schema;

/// <summary>
/// Writes what the API says of its types and fields: <c>#TYPE</c>, then <c>FIELD TAB TEXT</c> a line (the type itself is the
/// field with no name), line breaks and backslashes escaped.
/// </summary>
internal sealed class DescriptionsWriter(IReadOnlyDictionary<string, GoPackage> packages, FactsWriter facts)
{
    private readonly StringBuilder _output = new();

    /// <param name="others">Declarations outside of API packages that the API has as types of its own.</param>
    /// <param name="parameters">The parameters that all resources have, under <c>#parameters</c>.</param>
    public string Write(IEnumerable<GoDeclaration> others, IEnumerable<(string Name, string Text)> parameters)
    {
        foreach (var package in packages.Values.OrderBy(p => p.Path, StringComparer.Ordinal))
        {
            foreach (var declaration in package.Declarations.Values.Where(d => d.Fields is not null).OrderBy(d => d.Name, StringComparer.Ordinal))
                WriteType(package, declaration);
        }

        foreach (var declaration in others)
            WriteText(Header(declaration), GoComment.Describe(declaration.Doc));
        _output.Append("#parameters\n");
        foreach (var (name, text) in parameters)
            WriteText(name + "\t", text);
        return _output.ToString();
    }

    private void WriteType(GoPackage package, GoDeclaration declaration)
    {
        WriteText(Header(declaration), GoComment.Describe(declaration.Doc));
        if (declaration.Name == "TypeMeta" || !FactsWriter.IsSpecial(declaration))
            WriteFields(package, declaration);
    }

    private void WriteFields(GoPackage package, GoDeclaration declaration)
    {
        if (declaration is { Fields: null, Underlying: GoType.Named same } && packages.TryGetValue(same.Package, out var original))
            WriteFields(original, original.Declarations[same.Name]);
        foreach (var field in declaration.Fields ?? [])
        {
            if (!field.Inline)
            {
                if (field.JsonName != "-")
                    WriteText((field.JsonName.Length > 0 ? field.JsonName : field.GoName) + "\t", GoComment.Describe([.. field.Doc, .. EnumLines(field.Type)]));
            }
            else if (field.Type is GoType.Named { Name: not "TypeMeta" } named && packages.TryGetValue(named.Package, out var owner))
            {
                WriteFields(owner, owner.Declarations[named.Name]);
            }
        }
    }

    private IEnumerable<string> EnumLines(GoType type)
    {
        if (type is GoType.List or GoType.Map || facts.EnumOf(type) is not { Count: > 0 } values)
            return [];
        var named = (GoType.Named)(type is GoType.Pointer pointer ? pointer.Element : type);
        var docs = packages[named.Package].ConstantDocs;
        var lines = values.Select(v => GoComment.DescribeValue(v, docs[(named.Name, v)].Name, docs[(named.Name, v)].Comment)).Order(StringComparer.Ordinal);
        return ["", GoComment.EnumHeader, .. lines];
    }

    private static string Header(GoDeclaration declaration) => $"#{FactsWriter.OpenApiPackage(declaration.Package)}.{declaration.Name}\n\t";

    private void WriteText(string key, string text)
    {
        if (text.Length > 0)
            _output.Append(key).Append(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        else if (key[0] == '#')
            _output.Append(key[..^1]);
    }
}
