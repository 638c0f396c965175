using k8s;
using k8s.Models;

namespace KubeSharp.ApiServer.Tests.Clients;

/// <summary>A stock client: KubernetesClient for C#, with the kubeconfig that the server wrote.</summary>
public sealed class KubernetesClientTests(ServerFixture fixture)
{
    private Kubernetes Client() => new(KubernetesClientConfiguration.BuildConfigFromConfigFile(fixture.Server.Kubeconfig));

    [Fact]
    public async Task Creates_reads_updates_and_deletes()
    {
        var token = TestContext.Current.CancellationToken;
        using var client = Client();
        var created = await client.CoreV1.CreateNamespacedConfigMapAsync(
            new V1ConfigMap { Metadata = new V1ObjectMeta { GenerateName = "client-" }, Data = new Dictionary<string, string> { ["a"] = "1" } }, "default", cancellationToken: token);
        Assert.StartsWith("client-", created.Metadata.Name, StringComparison.Ordinal);
        created.Data["b"] = "2";
        var updated = await client.CoreV1.ReplaceNamespacedConfigMapAsync(created, created.Metadata.Name, "default", cancellationToken: token);
        Assert.Equal("2", updated.Data["b"]);
        created.Data["b"] = "3";
        var conflict = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => client.CoreV1.ReplaceNamespacedConfigMapAsync(created, created.Metadata.Name, "default", cancellationToken: token));
        Assert.Contains("the object has been modified; please apply your changes to the latest version and try again", conflict.Response.Content, StringComparison.Ordinal);
        await client.CoreV1.DeleteNamespacedConfigMapAsync(created.Metadata.Name, "default", cancellationToken: token);
        var gone = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => client.CoreV1.ReadNamespacedConfigMapAsync(created.Metadata.Name, "default", cancellationToken: token));
        Assert.Contains($"configmaps \\\"{created.Metadata.Name}\\\" not found", gone.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watches_every_change_once_and_in_order()
    {
        var token = TestContext.Current.CancellationToken;
        using var client = Client();
        var list = await client.CoreV1.ListNamespacedSecretAsync("default", labelSelector: "watched=yes", cancellationToken: token);
        const int Count = 200;
        var seen = new List<string>();
        var watching = Task.Run(async () =>
        {
            await foreach (var (type, item) in client.CoreV1.WatchListNamespacedSecretAsync("default", labelSelector: "watched=yes", resourceVersion: list.Metadata.ResourceVersion, cancellationToken: token))
            {
                seen.Add($"{type} {item.Metadata.Name}");
                if (seen.Count == 2 * Count)
                    return;
            }
        }, token);
        var expected = new List<string>();
        for (var i = 0; i < Count; i++)
        {
            var secret = new V1Secret { Metadata = new V1ObjectMeta { Name = $"watched-{i}", Labels = new Dictionary<string, string> { ["watched"] = "yes" } } };
            await client.CoreV1.CreateNamespacedSecretAsync(secret, "default", cancellationToken: token);
            await client.CoreV1.DeleteNamespacedSecretAsync(secret.Metadata.Name, "default", cancellationToken: token);
            expected.Add($"Added watched-{i}");
            expected.Add($"Deleted watched-{i}");
        }

        await watching.WaitAsync(TimeSpan.FromSeconds(30), token);
        Assert.Equal(expected, seen);
    }
}
