using System.Text;
using System.Text.Json.Nodes;

namespace KubeSharp.ApiServer.Tests.Admission;

/// <summary>ServiceAccount and NodeRestriction over the wire; texts as the real server gives them.</summary>
public sealed class PodAdmissionTests(ServerFixture fixture)
{
    private const string Pods = "/api/v1/namespaces/default/pods?dryRun=All";

    [Fact]
    public async Task A_pod_gets_an_account_and_its_token()
    {
        var pod = await SendAsync(HttpMethod.Post, Pods, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"},{"name":"d","image":"i","volumeMounts":[{"name":"own","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]}],"volumes":[{"name":"own","emptyDir":{}}]}}""");
        var spec = pod["spec"]!;
        Assert.Equal("default", spec["serviceAccountName"]!.GetValue<string>());
        Assert.Equal("default", spec["serviceAccount"]!.GetValue<string>());
        var volume = spec["volumes"]![1]!;
        var name = volume["name"]!.GetValue<string>();
        Assert.StartsWith("kube-api-access-", name, StringComparison.Ordinal);
        Assert.Equal(
            """{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}""",
            volume["projected"]!.ToJsonString());
        Assert.Equal($$"""[{"name":"{{name}}","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}]""", spec["containers"]![0]!["volumeMounts"]!.ToJsonString());
        Assert.Single(spec["containers"]![1]!["volumeMounts"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"p"},"spec":{"serviceAccountName":"absent","containers":[{"name":"c","image":"i"}]}}""", "pods \"p\" is forbidden: error looking up service account default/absent: serviceaccount \"absent\" not found")]
    [InlineData("""{"metadata":{"name":"p","annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"serviceAccountName":"default","containers":[{"name":"c","image":"i"}]}}""", "pods \"p\" is forbidden: a mirror pod may not reference service accounts")]
    [InlineData("""{"metadata":{"generateName":"g-","annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"imagePullSecrets":[{"name":"s"}],"containers":[{"name":"c","image":"i"}]}}""", "pods \"g-\" is forbidden: a mirror pod may not reference secrets")]
    public async Task A_pod_without_account_is_refused(string body, string message) =>
        Assert.Equal(message, (await SendAsync(HttpMethod.Post, Pods, body))["message"]!.GetValue<string>());

    [Fact]
    public async Task Automounting_can_be_turned_off()
    {
        var pod = await SendAsync(HttpMethod.Post, Pods, """{"metadata":{"name":"p"},"spec":{"automountServiceAccountToken":false,"containers":[{"name":"c","image":"i"}]}}""");
        Assert.Null(pod["spec"]!["volumes"]);
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
