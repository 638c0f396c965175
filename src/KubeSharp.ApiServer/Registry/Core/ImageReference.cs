using System.Text.RegularExpressions;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Names of images as far as pull policies depend on them (pkg/util/parsers and github.com/distribution/reference).</summary>
internal static partial class ImageReference
{
    private const int MaxNameLength = 255;

    /// <summary>Always for the tag latest, stated or implied; IfNotPresent otherwise, for what is no reference too.</summary>
    public static string PullPolicy(string image) => TagOf(image) == "latest" ? "Always" : "IfNotPresent";

    private static string TagOf(string image)
    {
        if (IdentifierRegex().IsMatch(image))
            return "";
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : image[..slash];
        var isDomain = first.AsSpan().ContainsAny('.', ':') || first == "localhost" || first.AsSpan().ContainsAnyInRange('A', 'Z');
        var (domain, rest) = isDomain ? (first, image[(slash + 1)..]) : ("docker.io", image);
        if (domain == "index.docker.io")
            domain = "docker.io";
        if (domain == "docker.io" && !rest.Contains('/'))
            rest = "library/" + rest;
        var match = ReferenceRegex().Match($"{domain}/{rest}");
        if (!match.Success || match.Groups["path"].Length > MaxNameLength)
            return "";
        var (tag, digest) = (match.Groups["tag"], match.Groups["digest"]);
        return tag.Success ? tag.Value : digest.Success ? "" : "latest";
    }

    [GeneratedRegex(@"\A[a-f0-9]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdentifierRegex();

    [GeneratedRegex(
        @"\A(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
        + @"/(?<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)"
        + @"(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ReferenceRegex();
}
