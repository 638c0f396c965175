using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Admission;

public sealed class ScaleAdmissionTests
{
    private const string Path = "/apis/apps/v1/namespaces/gone/deployments/d/scale";

    [Theory]
    [InlineData("PUT", "application/json", """{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"d","namespace":"gone"},"spec":{"replicas":3}}""")]
    [InlineData("PATCH", "application/merge-patch+json", """{"spec":{"replicas":3}}""")]
    [InlineData("PATCH", "application/apply-patch+yaml", """{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"d"},"spec":{"replicas":3}}""")]
    public async Task Scaling_is_admitted_like_any_write(string method, string type, string body)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var server = await TestApiServer.StartAsync(null, stop);
        // Nobody could create it in a namespace that is not there, and NamespaceLifecycle refuses to change it.
        await server.Store.PutAsync("/registry/deployments/gone/d", 0, Encoding.UTF8.GetBytes("""
            {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"d","namespace":"gone","uid":"u"},
            "spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """), 0, null, stop);
        using var client = server.AdminClient();
        var query = type == "application/apply-patch+yaml" ? "?fieldManager=m&force=true" : "?fieldManager=m";
        using var request = new HttpRequestMessage(new HttpMethod(method), Path + query) { Content = new StringContent(body, Encoding.UTF8, type) };
        using var response = await client.SendAsync(request, stop);
        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync(stop))!;
        Assert.Equal("namespaces \"gone\" not found", status["message"]?.GetValue<string>());
        Assert.Equal("1", JsonNode.Parse(await client.GetStringAsync(Path, stop))!["spec"]!["replicas"]!.ToString());
    }
}
