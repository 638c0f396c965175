using System.Text.Json.Nodes;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Admission;

/// <summary>A server with the plugins that are off by default, configured by a file.</summary>
public sealed class OptionalPluginsServer : IAsyncLifetime
{
    private const string Configuration = """
        apiVersion: apiserver.config.k8s.io/v1
        kind: AdmissionConfiguration
        plugins:
        - name: PodSecurity
          configuration:
            apiVersion: pod-security.admission.config.k8s.io/v1
            kind: PodSecurityConfiguration
            defaults: {enforce: baseline}
            exemptions: {runtimeClasses: [exempt-class], namespaces: [exempt]}
        - name: PodNodeSelector
          path: selectors.yaml
        - name: PodTolerationRestriction
          configuration:
            apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1
            kind: Configuration
            default: [{key: d, operator: Exists}]
        - name: EventRateLimit
          configuration:
            apiVersion: eventratelimit.admission.k8s.io/v1alpha1
            kind: Configuration
            limits: [{type: SourceAndObject, qps: 1, burst: 2}]
        - name: ResourceQuota
          configuration:
            apiVersion: apiserver.config.k8s.io/v1
            kind: ResourceQuotaConfiguration
            limitedResources:
            - {resource: pods, matchScopes: [{scopeName: PriorityClass, operator: In, values: [dear]}]}
            - {resource: secrets, matchContains: [count/secrets]}
        """;

    private string _directory = "";

    internal AdmissionClient Client { get; private set; } = null!;

    private HttpClient Http { get; set; } = null!;

