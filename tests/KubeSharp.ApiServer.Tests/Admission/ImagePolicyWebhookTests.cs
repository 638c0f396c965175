using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Admission.ImagePolicy;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Admission;

/// <summary>A server that asks a backend of the test about images (cases of plugin/pkg/admission/imagepolicy/admission_test.go, v1.36).</summary>
public sealed class ImagePolicyWebhookTests : IAsyncLifetime
{
    private readonly HttpListener _backend = new();
    private readonly ConcurrentQueue<JsonNode> _asked = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("kubesharp-imagepolicy-").FullName;
    private Func<JsonNode, (int Code, string Status)> _answer = _ => (200, """{"allowed":true}""");
    private TestApiServer _server = null!;
    private HttpClient _http = null!;
    private AdmissionClient _client = null!;
    private string _namespace = "";

    public async ValueTask InitializeAsync()
    {
        var port = TestApiServer.FreePort();
        _backend.Prefixes.Add($"http://127.0.0.1:{port}/");
        _backend.Start();
        _ = ServeAsync();
        await File.WriteAllTextAsync(Path.Combine(_directory, "backend.conf"), $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: b
              cluster: { server: "http://127.0.0.1:{{port}}/review" }
            users:
            - name: u
              user: { token: secret }
            contexts:
            - name: c
              context: { cluster: b, user: u }
            current-context: c
            """);
        await File.WriteAllTextAsync(Path.Combine(_directory, "admission.yaml"), $$"""
            imagePolicy: { kubeConfigFile: "{{_directory}}/backend.conf", retryBackoff: 1 }
            """);
        _server = await TestApiServer.StartAsync(o => o with { EnableAdmissionPlugins = ["ImagePolicyWebhook"], AdmissionControlConfigFile = Path.Combine(_directory, "admission.yaml") });
        _http = _server.AdminClient();
        _client = new AdmissionClient(_http);
        _namespace = await _client.NamespaceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _backend.Close();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Allowed_images_run_and_the_answer_is_remembered()
    {
        Assert.Equal("Pod", await KindAsync(AdmissionClient.Pod("a", metadata: "\"annotations\":{\"x.image-policy.k8s.io/break-glass\":\"1\",\"other\":\"2\"}")));
        Assert.Equal("Pod", await KindAsync(AdmissionClient.Pod("b", metadata: "\"annotations\":{\"x.image-policy.k8s.io/break-glass\":\"1\"}")));

        var review = Assert.Single(_asked);
        Assert.Equal("ImageReview", review["kind"]!.GetValue<string>());
        Assert.Equal("imagepolicy.k8s.io/v1alpha1", review["apiVersion"]!.GetValue<string>());
        Assert.Equal("{\"containers\":[{\"image\":\"i\"}],\"annotations\":{\"x.image-policy.k8s.io/break-glass\":\"1\"},\"namespace\":\"" + _namespace + "\"}", review["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"allowed":false}""", "one or more images rejected by webhook backend")]
    [InlineData("""{"allowed":false,"reason":"not signed"}""", "image policy webhook backend denied one or more images: not signed")]
    public async Task Denied_images_do_not(string status, string message)
    {
        _answer = _ => (200, status);
        var answer = await _client.PostAsync($"/api/v1/namespaces/{_namespace}/pods", AdmissionClient.Pod("a"));
        Assert.Equal($"pods \"a\" is forbidden: {message}", answer["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_backend_that_fails_is_asked_five_times_and_then_counts_as_a_no()
    {
        _answer = _ => (500, "");
        var answer = await _client.PostAsync($"/api/v1/namespaces/{_namespace}/pods", AdmissionClient.Pod("a"));
        Assert.Equal(403, answer["code"]!.GetValue<int>());
        Assert.Equal(5, _asked.Count);
    }

    [Fact]
    public async Task Only_ephemeral_containers_are_reviewed_when_they_are_added()
    {
        await _client.PostAsync($"/api/v1/namespaces/{_namespace}/pods", AdmissionClient.Pod("a"));
        _asked.Clear();
        await _client.SendAsync(HttpMethod.Patch, $"/api/v1/namespaces/{_namespace}/pods/a/ephemeralcontainers",
            """{"spec":{"ephemeralContainers":[{"name":"debug","image":"debugger"}]}}""", "application/strategic-merge-patch+json");
        Assert.Equal("debugger", Assert.Single(Assert.Single(_asked)["spec"]!["containers"]!.AsArray())!["image"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("allowTTL", 1801, "valid value is between 1s and 30m0s, got 30m1s")]
    [InlineData("denyTTL", -2, "valid value is between 1s and 30m0s, got -2s")]
    [InlineData("retryBackoff", 300001, "valid value is between 1ns and 5m0s, got 5m0.001s")]
    public void Times_have_bounds(string field, int value, string expected) =>
        Assert.Equal(expected, Assert.Throws<FormatException>(() => ImagePolicyConfiguration.Read(new Map { { "imagePolicy", new Map { { field, value } } } })).Message);

    [Fact]
    public void Times_have_defaults_and_can_be_switched_off()
    {
        var configuration = ImagePolicyConfiguration.Read(new Map { { "imagePolicy", new Map { { "allowTTL", -1 } } } });
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(500), false), (configuration.AllowTtl, configuration.DenyTtl, configuration.RetryBackoff, configuration.DefaultAllow));
    }

    private async Task<string> KindAsync(string pod) =>
        (await _client.PostAsync($"/api/v1/namespaces/{_namespace}/pods", pod))["kind"]!.GetValue<string>();

    private async Task ServeAsync()
    {
        while (_backend.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _backend.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var reader = new StreamReader(context.Request.InputStream);
            var review = JsonNode.Parse(await reader.ReadToEndAsync())!;
            _asked.Enqueue(review);
            var (code, status) = context.Request.Url!.AbsolutePath == "/review" ? _answer(review) : (404, "");
            context.Response.StatusCode = code;
            var body = Encoding.UTF8.GetBytes($$$"""{"apiVersion":"imagepolicy.k8s.io/v1alpha1","kind":"ImageReview","status":{{{(status.Length > 0 ? status : "{}")}}} }""");
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(body);
            context.Response.Close();
        }
    }
}
