namespace KubeSharp.ApiMachinery.Tests;

/// <summary>
/// Upstream's golden serialisation data: for each kind one object as JSON, YAML and protobuf, for this version (HEAD)
/// and earlier ones. Looked for, in this order, in
/// <list type="number">
/// <item>the directory that KUBESHARP_GOLDEN names;</item>
/// <item><c>artifacts/k8s-api/testdata</c> of the repository, where hack/fetch-golden puts it;</item>
/// <item><c>/usr/share/gocode/src/k8s.io/api/testdata</c>, where Debian's golang-k8s-api-dev puts it;</item>
/// <item><c>$KUBESHARP_CACHE/k8s-api/testdata</c>.</item>
/// </list>
/// Tests that need it skip when it is in none of these.
/// </summary>
internal static class GoldenData
{
    public const string Missing = "upstream's golden data is not here; hack/fetch-golden gets it";

    public static string? Root { get; } = Find();

    /// <summary>One golden object: <c>apps.v1.Deployment</c> of <c>HEAD</c>.</summary>
    public static string PathOf(string version, string name, string extension) => Path.Combine(Root!, version, name + extension);

    /// <summary>The names of a version's objects; those of the form <c>X.after_roundtrip</c> are left out.</summary>
    public static IEnumerable<string> Names(string version)
    {
        var directory = Root is null ? null : Path.Combine(Root, version);
        return directory is null || !Directory.Exists(directory)
            ? []
            : Directory.GetFiles(directory, "*.json").Select(file => Path.GetFileNameWithoutExtension(file))
                .Where(name => !name.EndsWith(".after_roundtrip", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }

    /// <summary>The bytes of an object as this version of the API is expected to hold it.</summary>
    public static byte[] ReadExpected(string version, string name, string extension)
    {
        var roundTripped = PathOf(version, name + ".after_roundtrip", extension);
        return File.ReadAllBytes(File.Exists(roundTripped) ? roundTripped : PathOf(version, name, extension));
    }

    private static string? Find()
    {
        var candidates = new List<string?> { Environment.GetEnvironmentVariable("KUBESHARP_GOLDEN") };
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "KubeSharp.sln")))
                candidates.Add(Path.Combine(directory.FullName, "artifacts", "k8s-api", "testdata"));
        }

        candidates.Add("/usr/share/gocode/src/k8s.io/api/testdata");
        if (Environment.GetEnvironmentVariable("KUBESHARP_CACHE") is { Length: > 0 } cache)
            candidates.Add(Path.Combine(cache, "k8s-api", "testdata"));
        return candidates.FirstOrDefault(candidate => !string.IsNullOrEmpty(candidate) && Directory.Exists(Path.Combine(candidate, "HEAD")));
    }
}
