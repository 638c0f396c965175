using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeSharp.ApiServer.Tests.Endpoints.Tables;

/// <summary>Lists write their rows from bytes that the cache has, single objects from their tree: both must say the same.</summary>
public sealed class TableRowTests(ServerFixture fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("?includeObject=Object")]
    [InlineData("?includeObject=None")]
    public async Task Rows_of_a_list_are_those_of_its_objects(string query)
    {
        var ns = $"rows-{query.Length}";
        await PostAsync("/api/v1/namespaces", $$"""{"metadata":{"name":"{{ns}}"} }""");
        await PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"plain"},"data":{"a":"b"}}""");
        // Strings that look like the end of an object, or of a string.
        await PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"odd","annotations":{"braces":"}}}{","quotes":"\"}\\\"","tail":"\\"},"finalizers":["test/hold"]}}""");

        var list = await TableAsync($"/api/v1/namespaces/{ns}/configmaps{query}");

        Assert.Equal(2, list["rows"]!.AsArray().Count);
        foreach (var (name, at) in new[] { ("odd", 0), ("plain", 1) })
        {
            var single = await TableAsync($"/api/v1/namespaces/{ns}/configmaps/{name}{query}");
            var (expected, actual) = (single["rows"]![0]!, list["rows"]![at]!);
            // The age moves on.
            Assert.Equal(expected["cells"]!.AsArray().SkipLast(1).Select(c => c!.ToJsonString()), actual["cells"]!.AsArray().SkipLast(1).Select(c => c!.ToJsonString()));
            Assert.True(JsonNode.DeepEquals(expected["object"], actual["object"]), $"{expected["object"]} is not {actual["object"]}");
        }
    }

    private async Task<JsonNode> TableAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;as=Table;v=v1;g=meta.k8s.io"));
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await fixture.Admin.PostAsync(path, content, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
