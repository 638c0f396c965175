using System.Collections.Concurrent;
using KubeSharp.ApiServer.Tests.Clients;

namespace KubeSharp.Tests;

/// <summary>Manifests of the kind that people start with, and the commands that they try, with an old and the newest kubectl.</summary>
public sealed class ManifestTests : IAsyncLifetime
{
    private readonly ServerProcess _server = new("server", "--hollow-nodes", "3");

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        await _server.Kubectl().WaitAsync("get nodes --no-headers", "hollow-2   Ready");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("1.32")]
    public async Task A_guestbook_runs(string version)
    {
        var kubectl = await NamespaceAsync(version, "guestbook");
        var manifests = await File.ReadAllTextAsync(Manifest("guestbook.yaml"), TestContext.Current.CancellationToken);
        Assert.Equal(
            "deployment.apps/redis-leader created\nservice/redis-leader created\ndeployment.apps/redis-follower created\nservice/redis-follower created\n"
            + "deployment.apps/frontend created\nservice/frontend created\n",
            await kubectl.RunAsync("apply -f -", manifests));
        foreach (var name in (string[])["redis-leader", "redis-follower", "frontend"])
            await kubectl.RunAsync($"rollout status deployment/{name} --timeout=30s");
        await kubectl.WaitAsync("get endpointslices -l kubernetes.io/service-name=frontend -o jsonpath={.items[0].endpoints[*].addresses[0]}", "10.", minimumWords: 3);
        Assert.Matches(@"frontend +NodePort +10\.\d+\.\d+\.\d+ +<none> +80:3\d{4}/TCP", await kubectl.RunAsync("get services"));
        Assert.DoesNotContain("configured", await kubectl.RunAsync("apply -f -", manifests), StringComparison.Ordinal);
        Assert.Contains("-  replicas: 3\n+  replicas: 5", await kubectl.FailAsync("diff -f -", manifests.Replace("replicas: 3", "replicas: 5", StringComparison.Ordinal)), StringComparison.Ordinal);
        await kubectl.RunAsync("delete -f - --timeout=30s", manifests);
        await kubectl.WaitAsync("get deployments,replicasets,pods,services,endpointslices -o name", "");
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.32")]
    public async Task A_deployment_is_changed_in_every_way(string version)
    {
        var kubectl = await NamespaceAsync(version, "ways");
        await kubectl.RunAsync("create deployment web --image=nginx --replicas=2");
        await kubectl.RunAsync("rollout status deployment/web --timeout=30s");
        Assert.Matches(@"web +2/2 +2 +2 +\S+ +nginx +nginx +app=web", await kubectl.RunAsync("get deployment web -o wide"));
        Assert.Contains("\"kind\": \"Deployment\"", await kubectl.RunAsync("get deployment web -o json"), StringComparison.Ordinal);
        Assert.Contains("kind: Deployment", await kubectl.RunAsync("get deployment web -o yaml"), StringComparison.Ordinal);
        Assert.Equal("N\nweb\n", await kubectl.RunAsync("get deployment web -o custom-columns=N:.metadata.name"));
        Assert.Equal("web", await kubectl.RunAsync("get deployment web -o jsonpath={.metadata.name}"));
        await kubectl.RunAsync("patch deployment web --type=merge -p {\"spec\":{\"replicas\":3}}");
        await kubectl.RunAsync("patch deployment web --type=json -p [{\"op\":\"add\",\"path\":\"/spec/template/metadata/labels/x\",\"value\":\"y\"}]");
        await kubectl.RunAsync("patch deployment web -p {\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"nginx\",\"env\":[{\"name\":\"A\",\"value\":\"b\"}]}]}}}}");
        Assert.Equal("b", await kubectl.RunAsync("get deployment web -o jsonpath={.spec.template.spec.containers[0].env[0].value}"));
        await kubectl.RunAsync("set image deployment/web nginx=nginx:2");
        await kubectl.RunAsync("rollout status deployment/web --timeout=30s");
        Assert.Contains("REVISION", await kubectl.RunAsync("rollout history deployment/web"), StringComparison.Ordinal);
        await kubectl.RunAsync("rollout undo deployment/web");
        await kubectl.RunAsync("rollout status deployment/web --timeout=30s");
        Assert.Equal("nginx", await kubectl.RunAsync("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"));
        await kubectl.RunAsync("rollout restart deployment/web");
        await kubectl.RunAsync("rollout status deployment/web --timeout=30s");
        await kubectl.RunAsync("label deployment web tier=front");
        await kubectl.RunAsync("annotate deployment web note=kept");
        Assert.Equal("deployment.apps/web\n", await kubectl.RunAsync("get deployments -l tier=front -o name"));
        Assert.Contains("note: kept", await kubectl.RunAsync("describe deployment web"), StringComparison.Ordinal);
        Assert.Contains("condition met", await kubectl.RunAsync("wait --for=condition=Available deployment/web --timeout=10s"), StringComparison.Ordinal);
        await kubectl.RunAsync("delete deployment web --timeout=30s");
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.32")]
    public async Task Everything_else_that_people_start_with_is_kept(string version)
    {
        var kubectl = await NamespaceAsync(version, "start");
        var manifests = await File.ReadAllTextAsync(Manifest("starters.yaml"), TestContext.Current.CancellationToken);
        var created = await kubectl.RunAsync("apply -f -", manifests);
        Assert.Equal(manifests.Split("\n---\n").Length, created.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain("unchanged", created, StringComparison.Ordinal);
        Assert.Matches(@"db +0/2", await kubectl.RunAsync("get statefulsets"));
        Assert.Matches(@"nightly +0 3 \* \* \* +<none> +False +0 +<none>", await kubectl.RunAsync("get cronjobs"));
        Assert.Matches(@"front +nginx +shop\.example\.com +80", await kubectl.RunAsync("get ingress"));
        Assert.Contains("Role/reader", await kubectl.RunAsync("get rolebindings -o wide"), StringComparison.Ordinal);
        Assert.Contains("1Gi", await kubectl.RunAsync("get persistentvolumeclaims -o yaml"), StringComparison.Ordinal);
        Assert.Contains("pods", await kubectl.RunAsync("describe role reader"), StringComparison.Ordinal);
        await kubectl.RunAsync("delete -f - --wait=false", manifests);
    }

    [Fact]
    public async Task A_watch_shows_what_happens()
    {
        var kubectl = await NamespaceAsync("", "watched");
        var lines = new ConcurrentQueue<string>();
        using var watch = kubectl.Start("get configmaps -w --no-headers", lines.Enqueue);
        try
        {
            await kubectl.RunAsync("create configmap seen --from-literal=a=b");
            for (var attempt = 0; attempt < 150 && !lines.Any(l => l.StartsWith("seen ", StringComparison.Ordinal)); attempt++)
                await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.Contains(lines, l => System.Text.RegularExpressions.Regex.IsMatch(l, "^seen +1 +[0-9]+s"));
        }
        finally
        {
            watch.Kill();
            await watch.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static string Manifest(string name) => Path.Combine(AppContext.BaseDirectory, "manifests", name);

    /// <summary>A kubectl that works in a new namespace with its default service account.</summary>
    private async Task<Kubectl> NamespaceAsync(string version, string name)
    {
        var kubectl = _server.Kubectl(version);
        name += version.Replace(".", "-", StringComparison.Ordinal);
        await kubectl.RunAsync($"create namespace {name}");
        await kubectl.WaitAsync($"-n {name} get serviceaccount default -o name", "serviceaccount/default");
        await kubectl.RunAsync($"config set-context --current --namespace={name}");
        return kubectl;
    }
}
