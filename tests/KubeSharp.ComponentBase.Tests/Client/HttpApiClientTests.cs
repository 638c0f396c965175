using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.Tests.Client;

public sealed class HttpApiClientTests
{
    private static readonly GroupVersionResource Pods = new("", "v1", "pods");
    private static readonly GroupVersionResource Deployments = new("apps", "v1", "deployments");

    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, Func<HttpApiClient, CancellationToken, Task>> Requests => new()
    {
        { "GET /api/v1/namespaces/a/pods/x", "", (client, token) => client.GetAsync(new(Pods, "a", "x"), token) },
        { "GET /api/v1/nodes/n", "", (client, token) => client.GetAsync(new(new("", "v1", "nodes"), "", "n"), token) },
        { "POST /apis/apps/v1/namespaces/a/deployments", "application/json {\"x\":1}", (client, token) => client.CreateAsync(new(Deployments, "a"), new Map { { "x", 1 } }, token) },
        { "POST /api/v1/namespaces/a/pods/x/eviction", "application/json {}", (client, token) => client.CreateAsync(new(Pods, "a", "x", "eviction"), [], token) },
        { "PUT /apis/apps/v1/namespaces/a/deployments/d/status", "application/json {}", (client, token) => client.UpdateAsync(new(Deployments, "a", "d", "status"), [], token) },
        { "PATCH /api/v1/namespaces/a/pods/x", "application/json-patch+json []", (client, token) => client.PatchAsync(new(Pods, "a", "x"), PatchType.Json, new Sequence(), token) },
        { "PATCH /api/v1/namespaces/a/pods/x", "application/merge-patch+json {}", (client, token) => client.PatchAsync(new(Pods, "a", "x"), PatchType.Merge, new Map(), token) },
        { "PATCH /api/v1/namespaces/a/pods/x", "application/strategic-merge-patch+json {}", (client, token) => client.PatchAsync(new(Pods, "a", "x"), PatchType.StrategicMerge, new Map(), token) },
        { "PATCH /api/v1/namespaces/a/pods/x?fieldManager=tester&force=true", "application/apply-patch+yaml {}", (client, token) => client.PatchAsync(new(Pods, "a", "x"), PatchType.Apply, new Map(), token) },
        { "DELETE /api/v1/namespaces/a/pods/x", "", (client, token) => client.DeleteAsync(new(Pods, "a", "x"), null, token) },
        { "DELETE /api/v1/namespaces/a/pods/x", "application/json {\"gracePeriodSeconds\":0,\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}", (client, token) => client.DeleteAsync(new(Pods, "a", "x"), new Map { { "gracePeriodSeconds", 0 } }, token) },
        { "DELETE /api/v1/namespaces/a/pods?labelSelector=a%3Db", "", (client, token) => client.DeleteCollectionAsync(new(Pods, "a"), new() { LabelSelector = "a=b" }, null, token) },
        { "GET /api/v1/pods?fieldSelector=spec.nodeName%3Dn&resourceVersion=0&limit=500", "", (client, token) => client.ListAsync(new(Pods), new() { FieldSelector = "spec.nodeName=n", ResourceVersion = "0", Limit = 500 }, token) },
    };

    [Theory]
    [MemberData(nameof(Requests), DisableDiscoveryEnumeration = true)]
    public async Task SendsTheRequest(string line, string body, Func<HttpApiClient, CancellationToken, Task> send)
    {
        var seen = new List<string>();
        using var client = Client(async request =>
        {
            seen.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
            seen.Add(request.Content is null ? "" : $"{request.Content.Headers.ContentType} {await request.Content.ReadAsStringAsync(Token)}");
            return Answer(200, "{\"kind\":\"X\",\"apiVersion\":\"v1\"}");
        });
        await send(client, Token);
        Assert.Equal([line, body], seen);
    }

    [Fact]
    public async Task ListItemsGetTheirKind()
    {
        using var client = Client(_ => Task.FromResult(Answer(200, """
            {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"12","continue":"c","remainingItemCount":3},"items":[{"metadata":{"name":"x"}}]}
            """)));
        var list = await client.ListAsync(new(Pods), new(), Token);
        Assert.Equal(("12", "c", 3L), (list.ResourceVersion, list.Continue, list.RemainingItemCount));
        var pod = Assert.Single(list.Items);
        Assert.Equal(("Pod", "v1", "x"), (ObjectMetaAccessor.GetKind(pod), ObjectMetaAccessor.GetApiVersion(pod), ObjectMetaAccessor.GetName(pod)));
        Assert.True(pod.IsFrozen);
    }

    [Fact]
    public async Task AStatusIsThrown()
    {
        using var client = Client(_ => Task.FromResult(Answer(409, """
            {"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"x\" already exists","reason":"AlreadyExists","details":{"name":"x","kind":"pods"},"code":409}
            """)));
        var error = await Assert.ThrowsAsync<StatusException>(() => client.CreateAsync(new(Pods, "a"), [], Token));
        Assert.True(error.IsAlreadyExists);
        Assert.Equal("x", error.Status.Details!.Name);
    }

