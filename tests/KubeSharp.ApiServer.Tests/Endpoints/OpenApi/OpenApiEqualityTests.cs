using System.IO.Compression;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Endpoints.OpenApi;

namespace KubeSharp.ApiServer.Tests.Endpoints.OpenApi;

/// <summary>Every recorded document of upstream, of all APIs, against ours: paths, operations, schemas and descriptions. They
/// were recorded with CBOR on and enums off.</summary>
public sealed class OpenApiEqualityTests(ServerFixture fixture)
{
    /// <summary>Where we differ, and why.</summary>
    private static readonly string[] Known =
    [
        // Ours has the version of the server, the recording none.
        "info.version",

        // Served with --enable-logs-handler only, which is off by default and not implemented.
        "paths./logs/",
        "paths./logs/{logpath}",
        "parameters.logpath-Noq7euwC",

        // A type that is declared as that of another version: the facts have the latter.
        "definitions.io.k8s.api.admissionregistration.v1alpha1.MatchCondition",
        "definitions.io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicySpec.properties.matchConditions.items.$ref",
        "components.schemas.io.k8s.api.admissionregistration.v1alpha1.MatchCondition",
        "components.schemas.io.k8s.api.admissionregistration.v1.MatchCondition",
        "components.schemas.io.k8s.api.admissionregistration.v1alpha1.MutatingAdmissionPolicySpec.properties.matchConditions.items.$ref",
    ];

    private OpenApiDocuments Documents => new(fixture.Server.Server.Resources, [], new OpenApiFeatures(Enums: false, Cbor: true));

    [Fact]
    public void Version_2_equals_upstreams()
    {
        var expected = Read(File.ReadAllBytes(SharedData.Find("upstream/v1.36/openapi/swagger.json")));
        var actual = Read(Unpack(Documents.GetV2(OpenApiEncoding.Json)));
        Assert.Empty(Differences(expected, actual));
    }

    [Fact]
    public void Version_3_equals_upstreams()
    {
        var folder = SharedData.Find("upstream/v1.36/openapi/v3");
        var documents = Documents;
        var different = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(folder).Order())
        {
            var name = Path.GetFileName(file).Replace("_openapi.json", "", StringComparison.Ordinal).Replace("__", "/", StringComparison.Ordinal);
            if (name == "logs")
                continue;
            seen.Add(name);
            var hash = documents.HashOf(name);
            Assert.True(hash is not null, $"there is no document {name}");
            var actual = Read(Unpack(documents.Get(name, hash, OpenApiEncoding.Json)));
            different.AddRange(Differences(Read(File.ReadAllBytes(file)), actual).Select(d => $"{name}: {d}"));
        }

        Assert.Empty(different);
        // Directory.GetFiles leaves no file out, and ours has no more than upstream's.
        Assert.Equal(seen.Order(StringComparer.Ordinal), documents.Names.Order(StringComparer.Ordinal));
    }

    private static byte[] Unpack(OpenApiDocument document)
    {
        using var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(document.Gzip), CompressionMode.Decompress))
            gzip.CopyTo(unpacked);
        Assert.Equal(document.Length, unpacked.Length);
        return unpacked.ToArray();
    }

    private static JsonNode Read(byte[] json) => JsonNode.Parse(json)!;

    private static IEnumerable<string> Differences(JsonNode expected, JsonNode actual)
    {
        var found = new List<string>();
        Compare("", expected, actual, found);
        return found;
    }

    private static void Compare(string path, JsonNode? expected, JsonNode? actual, List<string> found)
    {
        if (expected is JsonObject left && actual is JsonObject right)
        {
            foreach (var key in left.Select(p => p.Key).Union(right.Select(p => p.Key)))
            {
                var inner = path.Length == 0 ? key : $"{path}.{key}";
                if (Known.Contains(inner))
                    continue;
                if (!left.ContainsKey(key) || !right.ContainsKey(key))
                    found.Add($"{inner} is {(left.ContainsKey(key) ? "missing" : "too much")}");
                else
                    Compare(inner, left[key], right[key], found);
            }
        }
        else if (!JsonNode.DeepEquals(expected, actual))
        {
            found.Add($"{path}\nexpected {expected?.ToJsonString()}\nactual   {actual?.ToJsonString()}");
        }
    }
}
