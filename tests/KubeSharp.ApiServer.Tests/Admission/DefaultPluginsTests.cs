using System.Text.Json.Nodes;

namespace KubeSharp.ApiServer.Tests.Admission;

/// <summary>The plugins that are on by default, over the wire; texts from upstream's source.</summary>
public sealed class DefaultPluginsTests(ServerFixture fixture)
{
    private readonly AdmissionClient _client = new(fixture.Admin);

    [Fact]
    public async Task Limit_ranges_give_defaults_and_keep_limits()
    {
        var ns = await _client.NamespaceAsync();
        await _client.PostAsync($"/api/v1/namespaces/{ns}/limitranges", """{"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","defaultRequest":{"cpu":"100m"},"default":{"cpu":"200m","memory":"64Mi"},"max":{"cpu":"300m"},"min":{"cpu":"50m"},"maxLimitRequestRatio":{"cpu":"3"}},{"type":"Pod","max":{"memory":"128Mi"}}]}}""");
        var pods = $"/api/v1/namespaces/{ns}/pods?dryRun=All";

        var pod = await UntilAsync("limit-ranger", () => _client.PostAsync(pods, AdmissionClient.Pod("p")));
        Assert.Null(Text(pod, "message"));
        Assert.Equal("""{"limits":{"cpu":"200m","memory":"64Mi"},"requests":{"cpu":"100m","memory":"64Mi"}}""", pod["spec"]!["containers"]![0]!["resources"]!.ToJsonString());
        Assert.Equal("LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c", Text(pod, "metadata", "annotations", "kubernetes.io/limit-ranger"));

        var refused = await _client.PostAsync(pods, AdmissionClient.Pod("p", "", """ "resources":{"requests":{"cpu":"10m"},"limits":{"cpu":"400m","memory":"256Mi"}} """));
        Assert.Equal("pods \"p\" is forbidden: [minimum cpu usage per Container is 50m, but request is 10m, maximum cpu usage per Container is 300m, but limit is 400m, cpu max limit to request ratio per Container is 3, but provided ratio is 40.000000, maximum memory usage per Pod is 128Mi, but limit is 256Mi]", Text(refused, "message"));
    }

