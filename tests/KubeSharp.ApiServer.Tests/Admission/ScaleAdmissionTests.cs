using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Admission;

public sealed class ScaleAdmissionTests(ServerFixture fixture)
{
    private const string Path = "/apis/apps/v1/namespaces/gone/deployments/d/scale";

    /// <summary>What kube-apiserver v1.36 answers.</summary>
    [Theory]
    [InlineData("PUT", "application/json", "Operation cannot be fulfilled on deployments.apps \"uid\": StorageError: invalid object, Code: 4, Key: /registry/deployments/default/uid, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: u, UID in object meta: UID")]
    [InlineData("PATCH", "application/merge-patch+json", "Operation cannot be fulfilled on deployments/scale.apps \"uid\": Precondition failed: UID in precondition: u, UID in object meta: UID")]
    public async Task Another_uid_is_refused(string method, string type, string expected)
    {
        var stop = TestContext.Current.CancellationToken;
        using var deployment = new StringContent("""
            {"metadata":{"name":"uid"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """, Encoding.UTF8, "application/json");
        (await fixture.Admin.PostAsync("/apis/apps/v1/namespaces/default/deployments", deployment, stop)).Dispose();
        var uid = JsonNode.Parse(await fixture.Admin.GetStringAsync("/apis/apps/v1/namespaces/default/deployments/uid", stop))!["metadata"]!["uid"]!.GetValue<string>();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/apis/apps/v1/namespaces/default/deployments/uid/scale")
        {
            Content = new StringContent("""{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":"uid","namespace":"default","uid":"u"},"spec":{"replicas":3}}""", Encoding.UTF8, type),
        };
        using var response = await fixture.Admin.SendAsync(request, stop);
        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync(stop))!;
        Assert.Equal(expected.Replace("UID in object meta: UID", $"UID in object meta: {uid}", StringComparison.Ordinal), status["message"]?.GetValue<string>());
    }

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
