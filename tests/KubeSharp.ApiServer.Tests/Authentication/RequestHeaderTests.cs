using System.Net;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Options;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Authentication;

/// <summary>Users that a trusted proxy names (apiserver/pkg/authentication/request/headerrequest).</summary>
public sealed class RequestHeaderTests
{
    [Theory]
    [InlineData("kubernetes-admin", "jane", "dev")]
    [InlineData("somebody-else", "kubernetes-admin", "system:masters")]
    public async Task Headers_count_when_the_proxy_is_known(string allowed, string user, string group)
    {
        // The administrator's certificate stands for the proxy's: both are signed by an authority that the flag names.
        await using var server = await TestApiServer.StartAsync(
            options =>
            {
                var authority = Path.Combine(options.DataDirectory, "pki", "ca.crt");
                KubeSharp.ApiServer.Serving.ServerCertificates.Prepare(options, TimeProvider.System);
                return options with { RequestHeader = new RequestHeaderOptions { ClientCaFile = authority, AllowedNames = [allowed], UsernameHeaders = ["X-Remote-User"], GroupHeaders = ["X-Remote-Group"], ExtraHeaderPrefixes = ["X-Remote-Extra-"] } };
            },
            TestContext.Current.CancellationToken);
        using var client = server.AdminClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews");
        request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        request.Headers.Add("X-Remote-User", "jane");
        request.Headers.Add("X-Remote-Group", "dev");
        request.Headers.Add("X-Remote-Extra-Acme%2fScope", "one");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var info = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["status"]!["userInfo"]!;
        Assert.Equal(user, info["username"]!.GetValue<string>());
        Assert.Equal($$"""["{{group}}","system:authenticated"]""", info["groups"]!.ToJsonString());
        if (user == "jane")
            Assert.Equal("""{"acme/scope":["one"]}""", info["extra"]!.ToJsonString());
    }
}