    [Fact]
    public async Task Claims_keep_within_limits()
    {
        var ns = await _client.NamespaceAsync();
        await _client.PostAsync($"/api/v1/namespaces/{ns}/limitranges", """{"metadata":{"name":"l"},"spec":{"limits":[{"type":"PersistentVolumeClaim","min":{"storage":"1Gi"},"max":{"storage":"2Gi"}}]}}""");
        foreach (var (size, message) in ((string, string)[])[("500Mi", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi"), ("3Gi", "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi")])
        {
            var refused = await _client.PostAsync($"/api/v1/namespaces/{ns}/persistentvolumeclaims?dryRun=All", $$$"""{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"{{{size}}}"} } } }""");
            Assert.Equal($"persistentvolumeclaims \"c\" is forbidden: {message}", Text(refused, "message"));
        }
    }

    [Fact]
    public async Task Quotas_are_charged_and_kept()
    {
        var ns = await _client.NamespaceAsync();
        var quotas = $"/api/v1/namespaces/{ns}/resourcequotas";
        var pods = $"/api/v1/namespaces/{ns}/pods";
        await _client.PostAsync(quotas, """{"metadata":{"name":"q"},"spec":{"hard":{"pods":"2","requests.cpu":"300m","count/configmaps":"1"}}}""");
        await _client.PatchAsync(quotas + "/q/status", """{"status":{"hard":{"pods":"2","requests.cpu":"300m","count/configmaps":"1"}}}""");
        Assert.Equal("pods \"p\" is forbidden: status unknown for quota: q, resources: pods,requests.cpu", Text(await UntilAsync("status unknown", () => _client.PostAsync(pods + "?dryRun=All", AdmissionClient.Pod("p", "", """ "resources":{"requests":{"cpu":"1m"}} """))), "message"));
        await _client.PatchAsync(quotas + "/q/status", """{"status":{"hard":{"pods":"2","requests.cpu":"300m","count/configmaps":"1"},"used":{"pods":"0","requests.cpu":"0","count/configmaps":"0"}}}""");

        Assert.Equal("pods \"p\" is forbidden: failed quota: q: must specify requests.cpu for: c", Text(await UntilAsync("must specify", () => _client.PostAsync(pods, AdmissionClient.Pod("p"))), "message"));
        Assert.Equal("Pod", Text(await _client.PostAsync(pods, AdmissionClient.Pod("a", "", """ "resources":{"requests":{"cpu":"200m"}} """)), "kind"));
        Assert.Equal("pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=200m, used: requests.cpu=200m, limited: requests.cpu=300m", Text(await _client.PostAsync(pods, AdmissionClient.Pod("b", "", """ "resources":{"requests":{"cpu":"200m"}} """)), "message"));
        // A dry run is judged and not charged.
        Assert.Equal("Pod", Text(await _client.PostAsync(pods + "?dryRun=All", AdmissionClient.Pod("b", "", """ "resources":{"requests":{"cpu":"100m"}} """)), "kind"));
        Assert.Equal("""{"count/configmaps":"0","pods":"1","requests.cpu":"200m"}""", (await _client.SendAsync(HttpMethod.Get, quotas + "/q"))["status"]!["used"]!.ToJsonString());

        await _client.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        Assert.Equal("configmaps \"b\" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1", Text(await _client.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"b"}}"""), "message"));
    }

    [Fact]
    public async Task Concurrent_writes_share_a_quota()
    {
        var ns = await _client.NamespaceAsync();
        var quota = $"/api/v1/namespaces/{ns}/resourcequotas/q";
        await _client.PostAsync($"/api/v1/namespaces/{ns}/resourcequotas", """{"metadata":{"name":"q"},"spec":{"hard":{"count/configmaps":"5"}}}""");
        await _client.PatchAsync(quota + "/status", """{"status":{"hard":{"count/configmaps":"5"},"used":{"count/configmaps":"0"}}}""");
        await UntilAsync("ConfigMap", () => _client.PostAsync($"/api/v1/namespaces/{ns}/configmaps?dryRun=All", """{"metadata":{"name":"dry"}}"""));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _client.PostAsync($"/api/v1/namespaces/{ns}/configmaps", $$$"""{"metadata":{"name":"m{{{i}}}"}}""")));
        Assert.Equal(5, answers.Count(answer => Text(answer, "kind") == "ConfigMap"));
        Assert.All(answers.Where(answer => Text(answer, "kind") != "ConfigMap"), answer => Assert.Contains("exceeded quota: q", Text(answer, "message"), StringComparison.Ordinal));
        Assert.Equal("5", Text(await _client.SendAsync(HttpMethod.Get, quota), "status", "used", "count/configmaps"));
    }

    [Fact]
    public async Task The_newest_default_storage_class_is_taken()
    {
        var ns = await _client.NamespaceAsync();
        await _client.PostAsync("/apis/storage.k8s.io/v1/storageclasses", """{"metadata":{"name":"t-default","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"p"}""");
        try
        {
            var claims = $"/api/v1/namespaces/{ns}/persistentvolumeclaims?dryRun=All";
            var claim = await UntilAsync("storageClassName", () => _client.PostAsync(claims, """{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"""));
            Assert.Equal("t-default", Text(claim, "spec", "storageClassName"));
            var none = await _client.PostAsync(claims, """{"metadata":{"name":"c"},"spec":{"storageClassName":"","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""");
            Assert.Equal("", Text(none, "spec", "storageClassName"));
        }
        finally
        {
            await _client.SendAsync(HttpMethod.Delete, "/apis/storage.k8s.io/v1/storageclasses/t-default");
        }
    }

    [Fact]
    public async Task Only_bound_claims_grow()
    {
        var ns = await _client.NamespaceAsync();
        var claim = $"/api/v1/namespaces/{ns}/persistentvolumeclaims/c";
        await _client.PostAsync($"/api/v1/namespaces/{ns}/persistentvolumeclaims", """{"metadata":{"name":"c"},"spec":{"storageClassName":"s","volumeName":"v","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""");
        await _client.PatchAsync(claim + "/status", """{"status":{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"}}}""");
        Assert.Equal(
            "persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
            Text(await _client.PatchAsync(claim, """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}"""), "message"));
    }

    [Fact]
    public async Task A_runtime_class_brings_overhead_and_selectors()
    {
        var ns = await _client.NamespaceAsync();
        await _client.PostAsync("/apis/node.k8s.io/v1/runtimeclasses", """{"metadata":{"name":"t-sandbox"},"handler":"h","overhead":{"podFixed":{"cpu":"10m"}},"scheduling":{"nodeSelector":{"a":"b"},"tolerations":[{"key":"k","operator":"Exists","effect":"NoSchedule"}]}}""");
        var pods = $"/api/v1/namespaces/{ns}/pods?dryRun=All";
        var pod = await _client.PostAsync(pods, AdmissionClient.Pod("p", """ "runtimeClassName":"t-sandbox" """));
        Assert.Equal("""{"cpu":"10m"}""", pod["spec"]!["overhead"]!.ToJsonString());
        Assert.Equal("""{"a":"b"}""", pod["spec"]!["nodeSelector"]!.ToJsonString());
        Assert.Equal("k", Text(pod["spec"]!["tolerations"]!.AsArray()[^1]!, "key"));
        foreach (var (spec, message) in ((string, string)[])[
            (""" "runtimeClassName":"t-none" """, "pod rejected: RuntimeClass \"t-none\" not found"),
            (""" "runtimeClassName":"t-sandbox","overhead":{"cpu":"20m"} """, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"),
            (""" "overhead":{"cpu":"20m"} """, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"),
            (""" "runtimeClassName":"t-sandbox","nodeSelector":{"a":"c"} """, "conflict: runtimeClass.scheduling.nodeSelector[a] = b; pod.spec.nodeSelector[a] = c")])
        {
            Assert.Equal($"pods \"p\" is forbidden: {message}", Text(await _client.PostAsync(pods, AdmissionClient.Pod("p", spec)), "message"));
        }
    }

    [Fact]
    public async Task A_bound_pod_carries_the_zone_of_its_node()
    {
        var ns = await _client.NamespaceAsync();
        await _client.PostAsync("/api/v1/nodes", """{"metadata":{"name":"t-zoned","labels":{"topology.kubernetes.io/zone":"z","topology.kubernetes.io/region":"r","other":"o"}}}""");
        await _client.PostAsync($"/api/v1/namespaces/{ns}/pods", AdmissionClient.Pod("p"));
        Assert.Equal("Success", Text(await _client.PostAsync($"/api/v1/namespaces/{ns}/pods/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"t-zoned"}}"""), "status"));
        var pod = await _client.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods/p");
        Assert.Equal(["topology.kubernetes.io/region=r", "topology.kubernetes.io/zone=z"], pod["metadata"]!["labels"]!.AsObject().Select(label => $"{label.Key}={label.Value}").Order());
    }

    [Fact]
    public async Task Pod_security_enforces_warns_and_reviews_namespaces()
    {
        var ns = await _client.NamespaceAsync(""" "labels":{"pod-security.kubernetes.io/warn":"baseline"} """);
        var pods = $"/api/v1/namespaces/{ns}/pods";
        var warned = await _client.PostAsync(pods, AdmissionClient.Pod("p", """ "hostPID":true """));
        Assert.Equal("""299 - "would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)" """.TrimEnd(), warned["$warnings"]![0]!.GetValue<string>());
        var deployment = await _client.PostAsync($"/apis/apps/v1/namespaces/{ns}/deployments?dryRun=All", $$$"""{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"hostPID":true,"containers":[{"name":"c","image":"i"}]} } } }""");
        Assert.Equal(warned["$warnings"]![0]!.GetValue<string>(), deployment["$warnings"]![0]!.GetValue<string>());

        var labelled = await _client.PatchAsync($"/api/v1/namespaces/{ns}", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}""");
        Assert.Equal(
            [$"299 - \"existing pods in namespace \\\"{ns}\\\" violate the new PodSecurity enforce level \\\"baseline:latest\\\"\"", "299 - \"p: host namespaces\""],
            labelled["$warnings"]!.AsArray().Select(warning => warning!.GetValue<string>()));
        var refused = await UntilAsync("violates", () => _client.PostAsync(pods, AdmissionClient.Pod("q", """ "hostPID":true """)));
        Assert.Equal("pods \"q\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)", Text(refused, "message"));
        var invalid = await _client.PatchAsync($"/api/v1/namespaces/{ns}", """{"metadata":{"labels":{"pod-security.kubernetes.io/audit":"some"}}}""");
        Assert.Equal($"Namespace \"{ns}\" is invalid: metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: \"some\": must be one of privileged, baseline, restricted", Text(invalid, "message"));
    }

    private static string? Text(JsonNode node, params string[] path) => path.Aggregate((JsonNode?)node, (at, name) => at?[name])?.GetValue<string>();

    /// <summary>Caches follow a write in a moment: asks again until the answer holds a word.</summary>
    private static async Task<JsonNode> UntilAsync(string word, Func<Task<JsonNode>> ask)
    {
        for (var attempt = 0; ; attempt++)
        {
            var answer = await ask();
            if (attempt == 50 || answer.ToJsonString().Contains(word, StringComparison.Ordinal))
                return answer;
        }
    }
}
