using System.Net;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Endpoints.OpenApi;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Tests.Endpoints.OpenApi;

/// <summary>How the documents are handed out (kube-openapi/pkg/{handler,handler3}/handler.go).</summary>
public sealed class OpenApiHandlerTests(ServerFixture fixture)
{
    private const string Apps = "/openapi/v3/apis/apps/v1";
    private const string V2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    private const string V3Protobuf = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/openapi/v2", null, "application/json")]
    [InlineData("/openapi/v2", "*/*", "application/json")]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", V2Protobuf)]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", V2Protobuf)]
    [InlineData("/openapi/v2", "text/html, application/json;q=0.5, application/com.github.proto-openapi.spec.v2@v1.0+protobuf;q=0.9", V2Protobuf)]
    [InlineData("/openapi/v2", "text/html", null)]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf", null)]
    [InlineData(Apps, null, "application/json")]
    [InlineData(Apps, "application/com.github.proto-openapi.spec.v3@v1.0+protobuf", V3Protobuf)]
    [InlineData(Apps, "text/html, */*;q=0.1", "application/json")]
    [InlineData(Apps, "text/html", null)]
    public async Task Accept_decides_the_encoding(string path, string? accept, string? contentType)
    {
        using var response = await GetAsync(path, accept is null ? [] : [("Accept", accept)]);
        Assert.Equal(contentType is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Accept", response.Headers.Vary);
        if (contentType is null)
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Index_leads_to_documents_that_may_be_kept()
    {
        var index = JsonNode.Parse(await fixture.Admin.GetStringAsync("/openapi/v3", Cancel))!["paths"]!.AsObject();
        Assert.Contains("version", index.Select(p => p.Key));
        var link = (string)index["apis/apps/v1"]!["serverRelativeURL"]!;
        Assert.StartsWith(Apps + "?hash=", link, StringComparison.Ordinal);
        using var response = await GetAsync(link);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("public, immutable", string.Join(", ", response.Headers.GetValues("Cache-Control")));
        Assert.EndsWith(" UTC", response.Content.Headers.NonValidated["Expires"].ToString(), StringComparison.Ordinal);
        Assert.Equal($"\"{link[(link.IndexOf('=', StringComparison.Ordinal) + 1)..]}\"", response.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Outdated_hash_is_sent_to_the_new_one()
    {
        // The client would follow, so the handler is asked without one.
        var documents = new OpenApiDocuments(fixture.Server.Server.Resources, [], OpenApiFeatures.Default);
        var http = new DefaultHttpContext { Request = { QueryString = new QueryString("?hash=0") } };
        Assert.True(await new OpenApiV3Handler(documents, TimeProvider.System).TryHandleAsync(http, Apps));
        Assert.Equal(301, http.Response.StatusCode);
        Assert.Equal($"{Apps}?hash={documents.HashOf("apis/apps/v1")}", http.Response.Headers.Location);
        Assert.Equal("application/json", http.Response.ContentType);
        Assert.Equal(0, http.Response.ContentLength);
    }

    [Theory]
    [InlineData("/openapi/v2")]
    [InlineData(Apps)]
    public async Task Known_tag_is_not_sent_again(string path)
    {
        using var first = await GetAsync(path);
        var tag = first.Headers.ETag!.Tag;
        foreach (var header in (string[])[tag, $"\"other\", W/{tag}", "*"])
        {
            using var again = await GetAsync(path, [("If-None-Match", header)]);
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Equal(tag, again.Headers.ETag!.Tag);
            Assert.Empty(await again.Content.ReadAsByteArrayAsync(Cancel));
        }

        using var changed = await GetAsync(path, [("If-None-Match", "\"other\"")]);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Gzip_is_sent_to_who_takes_it()
    {
        using var response = await GetAsync(Apps, [("Accept-Encoding", "gzip")]);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var body = new System.IO.Compression.GZipStream(await response.Content.ReadAsStreamAsync(Cancel), System.IO.Compression.CompressionMode.Decompress);
        Assert.Equal("3.0.0", (string)(await JsonNode.ParseAsync(body, cancellationToken: Cancel))!["openapi"]!);
    }

    [Theory]
    [InlineData("/openapi/v3/")]
    [InlineData("/openapi/v3/apis/nope/v1")]
    [InlineData("/openapi/v3/logs")]
    public async Task Unknown_documents_are_not_found(string path)
    {
        using var response = await GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancel));
    }

    private async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await fixture.Admin.SendAsync(request, Cancel);
    }
}
