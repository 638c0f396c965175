using System.Text;

namespace KubeSharp.ApiServer.Endpoints.OpenApi;

/// <summary>Operation ids and tags (apiserver/pkg/endpoints/openapi/openapi.go, GetOperationIDAndTags; v1.36).</summary>
internal static class OperationNames
{
    /// <summary>The tag of all operations of a group version, or of a group when the version is empty.</summary>
    public static string Tag(string group, string version) =>
        version.Length == 0 ? Word(Short(group), false) : $"{Word(Short(group), false)}_{Word(version, false)}";

    /// <summary>The id: the verb, the group and version, then the rest of the operation's name.</summary>
    public static string Id(string verb, string group, string version, string rest) =>
        verb + Word(Short(group), true) + Word(version, true) + Word(rest, true);

    /// <summary>The article in front of a kind, with blanks around (endpoints/installer.go, GetArticleForNoun).</summary>
    public static string Article(string kind)
    {
        if (kind.EndsWith('s') && !kind.EndsWith("ss", StringComparison.Ordinal))
            return " ";
        return char.ToLowerInvariant(kind[0]) is 'a' or 'e' or 'i' or 'o' or 'u' ? " an " : " a ";
    }

    private static string Short(string group) =>
        group.Length == 0 ? "core" : group.EndsWith(".k8s.io", StringComparison.Ordinal) ? group[..^".k8s.io".Length] : group;

    private static string Word(string text, bool capitalize)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (char.IsLetter(letter) || letter == '_' || (i != 0 && char.IsDigit(letter)))
            {
                result.Append(capitalize ? char.ToUpperInvariant(letter) : letter);
                capitalize = false;
            }
            else
            {
                capitalize = true;
            }
        }

        return result.ToString();
    }
}
