using System.Globalization;
using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Resource versions of queries (apiserver/pkg/storage/api_object_versioner.go ParseResourceVersion).</summary>
public static class ResourceVersions
{
    /// <summary>Null when absent.</summary>
    /// <exception cref="StatusException">500 in the words that upstream lets out for a number that is none.</exception>
    public static long? ParseForGet(string text)
    {
        if (text.Length == 0)
            return null;
        return TryParse(text, out var version) ? version : throw Plain500(Problem(text));
    }

    /// <summary>As <see cref="ParseForGet"/> for lists, where it is a 400.</summary>
    public static long? ParseForList(string text)
    {
        if (text.Length == 0)
            return null;
        return TryParse(text, out var version) ? version : throw StatusErrors.BadRequest($"invalid resource version: {Problem(text)}");
    }

    private static bool TryParse(string text, out long version) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);

    private static string Problem(string text)
    {
        var problem = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) || (text.Length > 0 && text.All(char.IsAsciiDigit))
            ? "value out of range"
            : "invalid syntax";
        return $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": {problem}";
    }

    private static StatusException Plain500(string message) => new(new Status { Code = 500, Reason = "", Message = message });
}
