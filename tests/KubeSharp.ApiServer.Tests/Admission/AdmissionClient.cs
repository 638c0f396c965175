using System.Text;
using System.Text.Json.Nodes;

namespace KubeSharp.ApiServer.Tests.Admission;

/// <summary>Speaks JSON with a server, as an administrator.</summary>
internal sealed class AdmissionClient(HttpClient http)
{
    /// <summary>The answer's body, and its warnings under <c>$warnings</c>.</summary>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var node = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        if (response.Headers.TryGetValues("Warning", out var warnings))
            node["$warnings"] = new JsonArray([.. warnings.Select(warning => (JsonNode)warning)]);
        return node;
    }

    public Task<JsonNode> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    public Task<JsonNode> PatchAsync(string path, string body) => SendAsync(HttpMethod.Patch, path, body, "application/merge-patch+json");

    /// <summary>Makes a namespace with the account that its pods run as.</summary>
    public async Task<string> NamespaceAsync(string metadata = "")
    {
        var name = $"t-{Guid.NewGuid():N}"[..20];
        await PostAsync("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}"{{{Rest(metadata)}}} } }""");
        await PostAsync($"/api/v1/namespaces/{name}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        return name;
    }

    public static string Pod(string name, string spec = "", string container = "", string metadata = "") =>
        $$$"""{"metadata":{"name":"{{{name}}}"{{{Rest(metadata)}}} },"spec":{"containers":[{"name":"c","image":"i"{{{Rest(container)}}} }]{{{Rest(spec)}}} } }""";

    /// <summary>Further members of an object.</summary>
    private static string Rest(string members) => members.Length > 0 ? $",{members}" : "";
}
