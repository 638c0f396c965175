namespace KubeSharp.ApiServer.Tests.Clients;

/// <summary>The real kubectl against the API server alone: what needs no controller.</summary>
public sealed class KubectlTests(ServerFixture fixture)
{
    [Fact]
    public async Task Creates_reads_changes_and_deletes()
    {
        var kubectl = new Kubectl(fixture.Server.Kubeconfig);
        Assert.Equal("namespace/shop created\n", await kubectl.RunAsync("create namespace shop"));
        Assert.Equal("deployment.apps/web created\n", await kubectl.RunAsync("-n shop create deployment web --image=nginx --replicas=3"));
        Assert.Equal("service/web exposed\n", await kubectl.RunAsync("-n shop expose deployment web --port=80"));
        Assert.Equal("deployment.apps/web scaled\n", await kubectl.RunAsync("-n shop scale deployment web --replicas=5"));
        Assert.Equal("deployment.apps/web image updated\n", await kubectl.RunAsync("-n shop set image deployment/web nginx=nginx:2"));
        Assert.Equal("5 nginx:2", await kubectl.RunAsync("-n shop get deployment web -o jsonpath={.spec.replicas}{\"\\u0020\"}{.spec.template.spec.containers[0].image}"));
        Assert.Equal("deployment.apps/web labeled\n", await kubectl.RunAsync("-n shop label deployment web tier=front"));
        Assert.Equal("deployment.apps/web annotated\n", await kubectl.RunAsync("-n shop annotate deployment web note=kept"));
        Assert.Equal("deployment.apps/web\n", await kubectl.RunAsync("-n shop get deployments -l tier=front -o name"));
        Assert.Contains("web    ClusterIP   10.", await kubectl.RunAsync("-n shop get service web -o wide"), StringComparison.Ordinal);
        Assert.Contains("Replicas:               5 desired", await kubectl.RunAsync("-n shop describe deployment web"), StringComparison.Ordinal);
        Assert.Contains("deployment.apps \"web\" deleted", await kubectl.RunAsync("-n shop delete deployment web --cascade=background"), StringComparison.Ordinal);
        Assert.Contains("deployments.apps \"web\" not found", await kubectl.FailAsync("-n shop get deployment web"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applies_and_diffs_manifests()
    {
        var kubectl = new Kubectl(fixture.Server.Kubeconfig);
        await kubectl.RunAsync("create namespace applied");
        const string Manifest = """
            apiVersion: v1
            kind: Service
            metadata:
              name: guestbook
              namespace: applied
            spec:
              selector: {app: guestbook}
              ports: [{port: 80, targetPort: 8080}]
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata:
              name: db
              namespace: applied
            spec:
              serviceName: db
              selector: {matchLabels: {app: db}}
              template:
                metadata: {labels: {app: db}}
                spec:
                  containers:
                  - name: db
                    image: db:1
              volumeClaimTemplates:
              - metadata: {name: data}
                spec:
                  accessModes: [ReadWriteOnce]
                  resources: {requests: {storage: 1Gi}}
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: front, namespace: applied}
            spec:
              defaultBackend: {service: {name: guestbook, port: {number: 80}}}
            """;
        Assert.Equal("service/guestbook created\nstatefulset.apps/db created\ningress.networking.k8s.io/front created\n", await kubectl.RunAsync("apply -f -", Manifest));
        // kubectl itself compares claim templates as a whole, so defaulted ones always count as a change.
        Assert.Equal("service/guestbook unchanged\nstatefulset.apps/db configured\ningress.networking.k8s.io/front unchanged\n", await kubectl.RunAsync("apply -f -", Manifest));
        var changed = Manifest.Replace("db:1", "db:2", StringComparison.Ordinal);
        var diff = await kubectl.FailAsync("diff -f -", changed);
        Assert.Contains("-      - image: db:1\n+      - image: db:2\n", diff, StringComparison.Ordinal);
        Assert.Contains("statefulset.apps/db configured\n", await kubectl.RunAsync("apply -f -", changed), StringComparison.Ordinal);
        Assert.Equal("db:2", await kubectl.RunAsync("-n applied get statefulset db -o jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Contains("unknown field \"spec.template.spec.containers[0].imagee\"", await kubectl.FailAsync("apply -f -", Manifest.Replace("image: db:1", "imagee: db:1", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("api-resources --no-headers", "StatefulSet")]
    [InlineData("api-versions", "networking.k8s.io/v1")]
    [InlineData("explain pod.spec.containers.image", "FIELD: image <string>")]
    [InlineData("explain pod.spec.containers.image", "Container image name.")]
    [InlineData("explain clusterrole.aggregationRule", "AggregationRule is an optional field")]
    [InlineData("explain pod --output plaintext-openapiv2", "Pod is a collection of containers")]
    [InlineData("explain deployment.spec.strategy.rollingUpdate", "maxUnavailable")]
    [InlineData("version", "Server Version: v1.36")]
    [InlineData("cluster-info", "is running at")]
    [InlineData("auth whoami", "kubernetes-admin")]
    [InlineData("auth can-i create pods", "yes")]
    [InlineData("get namespaces default -o yaml", "kubernetes.io/metadata.name: default")]
    [InlineData("get namespaces -o custom-columns=N:.metadata.name", "kube-node-lease")]
    [InlineData("get priorityclasses", "system-node-critical")]
    [InlineData("get services", "kubernetes   ClusterIP   10.96.0.1")]
    [InlineData("get --raw /readyz", "ok")]
    public async Task Answers(string arguments, string expected) =>
        Assert.Contains(expected, await new Kubectl(fixture.Server.Kubeconfig).RunAsync(arguments), StringComparison.Ordinal);
}
