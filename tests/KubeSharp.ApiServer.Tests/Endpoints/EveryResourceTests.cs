using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Tests.Endpoints;

/// <summary>Create, get, list, update, patch, delete of every stored resource at every version, over HTTP.</summary>
public sealed class EveryResourceTests(ServerFixture fixture)
{
    public static TheoryData<string, string, string> Resources()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var resource in BuiltInResources.All)
        {
            if (resource.Virtual)
                continue;
            foreach (var version in resource.Versions)
                data.Add(resource.Group, version, resource.Resource);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Resources))]
    public async Task Lives_from_create_to_delete(string group, string version, string resource)
    {
        var token = TestContext.Current.CancellationToken;
        var facts = BuiltInResources.All.Single(r => r.Group == group && r.Resource == resource);
        var root = group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}";
        var collection = facts.Namespaced ? $"{root}/namespaces/default/{resource}" : $"{root}/{resource}";
        var body = MinimalObjects.Of(facts.GroupResource.ToString(), group.Length == 0 ? version : $"{group}/{version}", facts.Kind, $"every-{version}-{facts.Singular}");
        var name = body["metadata"]!["name"]!.GetValue<string>();

        var created = await SendAsync(HttpMethod.Post, collection, body.ToJsonString(), "application/json", HttpStatusCode.Created);
        Assert.NotEmpty(created["metadata"]!["uid"]!.GetValue<string>());
        Assert.Equal(body["apiVersion"]!.GetValue<string>(), created["apiVersion"]!.GetValue<string>());
        await SendAsync(HttpMethod.Post, collection, body.ToJsonString(), "application/json", HttpStatusCode.Conflict);

        var isJudged = resource is "flowschemas" or "customresourcedefinitions";
        var read = isJudged
            ? await JudgedAsync($"{collection}/{name}")
            : await SendAsync(HttpMethod.Get, $"{collection}/{name}", null, "", HttpStatusCode.OK);
        var (expected, actual) = isJudged ? (WithoutJudgement(created), WithoutJudgement(read)) : (created, read);
        Assert.True(JsonNode.DeepEquals(expected, actual), $"created {expected.ToJsonString()}\nread {actual.ToJsonString()}");
        ReadsAlikeFromTheStore(facts, name);
        var list = await SendAsync(HttpMethod.Get, $"{collection}?labelSelector=every%3Done&fieldSelector=metadata.name%3D{name}", null, "", HttpStatusCode.OK);
        Assert.Equal(facts.ListKind, list["kind"]!.GetValue<string>());
        Assert.Equal(name, Assert.Single(list["items"]!.AsArray())!["metadata"]!["name"]!.GetValue<string>());

        read["metadata"]!["annotations"] = new JsonObject { ["changed"] = "by put" };
        var updated = await SendAsync(HttpMethod.Put, $"{collection}/{name}", read.ToJsonString(), "application/json", HttpStatusCode.OK);
        Assert.NotEqual(created["metadata"]!["resourceVersion"]!.GetValue<string>(), updated["metadata"]!["resourceVersion"]!.GetValue<string>());
        await SendAsync(HttpMethod.Put, $"{collection}/{name}", created.ToJsonString(), "application/json", HttpStatusCode.Conflict);
        var patched = await SendAsync(HttpMethod.Patch, $"{collection}/{name}", """{"metadata":{"annotations":{"changed":null,"more":"by patch"}}}""", "application/merge-patch+json", HttpStatusCode.OK);
        Assert.Null(patched["metadata"]!["annotations"]!["changed"]);
        Assert.Equal("by patch", patched["metadata"]!["annotations"]!["more"]!.GetValue<string>());

        await ReadsAlikeInProtobufAsync($"{collection}/{name}", token);
        if (patched["metadata"]!["finalizers"] is not null)
            await SendAsync(HttpMethod.Patch, $"{collection}/{name}", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json", HttpStatusCode.OK);
        await SendAsync(HttpMethod.Delete, $"{collection}/{name}?gracePeriodSeconds=0&propagationPolicy=Background", null, "", HttpStatusCode.OK);
        // A namespace stays until its controller has emptied it, a definition until its objects are gone.
        if (resource is not ("namespaces" or "customresourcedefinitions"))
            await SendAsync(HttpMethod.Get, $"{collection}/{name}", null, "", HttpStatusCode.NotFound);
    }

    /// <summary>The object once controllers of the server itself have said what they think of it; they write no more after that.</summary>
    private async Task<JsonNode> JudgedAsync(string path)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var read = await SendAsync(HttpMethod.Get, path, null, "", HttpStatusCode.OK);
            if (Has(read, "Dangling", "True") || Has(read, "Established", "True"))
                return read;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"no controller judged {path}");

        static bool Has(JsonNode obj, string type, string status) => obj["status"]?["conditions"] is JsonArray conditions
            && conditions.Any(c => c!["type"]!.GetValue<string>() == type && c["status"]!.GetValue<string>() == status);
    }

    /// <summary>The object without what those controllers change.</summary>
    private static JsonNode WithoutJudgement(JsonNode obj)
    {
        var rest = obj.DeepClone().AsObject();
        rest.Remove("status");
        rest["metadata"]!.AsObject().Remove("resourceVersion");
        rest["metadata"]!.AsObject().Remove("managedFields");
        rest["metadata"]!.AsObject().Remove("finalizers");
        return rest;
    }

    /// <summary>What a server that starts on the store will read is what this one holds in memory.</summary>
    private void ReadsAlikeFromTheStore(ApiResource resource, string name)
    {
        var store = fixture.Server.Server.Resources.All.First(r => r.IsStored && r.Resource == resource).Store;
        var cached = store.Peek("default", name)!;
        var fresh = KubeSharp.ApiServer.Cache.CachedObject.FromStore(store.Cache.Codec, cached.Key, cached.Stored, cached.Revision);
        Assert.Equal(Encoding.UTF8.GetString(cached.Json()), Encoding.UTF8.GetString(fresh.Json()));
    }

    private async Task ReadsAlikeInProtobufAsync(string path, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.kubernetes.protobuf"));
        using var response = await fixture.Admin.SendAsync(request, token);
        var bytes = await response.Content.ReadAsByteArrayAsync(token);
        Assert.True(ApiMachinery.Codecs.ProtobufEnvelope.TryUnwrap(bytes, out var kind, out var message));
        var decoded = ApiMachinery.Codecs.ProtobufDecoder.Decode(message, ApiMachinery.Schemas.BuiltInSchema.Find(kind)!, kind);
        // What a message has no room for is not the decoder's to know.
        fixture.Server.Server.Resources.All.First(r => r.Kind == kind).Store.Strategy.CompleteDecoded(decoded.Root!);
        var json = ApiMachinery.Codecs.JsonDecoder.Decode(await fixture.Admin.GetByteArrayAsync(path, token), ApiMachinery.Schemas.BuiltInSchema.Find(kind), default);
        Assert.True(json.Root!.DeepEquals(decoded.Root!), $"{path} differs between JSON and protobuf");
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body, string contentType, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
