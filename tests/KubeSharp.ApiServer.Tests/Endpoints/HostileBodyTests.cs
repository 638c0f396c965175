using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeSharp.ApiServer.Tests.Endpoints;

/// <summary>Bodies that nobody means well with, on every verb that takes one: each is refused with a Status of the 400s, or
/// taken where upstream takes it, at once and without much memory; the server serves on.</summary>
public sealed class HostileBodyTests(ServerFixture fixture)
{
    private const string Json = "application/json";
    private const string Yaml = "application/yaml";
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private const string JsonPatch = "application/json-patch+json";
    private const string MergePatch = "application/merge-patch+json";
    private const string StrategicPatch = "application/strategic-merge-patch+json";
    private const string ApplyPatch = "application/apply-patch+yaml";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Every kind of request with a body: label, method, path below the namespace, and its type.</summary>
    public static TheoryData<string, string, string, string> Targets => new()
    {
        { "create", "POST", "configmaps", Json },
        { "create from YAML", "POST", "configmaps", Yaml },
        { "create from protobuf", "POST", "configmaps", Protobuf },
        { "create a pod", "POST", "pods", Json },
        { "create a pod from YAML", "POST", "pods", Yaml },
        { "update", "PUT", "configmaps/hostile", Json },
        { "update from YAML", "PUT", "configmaps/hostile", Yaml },
        { "JSON patch", "PATCH", "configmaps/hostile", JsonPatch },
        { "merge patch", "PATCH", "configmaps/hostile", MergePatch },
        { "strategic merge patch", "PATCH", "configmaps/hostile", StrategicPatch },
        { "apply", "PATCH", "configmaps/hostile?fieldManager=m", ApplyPatch },
        { "apply what is not there", "PATCH", "configmaps/hostile-new?fieldManager=m", ApplyPatch },
        { "delete", "DELETE", "configmaps/hostile", Json },
        { "delete with YAML", "DELETE", "configmaps/hostile", Yaml },
        { "delete a collection", "DELETE", "configmaps?labelSelector=no%3Done", Json },
        { "update the status", "PUT", "pods/hostile/status", Json },
        { "patch the status", "PATCH", "pods/hostile/status", StrategicPatch },
        { "bind", "POST", "pods/hostile/binding", Json },
        { "evict", "POST", "pods/hostile/eviction?dryRun=All", Json },
        { "resize", "PATCH", "pods/hostile/resize", StrategicPatch },
        { "token", "POST", "serviceaccounts/default/token", Json },
        { "review", "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Json },
        { "review a token", "POST", "/apis/authentication.k8s.io/v1/tokenreviews", Json },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Is_refused(string label, string method, string path, string contentType)
    {
        await EnsureTargetsAsync();
        var isYaml = contentType is Yaml or ApplyPatch;
        List<string> problems = [];
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var (name, body, mayPass) in isYaml ? [.. Bodies(), .. YamlBodies()] : Bodies())
        {
            if (method == "DELETE")
                await EnsureTargetsAsync();
            var (status, text) = await SendAsync(method, path, body, contentType);
            if (!IsRefusal(status, text) && !(mayPass && status is >= 200 and < 300))
                problems.Add($"{name}: {status} {text[..Math.Min(text.Length, 300)]}");
        }

        Assert.True(problems.Count == 0, $"{label}:\n{string.Join('\n', problems)}");
        await AnswersAsync();
        // Other tests run meanwhile in the process of the server, whose pools keep the buffers of long answers: the bound is wide.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 512 * 1024 * 1024);
    }

    /// <summary>Fields with values that look like what they are not.</summary>
    public static TheoryData<string, string> Values => new()
    {
        { "an exponent that overflows", """{"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1e99999999999999999999"}}}]}}""" },
        { "a port of no size", """{"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":1e999}]}]}}""" },
        { "a fraction for a number", """{"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":1.5}]}]}}""" },
        { "a number beyond 32 bits", """{"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":4294967377}]}]}}""" },
        { "a number beyond 64 bits", """{"spec":{"terminationGracePeriodSeconds":99999999999999999999,"containers":[{"name":"c","image":"i"}]}}""" },
        { "a word for a number", """{"spec":{"terminationGracePeriodSeconds":"1","containers":[{"name":"c","image":"i"}]}}""" },
        { "a list for a map", """{"metadata":{"labels":[]},"spec":{"containers":[{"name":"c","image":"i"}]}}""" },
        { "a map for a list", """{"spec":{"containers":{"name":"c","image":"i"}}}""" },
        { "a number for a word", """{"spec":{"containers":[{"name":5,"image":"i"}]}}""" },
        { "metadata that is text", """{"metadata":"m","spec":{"containers":[{"name":"c","image":"i"}]}}""" },
        { "a time that is none", """{"metadata":{"creationTimestamp":"yesterday"},"spec":{"containers":[{"name":"c","image":"i"}]}}""" },
        { "a kind that is none", """{"kind":"Nothing","spec":{"containers":[{"name":"c","image":"i"}]}}""" },
        { "a kind that is a number", """{"kind":5,"spec":{"containers":[{"name":"c","image":"i"}]}}""" },
        { "a group version with many slashes", """{"apiVersion":"a/b/c","kind":"Pod","spec":{"containers":[{"name":"c","image":"i"}]}}""" },
        { "owned fields that are none", """{"metadata":{"managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"x:y":5}}]},"spec":{}}""" },
        { "containers that are null", """{"spec":{"containers":[null,null]}}""" },
        { "a percentage beyond all numbers", """{"spec":{"containers":[{"name":"c","image":"i","livenessProbe":{"httpGet":{"port":"99999999999999999999%"}}}]}}""" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_pod_with(string label, string body)
    {
        var pod = JsonNode.Parse(body)!.AsObject();
        if (pod["metadata"] is null)
            pod["metadata"] = new JsonObject();
        if (pod["metadata"] is JsonObject metadata)
            metadata["name"] = "with";
        var (status, text) = await SendAsync("POST", "pods?dryRun=All", Encoding.UTF8.GetBytes(pod.ToJsonString()), Json);
        Assert.True(IsRefusal(status, text), $"{label}: {status} {text}");
        (status, text) = await SendAsync("POST", "pods?dryRun=All", Encoding.UTF8.GetBytes(pod.ToJsonString()), Yaml);
        Assert.True(IsRefusal(status, text), $"{label} in YAML: {status} {text}");
    }

    /// <summary>Patches whose shape is wrong, or whose work would have no end.</summary>
    public static TheoryData<string, string, string> Patches => new()
    {
        { "operations that are no list", JsonPatch, """{"op":"add"}""" },
        { "an operation that is none", JsonPatch, """[{"op":"dance","path":"/data"}]""" },
        { "an operation that is text", JsonPatch, """["add"]""" },
        { "no path", JsonPatch, """[{"op":"add","value":1}]""" },
        { "a path without slash", JsonPatch, """[{"op":"add","path":"data","value":"x"}]""" },
        { "a path to nowhere", JsonPatch, """[{"op":"remove","path":"/a/b/c/d"}]""" },
        { "an index beyond the end", JsonPatch, """[{"op":"add","path":"/metadata/finalizers/99999999999","value":"x"}]""" },
        { "the root becomes a list", JsonPatch, """[{"op":"replace","path":"","value":[]}]""" },
        { "the root goes", JsonPatch, """[{"op":"remove","path":""}]""" },
        { "copies that double", JsonPatch, Doubling() },
        { "more operations than allowed", JsonPatch, "[" + string.Join(',', Enumerable.Repeat("""{"op":"test","path":"/kind","value":"ConfigMap"}""", 10001)) + "]" },
        { "data becomes a number", MergePatch, """{"data":5}""" },
        { "a list for an object", MergePatch, "[]" },
        { "another kind", MergePatch, """{"kind":"Secret"}""" },
        { "another name", MergePatch, """{"metadata":{"name":"x"}}""" },
        { "metadata is gone", MergePatch, """{"metadata":null}""" },
        { "data becomes a number", StrategicPatch, """{"data":5}""" },
        { "a directive that is none", StrategicPatch, """{"metadata":{"$patch":"dance"}}""" },
        { "another kind", ApplyPatch, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"hostile"}}""" },
        { "no kind", ApplyPatch, """{"metadata":{"name":"hostile"}}""" },
        { "another name", ApplyPatch, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}""" },
        { "managed fields", ApplyPatch, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile","managedFields":[{"manager":"x"}]}}""" },
    };

    /// <summary>A strategic patch goes onto the typed object, whose kind no patch can change; kube-apiserver answers 200 too.</summary>
    [Fact]
    public async Task A_strategic_patch_cannot_change_the_kind()
    {
        await EnsureTargetsAsync();
        var (status, text) = await SendAsync("PATCH", "configmaps/hostile?fieldManager=m&dryRun=All", """{"kind":"Secret"}"""u8.ToArray(), StrategicPatch);
        Assert.Equal(200, status);
        Assert.Contains("\"kind\":\"ConfigMap\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Patches))]
    public async Task A_patch_with(string label, string contentType, string body)
    {
        await EnsureTargetsAsync();
        var (status, text) = await SendAsync("PATCH", "configmaps/hostile?fieldManager=m&dryRun=All", Encoding.UTF8.GetBytes(body), contentType);
        Assert.True(IsRefusal(status, text), $"{label}: {status} {text}");
    }

    [Theory]
    [InlineData("POST", "configmaps", Json)]
    [InlineData("POST", "configmaps", Yaml)]
    [InlineData("PUT", "configmaps/hostile", Json)]
    [InlineData("PATCH", "configmaps/hostile", JsonPatch)]
    [InlineData("PATCH", "configmaps/hostile", MergePatch)]
    [InlineData("PATCH", "configmaps/hostile", StrategicPatch)]
    [InlineData("PATCH", "configmaps/hostile?fieldManager=m", ApplyPatch)]
    [InlineData("DELETE", "configmaps/hostile", Json)]
    [InlineData("DELETE", "configmaps", Json)]
    public async Task Too_large_a_body_is_413(string method, string path, string contentType)
    {
        await EnsureTargetsAsync();
        var body = Encoding.UTF8.GetBytes("{\"data\":{\"k\":\"" + new string('x', 3 * 1024 * 1024) + "\"}}");
        foreach (var chunked in (bool[])[false, true])
        {
            var (status, text) = await SendAsync(method, path, body, contentType, chunked);
            Assert.Equal(413, status);
            var answer = JsonNode.Parse(text)!;
            Assert.Equal("Request entity too large: limit is 3145728", answer["message"]!.GetValue<string>());
            Assert.Equal("RequestEntityTooLarge", answer["reason"]!.GetValue<string>());
        }

        await AnswersAsync();
    }

    [Theory]
    [InlineData("POST", "configmaps", "text/plain")]
    [InlineData("POST", "configmaps", "application/xml")]
    [InlineData("POST", "configmaps", "not a type")]
    [InlineData("PUT", "configmaps/hostile", MergePatch)]
    [InlineData("PATCH", "configmaps/hostile", Json)]
    [InlineData("PATCH", "configmaps/hostile", Yaml)]
    [InlineData("PATCH", "configmaps/hostile", "application/apply-patch+json")]
    [InlineData("DELETE", "configmaps/hostile", "text/plain")]
    public async Task A_type_that_is_not_taken_is_415(string method, string path, string contentType)
    {
        await EnsureTargetsAsync();
        var (status, text) = await SendAsync(method, path, "{}"u8.ToArray(), contentType);
        Assert.Equal(415, status);
        Assert.Equal("UnsupportedMediaType", JsonNode.Parse(text)!["reason"]!.GetValue<string>());
    }

    /// <summary>Bodies that are no object, or one that no verb can use; the last says whether some verb may take it all the same.</summary>
    private static List<(string Name, byte[] Body, bool MayPass)> Bodies()
    {
        static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
        static string Nested(string open, string inner, string close, int depth) =>
            new StringBuilder().Insert(0, open, depth).Append(inner).Insert(depth * open.Length + inner.Length, close, depth).ToString();
        const string Whole = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile"},"data":{"k":"v"}}""";
        return
        [
            ("truncated in a key", Text(Whole[..20]), false),
            ("truncated in a value", Text(Whole[..40]), false),
            ("truncated before the end", Text(Whole[..^1]), false),
            ("text after the end", Text(Whole + "}"), false),
            ("a NUL", [0], false),
            ("no JSON", Text("{]"), false),
            ("a lone quote", Text("\""), false),
            ("a word", Text("hello"), false),
            ("a list", Text("[]"), true),
            ("a list of objects", Text("[{}]"), false),
            ("a quantity with an exponent beyond all numbers", Text("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"exponent"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1e2147483647"},"requests":{"cpu":"1e2147483646"}}}]}}"""), true),
            ("a number", Text("5"), false),
            ("a string", Text("\"text\""), false),
            ("true", Text("true"), false),
            ("null", Text("null"), true),
            ("nothing but spaces", Text("   "), true),
            ("an empty object", Text("{}"), true),
            ("NaN", Text("""{"metadata":{"name":NaN}}"""), true),
            ("Infinity", Text("""{"metadata":{"generation":-Infinity}}"""), true),
            ("a number beyond doubles", Text("""{"metadata":{"generation":1e999},"gracePeriodSeconds":1e999}"""), false),
            ("a number with a million digits", Text("{\"metadata\":{\"generation\":9},\"gracePeriodSeconds\":9}".Replace("9", new string('9', 500_000), StringComparison.Ordinal)), false),
            ("bytes that are no UTF-8", [.. "{\"metadata\":{\"name\":\""u8, 0xff, 0xfe, 0xc0, 0x80, .. "\"}}"u8], true),
            ("a lone surrogate", Text("""{"metadata":{"name":"\ud800"}}"""), true),
            ("a byte order mark", [0xef, 0xbb, 0xbf, .. "{}"u8], true),
            ("UTF-16", Encoding.Unicode.GetBytes(Whole), false),
            ("lists, 100000 deep", Text(Nested("[", "", "]", 100_000)), false),
            ("objects, 100000 deep", Text(Nested("{\"a\":", "1", "}", 100_000)), false),
            ("metadata, 9000 deep", Text("{\"metadata\":" + Nested("{\"a\":", "1", "}", 9_000) + "}"), true),
            ("lists that never end", Text(new string('[', 1_000_000)), false),
            ("a key of two megabytes", Text("{\"" + new string('k', 2_000_000) + "\":1}"), true),
            ("a hundred thousand keys", Text("{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"k{i}\":1")) + "}"), true),
            ("twenty thousand labels", Text("{\"metadata\":{\"labels\":{" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"k{i}\":\"_-\"")) + "}}}"), true),
            ("one key a hundred thousand times", Text("{" + string.Join(',', Enumerable.Repeat("\"metadata\":{}", 100_000)) + "}"), true),
            ("labels that are a list", Text("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile","labels":[1]}}"""), false),
            ("half of a protobuf envelope", [0x6b, 0x38, 0x73, 0x00, 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], false),
            ("an envelope with nothing in it", [0x6b, 0x38, 0x73, 0x00], false),
        ];
    }

    private static List<(string Name, byte[] Body, bool MayPass)> YamlBodies()
    {
        static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 30; i++)
            bomb.Append($"a{i}: &a{i} [").AppendJoin(',', Enumerable.Repeat($"*a{i - 1}", 10)).Append("]\n");
        return
        [
            ("aliases of aliases", Text(bomb.ToString()), false),
            ("an alias of itself", Text("metadata: &a\n  labels: *a\n"), false),
            ("an alias of nothing", Text("metadata: *a\n"), false),
            ("a long text many times", Text("a: &a \"" + new string('x', 1_000_000) + "\"\nb: [" + string.Join(',', Enumerable.Repeat("*a", 90)) + "]\nc: [" + string.Join(',', Enumerable.Repeat("*a", 100_000)) + "]\nd: [" + string.Join(',', Enumerable.Repeat("x", 10_000)) + "]\n"), false),
            ("tabs", Text("metadata:\n\tname: x\n"), false),
            ("an open bracket", Text("metadata: {name: x\n"), false),
            ("a sequence, 100000 deep", Text(new string('[', 100_000)), false),
            ("dashes, 100000 deep", Text(string.Concat(Enumerable.Repeat("- ", 100_000))), false),
            ("questions, 100000 deep", Text(string.Concat(Enumerable.Repeat("? ", 100_000))), false),
            ("anchors, 100000", Text(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"&a{i} "))), false),
            ("a map for a key", Text("? {a: b}\n: c\n"), false),
            ("an unknown tag", Text("metadata: !!python/object:os.system {name: [x]}\n"), true),
            ("not a number", Text("metadata: {generation: .nan}\n"), false),
            ("infinity", Text("metadata: {generation: .inf}\n"), false),
            ("a merge of itself", Text("metadata: &a\n  <<: *a\n  name: x\n"), false),
            ("a million colons", Text(new string(':', 1_000_000)), false),
            ("a million spaces and a dash", Text(new string(' ', 1_000_000) + "-"), false),
            ("a directive that is none", Text("%YAML 9.9\n---\na: b\n"), false),
        ];
    }

    /// <summary>A patch of copies into each other that would end at two to the power of forty.</summary>
    private static string Doubling()
    {
        var patch = new StringBuilder("""[{"op":"add","path":"/data","value":{"a":"xxxxxxxxxxxxxxxx"}}""");
        for (var i = 0; i < 40; i++)
            patch.Append($$""",{"op":"copy","from":"/data","path":"/data/c{{i}}"}""");
        return patch.Append(']').ToString();
    }

    /// <summary>A Status of the 400s; or a 500 without a reason, which is upstream's way with errors that it has no status for
    /// (responsewriters/status.go ErrorToAPIStatus), and never a failure of the server itself.</summary>
    private static bool IsRefusal(int status, string text)
    {
        if (status is < 400 or > 500)
            return false;
        var answer = JsonNode.Parse(text)!;
        return (status < 500 || answer["reason"] is null) && answer["kind"]!.GetValue<string>() == "Status" && answer["code"]!.GetValue<int>() == status && answer["status"]!.GetValue<string>() == "Failure"
            && answer["message"]!.GetValue<string>().Length > 0;
    }

    private async Task EnsureTargetsAsync()
    {
        await SendAsync("POST", "configmaps", """{"metadata":{"name":"hostile"},"data":{"k":"v"}}"""u8.ToArray(), Json);
        await SendAsync("POST", "pods", """{"metadata":{"name":"hostile"},"spec":{"containers":[{"name":"c","image":"i"}]}}"""u8.ToArray(), Json);
    }

    private async Task AnswersAsync()
    {
        using var limit = Cancellation();
        Assert.Equal("ok", await fixture.Admin.GetStringAsync("/readyz", limit.Token));
        using var response = await fixture.Admin.GetAsync("/api/v1/namespaces/default", limit.Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<(int Status, string Text)> SendAsync(string method, string path, byte[] body, string contentType, bool chunked = false)
    {
        using var limit = Cancellation();
        using var request = new HttpRequestMessage(new HttpMethod(method), path.StartsWith('/') ? path : $"/api/v1/namespaces/default/{path}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Json));
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await fixture.Admin.SendAsync(request, limit.Token);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(limit.Token));
    }

    private static CancellationTokenSource Cancellation()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        return limit;
    }
}
