using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace KubeSharp.ApiServer.Tests.Endpoints;

public sealed class DiscoveryTests(OwnServerFixture fixture) : IClassFixture<OwnServerFixture>
{
    /// <summary>Every recorded document of upstream with all APIs on, against ours.</summary>
    [Fact]
    public async Task Documents_equal_upstreams()
    {
        var folder = SharedData.Find("upstream/v1.36/discovery");
        var compared = 0;
        foreach (var file in Directory.GetFiles(folder, "*.json").Order())
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (name is "aggregated_v2" or "api")
                continue;
            var path = "/" + name.Replace("__", "/", StringComparison.Ordinal);
            var actual = JsonNode.Parse(await fixture.Admin.GetStringAsync(path, TestContext.Current.CancellationToken));
            var expected = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            Assert.True(JsonNode.DeepEquals(expected, actual), $"{path}\nexpected {expected?.ToJsonString()}\nactual {actual?.ToJsonString()}");
            compared++;
        }

        Assert.True(compared > 50, $"only {compared} documents were compared");
    }

    [Fact]
    public async Task Aggregated_document_equals_upstreams()
    {
        var expected = JsonNode.Parse(await File.ReadAllTextAsync(SharedData.Find("upstream/v1.36/discovery/aggregated_v2.json"), TestContext.Current.CancellationToken))!;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/apis");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"));
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        var actual = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.True(JsonNode.DeepEquals(expected["items"], actual["items"]), actual.ToJsonString());
    }

    [Theory]
    [InlineData("/nope", 404, "text/plain")]
    [InlineData("/api/v1/nope", 404, "application/json")]
    [InlineData("/apis/apps/v99", 404, "application/json")]
    [InlineData("/version", 200, "application/json")]
    [InlineData("/readyz", 200, "text/plain")]
    [InlineData("/openapi/v3", 200, "text/plain")]
    [InlineData("/openapi/v3/apis/apps/v1", 200, "application/json")]
    public async Task Paths_answer(string path, int code, string contentType)
    {
        using var response = await fixture.Admin.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(code, (int)response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.MediaType);
    }
}
