using KubeSharp.ApiServer.Tests.Clients;

namespace KubeSharp.Tests;

/// <summary>The executable as a user runs it, `kubesharp server --hollow-nodes 2`, driven by the real kubectl.</summary>
public sealed class ControlPlaneTests : IAsyncLifetime
{
    private readonly ServerProcess _server = new("server", "--hollow-nodes", "2");

    private Kubectl _kubectl = null!;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _kubectl = _server.Kubectl();
        await WaitAsync("get nodes --no-headers", "hollow-1   Ready");
        await WaitAsync("get serviceaccounts default -o name", "serviceaccount/default");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_deployment_rolls_out_back_and_away()
    {
        await _kubectl.RunAsync("create deployment web --image=nginx --replicas=3");
        Assert.Contains("successfully rolled out", await _kubectl.RunAsync("rollout status deployment/web --timeout=30s"), StringComparison.Ordinal);
        await _kubectl.RunAsync("expose deployment web --port=80");
        Assert.Equal("RunningRunningRunning", await _kubectl.RunAsync("get pods -l app=web -o jsonpath={.items[*].status.phase}").ContinueWith(t => t.Result.Replace(" ", "", StringComparison.Ordinal), TaskScheduler.Default));
        await WaitAsync("get endpoints web -o jsonpath={.subsets[0].addresses[*].ip}", "10.", minimumWords: 3);
        await WaitAsync("get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[0].endpoints[*].addresses[0]}", "10.", minimumWords: 3);

        await _kubectl.RunAsync("set image deployment/web nginx=nginx:2");
        Assert.Contains("successfully rolled out", await _kubectl.RunAsync("rollout status deployment/web --timeout=30s"), StringComparison.Ordinal);
        await _kubectl.RunAsync("rollout undo deployment/web");
        Assert.Contains("successfully rolled out", await _kubectl.RunAsync("rollout status deployment/web --timeout=30s"), StringComparison.Ordinal);
        Assert.Equal("nginx", await _kubectl.RunAsync("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Contains("3/3", await _kubectl.RunAsync("get deployment web"), StringComparison.Ordinal);
        await WaitAsync("get events --no-headers", "Successfully assigned default/web-");
        await WaitAsync("describe pods -l app=web --show-events", "Successfully assigned");

        await _kubectl.RunAsync("scale deployment/web --replicas=1");
        await WaitAsync("get deployment web --no-headers", "1/1");
        await _kubectl.RunAsync("delete deployment web");
        await WaitAsync("get replicasets,pods -l app=web -o name", "");
    }

    [Fact]
    public async Task Orphans_stay_and_foreground_waits()
    {
        await _kubectl.RunAsync("create deployment kept --image=nginx --replicas=1");
        await _kubectl.RunAsync("rollout status deployment/kept --timeout=30s");
        await _kubectl.RunAsync("delete deployment kept --cascade=orphan");
        Assert.StartsWith("replicaset.apps/kept-", await _kubectl.RunAsync("get replicasets -l app=kept -o name"), StringComparison.Ordinal);
        await _kubectl.RunAsync("delete replicasets -l app=kept --cascade=foreground --timeout=30s");
        await WaitAsync("get replicasets,pods -l app=kept -o name", "");
    }

    [Fact]
    public async Task A_namespace_takes_its_content_with_it()
    {
        await _kubectl.RunAsync("create namespace short");
        await WaitAsync("-n short get configmap kube-root-ca.crt -o name", "configmap/kube-root-ca.crt");
        await _kubectl.RunAsync("-n short create deployment gone --image=nginx");
        await _kubectl.RunAsync("-n short rollout status deployment/gone --timeout=30s");
        await _kubectl.RunAsync("delete namespace short --timeout=30s");
        Assert.Contains("not found", await _kubectl.FailAsync("get namespace short"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_fits_nowhere_says_why()
    {
        await _kubectl.RunAsync("create -f -", """
            apiVersion: v1
            kind: Pod
            metadata: {name: huge}
            spec:
              containers:
              - name: c
                image: c
                resources: {requests: {cpu: "1000"}}
            """);
        await WaitAsync("get events --no-headers", "0/2 nodes are available: 2 Insufficient cpu.");
        Assert.Equal("Unschedulable", await _kubectl.RunAsync("get pod huge -o jsonpath={.status.conditions[0].reason}"));
    }

    private Task WaitAsync(string arguments, string expected, int minimumWords = 0) => _kubectl.WaitAsync(arguments, expected, minimumWords);
}