    [Fact]
    public async Task AnAnswerThatIsNoStatusIsThrownByItsCode()
    {
        using var client = Client(_ => Task.FromResult(Answer(404, "<html>nothing here</html>")));
        var error = await Assert.ThrowsAsync<StatusException>(() => client.GetAsync(new(Pods, "a", "x"), Token));
        Assert.True(error.IsNotFound);
        Assert.StartsWith("the server could not find the requested resource", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitsAsLongAsTheServerAsks()
    {
        var requests = 0;
        using var client = Client(_ =>
        {
            var refused = Answer(429, "{}");
            refused.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(3));
            return Task.FromResult(Interlocked.Increment(ref requests) == 1 ? refused : Answer(200, "{}"));
        });
        var get = client.GetAsync(new(Pods, "a", "x"), Token);
        await Eventually.TrueAsync(() => _time.UntilNextTimer is not null, "the wait");
        Assert.Equal(TimeSpan.FromSeconds(3), _time.UntilNextTimer);
        _time.Advance(TimeSpan.FromSeconds(3));
        await get;
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task WatchEventsComeOutHoweverTheBytesAreCut()
    {
        var bytes = Encoding.UTF8.GetBytes("""
            {"type":"ADDED","object":{"metadata":{"name":"ä","resourceVersion":"1"}}}
            {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}}

            """.ReplaceLineEndings("\n"));
        for (var size = 1; size <= bytes.Length; size++)
        {
            var events = new List<string>();
            await foreach (var change in WatchStream.ReadAsync(new ChunkedStream(bytes, size), Token))
                events.Add($"{change.Type} {ObjectMetaAccessor.GetName(change.Object)} {ObjectMetaAccessor.GetResourceVersion(change.Object)}");
            Assert.Equal(["ADDED ä 1", "BOOKMARK  5"], events);
        }
    }

    [Theory]
    [InlineData("{\"type\":\"ADDED\",\"object\":{}}\n{\"type\":")]
    [InlineData("hello\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    public async Task ABrokenWatchIsAnError(string text) => await Assert.ThrowsAsync<IOException>(() => DrainAsync(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task AnEventWithoutEndIsRefused() => await Assert.ThrowsAsync<IOException>(() => DrainAsync(new byte[WatchStream.MaxLine + 100_000]));

    [Fact]
    public async Task AnErrorEventIsThrown()
    {
        var text = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Expired\",\"message\":\"too old\",\"code\":410}}\n";
        var error = await Assert.ThrowsAsync<StatusException>(() => DrainAsync(Encoding.UTF8.GetBytes(text)));
        Assert.True(error.IsResourceExpired);
    }

    [Fact]
    public async Task SpeaksTlsWithTheKubeconfigsCertificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = Authority(authorityKey);
        var (serverPem, serverKeyPem) = Issue(authority, "localhost");
        var (clientPem, clientKeyPem) = Issue(authority, "tester");
        using var serverCertificate = X509Certificate2.CreateFromPem(serverPem, serverKeyPem);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = serverCertificate;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.AllowAnyClientCertificate();
        })));
        await using var server = builder.Build();
        server.Run(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($"{{\"user\":\"{context.Connection.ClientCertificate!.Subject}\",\"protocol\":\"{context.Request.Protocol}\"}}");
        });
        await server.StartAsync(Token);
        var port = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        var kubeconfig = $"""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{"{"}name: c, context: {"{"}cluster: k, user: u{"}"}{"}"}]
            clusters: [{"{"}name: k, cluster: {"{"}server: "https://127.0.0.1:{port}", tls-server-name: localhost, certificate-authority-data: {Base64(authority.ExportCertificatePem())}{"}"}{"}"}]
            users: [{"{"}name: u, user: {"{"}client-certificate-data: {Base64(clientPem)}, client-key-data: {Base64(clientKeyPem)}{"}"}{"}"}]
            """;
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(kubeconfig));
        using var client = HttpApiClient.FromConfiguration(await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(stream), "tester", TimeProvider.System);
        var answer = await client.GetAsync(new(Pods, "a", "x"), Token);
        Assert.Equal(("CN=tester", "HTTP/2"), (answer.GetString("user"), answer.GetString("protocol")));
    }

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));

    private static X509Certificate2 Authority(ECDsa key)
    {
        var request = new CertificateRequest("CN=ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static (string Certificate, string Key) Issue(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3, (byte)name.Length]);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static async Task DrainAsync(byte[] bytes)
    {
        await foreach (var change in WatchStream.ReadAsync(new MemoryStream(bytes), Token))
            Assert.NotNull(change.Object);
    }

    private static HttpResponseMessage Answer(int code, string json) =>
        new((HttpStatusCode)code) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private HttpApiClient Client(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) =>
        new(new HttpClient(new Scripted(answer)) { BaseAddress = new Uri("https://server/") }, "tester", _time);

    private sealed class Scripted(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request);
    }

    private sealed class ChunkedStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, size)], cancellationToken);
    }
}
