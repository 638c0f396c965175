using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.FlowControl;
using KubeSharp.ApiServer.Registry.FlowControl;

namespace KubeSharp.ApiServer.Tests.FlowControl;

/// <summary>The objects that flow control keeps (pkg/registry/flowcontrol/ensurer), and the condition Dangling.</summary>
public sealed class FlowControlConfigurationTests(ServerFixture fixture)
{
    private const string Group = "/apis/flowcontrol.apiserver.k8s.io/v1";

    [Theory]
    [InlineData(true, "true", 5, true)] // mandatory: always
    [InlineData(true, "false", 5, true)]
    [InlineData(false, "true", 5, true)]
    [InlineData(false, "false", 5, false)]
    [InlineData(false, null, 1, true)] // as the server made it
    public void The_spec_follows_the_server_unless_somebody_took_it_over(bool mandatory, string? annotation, int generation, bool revised)
    {
        var expected = BootstrapFlowControl.SuggestedPriorityLevels[0];
        var metadata = new Map { { "name", "system" }, { "generation", generation } };
        if (annotation is not null)
            metadata.Set("annotations", new Map { { BootstrapFlowControl.AutoUpdate, annotation } });
        var existing = new Map { { "metadata", metadata }, { "spec", new Map { { "type", "Limited" }, { "limited", new Map { { "nominalConcurrencyShares", 7 } } } } } };

        var result = FlowControlConfiguration.Revise(existing, expected, mandatory);

        Assert.Equal(revised, result is not null && result["spec"] == expected["spec"]);
    }

    [Fact]
    public void The_annotation_says_who_owns_the_spec()
    {
        var expected = BootstrapFlowControl.SuggestedPriorityLevels[0];
        var changed = expected.DeepClone();
        changed.EditMap("metadata").Remove("annotations");
        changed.EditMap("metadata").Set("generation", 2);

        var revised = FlowControlConfiguration.Revise(changed, expected, mandatory: false);

        Assert.Equal("false", revised!.GetMap("metadata")!.GetMap("annotations")!.GetString(BootstrapFlowControl.AutoUpdate));
        Assert.Null(FlowControlConfiguration.Revise(revised, expected, mandatory: false));
    }

    [Fact]
    public async Task A_flow_schema_says_whether_its_level_exists()
    {
        await SendAsync(HttpMethod.Post, $"{Group}/flowschemas", """{"metadata":{"name":"loose"},"spec":{"priorityLevelConfiguration":{"name":"loose"},"rules":[]}}""");
        Assert.Equal("""True NotFound This FlowSchema references the PriorityLevelConfiguration object named "loose" but there is no such object""", await DanglingAsync("NotFound"));

        await SendAsync(HttpMethod.Post, $"{Group}/prioritylevelconfigurations", """{"metadata":{"name":"loose"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""");
        Assert.Equal("""False Found This FlowSchema references the PriorityLevelConfiguration object named "loose" and it exists""", await DanglingAsync("Found"));

        await SendAsync(HttpMethod.Delete, $"{Group}/prioritylevelconfigurations/loose", null);
        Assert.StartsWith("True NotFound", await DanglingAsync("NotFound"), StringComparison.Ordinal);
    }

    /// <summary>Watches until the condition has a reason.</summary>
    private async Task<string> DanglingAsync(string reason)
    {
        using var response = await fixture.Admin.GetAsync($"{Group}/flowschemas?watch=1&fieldSelector=metadata.name%3Dloose&timeoutSeconds=30", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var condition = JsonNode.Parse(line)!["object"]!["status"]?["conditions"]?[0];
            if (condition?["reason"]?.GetValue<string>() == reason)
                return $"{condition["status"]} {condition["reason"]} {condition["message"]}";
        }

        return "the watch ended";
    }

    private async Task SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        using var response = await fixture.Admin.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