    private TestApiServer Server { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _directory = Directory.CreateTempSubdirectory("kubesharp-admission-").FullName;
        var file = Path.Combine(_directory, "admission.yaml");
        await File.WriteAllTextAsync(file, Configuration);
        await File.WriteAllTextAsync(Path.Combine(_directory, "selectors.yaml"), "podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: 'a=b', narrow: 'a=b'}");
        Server = await TestApiServer.StartAsync(options => options with
        {
            AdmissionControlConfigFile = file,
            EnableAdmissionPlugins =
            [
                "NamespaceAutoProvision", "NamespaceExists", "LimitPodHardAntiAffinityTopology", "AlwaysPullImages", "PodNodeSelector", "PodTolerationRestriction",
                "EventRateLimit", "ExtendedResourceToleration", "OwnerReferencesPermissionEnforcement", "DenyServiceExternalIPs", "AlwaysAdmit",
            ],
        });
        Http = Server.AdminClient();
        Client = new AdmissionClient(Http);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>The plugins that are off by default, over the wire; texts from upstream's source.</summary>
public sealed class OptionalPluginsTests(OptionalPluginsServer server) : IClassFixture<OptionalPluginsServer>
{
    private readonly AdmissionClient _client = server.Client;

    [Fact]
    public async Task Pods_are_changed()
    {
        var ns = await _client.NamespaceAsync(""" "annotations":{"scheduler.alpha.kubernetes.io/defaultTolerations":"[{\"key\":\"n\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\"}]"} """);
        var pod = await _client.PostAsync($"/api/v1/namespaces/{ns}/pods?dryRun=All", AdmissionClient.Pod("p", """ "nodeSelector":{"x":"y"},"volumes":[{"name":"v","image":{"reference":"r","pullPolicy":"Never"}}] """, """ "imagePullPolicy":"Never","resources":{"limits":{"example.com/gpu":"1","cpu":"1"}} """));
        Assert.Null(Text(pod, "message"));
        Assert.Equal("Always", Text(pod["spec"]!["containers"]![0]!, "imagePullPolicy"));
        Assert.Equal("Always", Text(pod["spec"]!["volumes"]![0]!, "image", "pullPolicy"));
        Assert.Equal(["a=b", "x=y"], pod["spec"]!["nodeSelector"]!.AsObject().Select(pair => $"{pair.Key}={pair.Value}").Order());
        Assert.Equal(
            ["example.com/gpu", "n", "node.kubernetes.io/memory-pressure", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
            pod["spec"]!["tolerations"]!.AsArray().Select(toleration => Text(toleration!, "key")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("\"affinity\":{\"podAntiAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":[{\"topologyKey\":\"zone\",\"labelSelector\":{}}]}}", "pods \"p\" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key kubernetes.io/hostname is allowed")]
    [InlineData("\"nodeSelector\":{\"a\":\"c\"}", "pods \"p\" is forbidden: pod node label selector conflicts with its namespace node label selector")]
    [InlineData("\"hostPID\":true", "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)")]
    public async Task Pods_are_refused(string spec, string message)
    {
        var ns = await _client.NamespaceAsync();
        Assert.Equal(message, Text(await _client.PostAsync($"/api/v1/namespaces/{ns}/pods?dryRun=All", AdmissionClient.Pod("p", spec)), "message"));
    }

    [Fact]
    public async Task Tolerations_keep_to_what_is_allowed()
    {
        var ns = await _client.NamespaceAsync(""" "annotations":{"scheduler.alpha.kubernetes.io/defaultTolerations":"","scheduler.alpha.kubernetes.io/tolerationsWhitelist":"[{\"key\":\"w\",\"operator\":\"Exists\"}]"} """);
        var refused = await _client.PostAsync($"/api/v1/namespaces/{ns}/pods?dryRun=All", AdmissionClient.Pod("p", """ "tolerations":[{"key":"v","operator":"Exists"}] """));
        Assert.Equal(("pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist", 500), (Text(refused, "message"), refused["code"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Selectors_keep_to_what_the_namespace_may()
    {
        await _client.PostAsync("/api/v1/namespaces", """{"metadata":{"name":"narrow"}}""");
        await _client.PostAsync("/api/v1/namespaces/narrow/serviceaccounts", """{"metadata":{"name":"default"}}""");
        var refused = await _client.PostAsync("/api/v1/namespaces/narrow/pods?dryRun=All", AdmissionClient.Pod("p", """ "nodeSelector":{"x":"y"} """));
        Assert.Equal("pods \"p\" is forbidden: pod node label selector labels conflict with its namespace whitelist", Text(refused, "message"));
    }

    [Fact]
    public async Task A_namespace_appears_with_its_first_object()
    {
        Assert.Equal("ConfigMap", Text(await _client.PostAsync("/api/v1/namespaces/auto/configmaps", """{"metadata":{"name":"m"}}"""), "kind"));
        var created = await _client.SendAsync(HttpMethod.Get, "/api/v1/namespaces/auto");
        Assert.Equal("Active", Text(created, "status", "phase"));
        Assert.Equal("auto", Text(created, "metadata", "labels", "kubernetes.io/metadata.name"));
    }

    [Fact]
    public async Task External_addresses_are_denied()
    {
        var ns = await _client.NamespaceAsync();
        Assert.Equal(
            "services \"s\" is forbidden: Use of external IPs is denied by admission control",
            Text(await _client.PostAsync($"/api/v1/namespaces/{ns}/services?dryRun=All", """{"metadata":{"name":"s"},"spec":{"externalTrafficPolicy":"Cluster","ports":[{"port":1}],"externalIPs":["1.2.3.4"]}}"""), "message"));
    }

    [Fact]
    public async Task Events_about_one_thing_are_limited()
    {
        var ns = await _client.NamespaceAsync();
        var answers = new List<JsonNode>();
        for (var i = 0; i < 4; i++)
            answers.Add(await _client.PostAsync($"/api/v1/namespaces/{ns}/events", $$$"""{"metadata":{"name":"e{{{i}}}"},"involvedObject":{"kind":"Pod","name":"p","namespace":"{{{ns}}}"},"source":{"component":"c","host":"h"} }"""));
        Assert.Equal("Event", Text(answers[1], "kind"));
        Assert.Equal((429, $"Too many requests: limit reached on type SourceAndObject for key chPod{ns}p"), (answers[3]["code"]!.GetValue<int>(), Text(answers[3], "message")));
    }

    [Fact]
    public async Task What_is_limited_needs_a_quota()
    {
        var ns = await _client.NamespaceAsync();
        Assert.Equal(
            "secrets \"s\" is forbidden: insufficient quota to consume: count/secrets",
            Text(await _client.PostAsync($"/api/v1/namespaces/{ns}/secrets?dryRun=All", """{"metadata":{"name":"s"}}"""), "message"));
        await _client.PostAsync("/apis/scheduling.k8s.io/v1/priorityclasses", """{"metadata":{"name":"dear"},"value":1}""");
        Assert.Equal(
            "insufficient quota to match these scopes: [{PriorityClass In [dear]}]",
            Text(await _client.PostAsync($"/api/v1/namespaces/{ns}/pods?dryRun=All", AdmissionClient.Pod("p", """ "priorityClassName":"dear" """)), "message"));
    }

    [Fact]
    public async Task An_exempt_namespace_says_so()
    {
        var created = await _client.PostAsync("/api/v1/namespaces?dryRun=All", """{"metadata":{"name":"exempt","labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}""");
        Assert.Equal("299 - \"namespace \\\"exempt\\\" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored\"", created["$warnings"]![0]!.GetValue<string>());
    }

    private static string? Text(JsonNode node, params string[] path) => path.Aggregate((JsonNode?)node, (at, name) => at?[name])?.GetValue<string>();
}
