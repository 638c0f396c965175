using KubeSharp.ApiServer.Tests.Clients;

namespace KubeSharp.Tests;

/// <summary>Commands of the real kubectl that lean on the server for more than create, read, update and delete.</summary>
public sealed class KubectlCommandTests(HollowCluster cluster) : IClassFixture<HollowCluster>
{
    [Fact]
    public async Task Server_side_apply_knows_who_owns_a_field()
    {
        var kubectl = await cluster.NamespaceAsync("applies");
        static string Settings(string data) => $$"""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings, namespace: applies}
            data: {{data}}
            """;
        const string Data = "-n applies get configmap settings -o jsonpath={.data}";
        Assert.Equal("configmap/settings serverside-applied\n", await kubectl.RunAsync("apply --server-side -f -", Settings("{colour: red, size: small}")));
        var version = await kubectl.RunAsync("-n applies get configmap settings -o jsonpath={.metadata.resourceVersion}");
        await kubectl.RunAsync("apply --server-side -f -", Settings("{colour: red, size: small}"));
        Assert.Equal(version, await kubectl.RunAsync("-n applies get configmap settings -o jsonpath={.metadata.resourceVersion}"));
        await kubectl.RunAsync("apply --server-side -f -", Settings("{colour: blue}"));
        Assert.Equal("{\"colour\":\"blue\"}", await kubectl.RunAsync(Data));

        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.colour", await kubectl.FailAsync("apply --server-side --field-manager=other -f -", Settings("{colour: green}"), exitCode: 1), StringComparison.Ordinal);
        Assert.Equal("{\"colour\":\"blue\"}", await kubectl.RunAsync(Data));
        await kubectl.RunAsync("apply --server-side --field-manager=other --force-conflicts -f -", Settings("{colour: green}"));
        Assert.Equal("{\"colour\":\"green\"}", await kubectl.RunAsync(Data));
        Assert.Equal("other", await kubectl.RunAsync("-n applies get configmap settings --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}"));
        Assert.Contains("conflict with \"other\": .data.colour", await kubectl.FailAsync("apply --server-side -f -", Settings("{colour: blue}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" --server-side")]
    public async Task Diff_says_by_its_exit_code_whether_anything_would_change(string how)
    {
        var name = "diff" + how.Trim();
        var kubectl = await cluster.NamespaceAsync(name);
        var manifest = $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: none
              namespace: {{name}}
            spec:
              replicas: 0
              selector:
                matchLabels: {a: b}
              template:
                metadata:
                  labels: {a: b}
                spec: {containers: [{name: c, image: "image:1"}]}
            """;
        await kubectl.RunAsync($"apply{how} -f -", manifest);
        Assert.Equal("", await kubectl.RunAsync($"diff{how} -f -", manifest));
        var changed = manifest.Replace("image:1", "image:2", StringComparison.Ordinal);
        var difference = await kubectl.FailAsync($"diff{how} -f -", changed, exitCode: 1);
        Assert.Contains("-      - image: image:1\n+      - image: image:2\n", difference, StringComparison.Ordinal);
        Assert.Equal("image:1", await kubectl.RunAsync($"-n {name} get deployment none -o jsonpath={{.spec.template.spec.containers[0].image}}"));
        var added = await kubectl.FailAsync($"diff{how} -f -", manifest.Replace("name: none", "name: another", StringComparison.Ordinal), exitCode: 1);
        Assert.Contains("+  name: another\n", added, StringComparison.Ordinal);
        Assert.Contains("not found", await kubectl.FailAsync($"-n {name} get deployment another"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_are_reconciled_and_hold_for_the_token_of_an_account()
    {
        var kubectl = await cluster.NamespaceAsync("rules");
        const string Manifest = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reader, namespace: rules}
            rules:
            - {apiGroups: [""], resources: [configmaps], verbs: [get, list]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: reader, namespace: rules}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
            subjects:
            - {kind: ServiceAccount, name: robot, namespace: rules}
            """;
        const string As = "--as=system:serviceaccount:rules:robot";
        await kubectl.RunAsync("-n rules create serviceaccount robot");
        Assert.Equal("no\n", await kubectl.TryAsync($"-n rules auth can-i list configmaps {As}"));
        const string Reconciled = "role.rbac.authorization.k8s.io/reader reconciled\nrolebinding.rbac.authorization.k8s.io/reader reconciled\n";
        Assert.StartsWith(Reconciled, await kubectl.RunAsync("auth reconcile -f -", Manifest), StringComparison.Ordinal);
        await kubectl.WaitAsync($"-n rules auth can-i list configmaps {As}", "yes");
        await kubectl.FailAsync($"-n rules auth can-i delete configmaps {As}", exitCode: 1);
        await kubectl.FailAsync($"-n default auth can-i list configmaps {As}", exitCode: 1);
        Assert.Matches(@"(?m)^configmaps +\[\] +\[\] +\[get list\]$", await kubectl.RunAsync($"-n rules auth can-i --list {As}"));
        var everything = await kubectl.RunAsync("auth can-i --list");
        Assert.Matches(@"(?m)^\*\.\* +\[\] +\[\] +\[\*\]$", everything);
        Assert.Matches(@"(?m)^ +\[\*\] +\[\] +\[\*\]$", everything);
        Assert.Matches(@"(?m)^selfsubjectreviews\.authentication\.k8s\.io +\[\] +\[\] +\[create\]$", everything);

        // Reconciling adds what is missing, and takes away only when told to.
        var widened = Manifest.Replace("[get, list]", "[watch]", StringComparison.Ordinal);
        await kubectl.RunAsync("auth reconcile -f -", widened);
        Assert.Equal("[\"get\",\"list\"] [\"watch\"]", await kubectl.RunAsync("-n rules get role reader -o jsonpath={.rules[*].verbs}"));
        await kubectl.RunAsync("auth reconcile --remove-extra-permissions -f -", widened);
        Assert.Equal("[\"watch\"]", await kubectl.RunAsync("-n rules get role reader -o jsonpath={.rules[*].verbs}"));
        await kubectl.RunAsync("auth reconcile --remove-extra-permissions -f -", Manifest);

        var token = (await kubectl.RunAsync("-n rules create token robot --duration=1h")).Trim();
        var name = await kubectl.RunAsync("config view -o jsonpath={.clusters[0].name}");
        await kubectl.RunAsync($"config set-credentials robot --token={token}");
        await kubectl.RunAsync($"config set-context robot --cluster={name} --user=robot --namespace=rules");
        Assert.Matches(@"Username +system:serviceaccount:rules:robot\n", await kubectl.RunAsync("--context=robot auth whoami"));
        Assert.Contains("kube-root-ca.crt", await kubectl.RunAsync("--context=robot get configmaps"), StringComparison.Ordinal);
        Assert.Contains(
            "secrets is forbidden: User \"system:serviceaccount:rules:robot\" cannot list resource \"secrets\" in API group \"\" in the namespace \"rules\"",
            await kubectl.FailAsync("--context=robot get secrets", exitCode: 1),
            StringComparison.Ordinal);
        await kubectl.RunAsync("-n rules delete serviceaccount robot");
        Assert.Contains("Unauthorized", await WhenRefusedAsync(kubectl, "--context=robot get configmaps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_tell_of_one_object_and_wait_of_its_end()
    {
        var kubectl = await cluster.NamespaceAsync("tales");
        await kubectl.RunAsync("create -f -", """
            apiVersion: v1
            kind: Pod
            metadata: {name: huge, namespace: tales}
            spec: {containers: [{name: c, image: c, resources: {requests: {cpu: "1000"}}}]}
            """);
        await kubectl.RunAsync("-n tales run small --image=nginx");
        await kubectl.WaitAsync("-n tales events --for=pod/huge --no-headers", "FailedScheduling");
        Assert.Matches(@"Warning +FailedScheduling +Pod/huge +0/2 nodes are available: 2 Insufficient cpu\.", await kubectl.RunAsync("-n tales events --for=pod/huge"));
        Assert.Equal("", await kubectl.RunAsync("-n tales events --for=pod/huge --types=Normal"));
        Assert.Equal("pod/small condition met\n", await kubectl.RunAsync("-n tales wait --for=condition=Ready pod/small --timeout=30s"));
        Assert.Equal("pod/huge condition met\n", await kubectl.RunAsync("-n tales wait --for=condition=PodScheduled=False pod/huge --timeout=30s"));
        Assert.Equal("pod/small condition met\n", await kubectl.RunAsync("-n tales wait --for=jsonpath={.status.phase}=Running pod/small --timeout=30s"));
        Assert.Contains("timed out waiting for the condition on pods/huge", await kubectl.FailAsync("-n tales wait --for=condition=Ready pod/huge --timeout=1s", exitCode: 1), StringComparison.Ordinal);

        var gone = kubectl.RunAsync("-n tales wait --for=delete pod/small --timeout=30s");
        await kubectl.RunAsync("-n tales delete pod small --wait=false");
        await gone;
        Assert.Contains("not found", await kubectl.FailAsync("-n tales get pod small"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_moves_pods_as_far_as_a_budget_allows()
    {
        var kubectl = await cluster.NamespaceAsync("drained");
        await kubectl.RunAsync("-n drained create deployment web --image=nginx --replicas=4");
        await kubectl.RunAsync("-n drained rollout status deployment/web --timeout=30s");
        await kubectl.RunAsync("-n drained create poddisruptionbudget web --selector=app=web --min-available=1");
        const string Nodes = "-n drained get pods -l app=web -o jsonpath={.items[*].spec.nodeName}";
        Assert.Contains("hollow-0", await kubectl.RunAsync(Nodes), StringComparison.Ordinal);
        try
        {
            // The budget's own controller would count these.
            await AllowAsync(kubectl, 0);
            var refused = await kubectl.FailAsync("drain hollow-0 --ignore-daemonsets --timeout=1s --pod-selector=app=web", exitCode: 1);
            Assert.Contains("Cannot evict pod as it would violate the pod's disruption budget.", refused, StringComparison.Ordinal);
            Assert.Contains("hollow-0", await kubectl.RunAsync(Nodes), StringComparison.Ordinal);
            await AllowAsync(kubectl, 3);
            var drained = await kubectl.RunAsync("drain hollow-0 --ignore-daemonsets --timeout=30s --pod-selector=app=web");
            Assert.Matches(@"pod/web-\S+ evicted\n", drained);
            Assert.Contains("node/hollow-0 drained\n", drained, StringComparison.Ordinal);
            Assert.Matches(@"hollow-0 +Ready,SchedulingDisabled ", await kubectl.RunAsync("get nodes"));
            await kubectl.RunAsync("-n drained rollout status deployment/web --timeout=30s");
            await kubectl.WaitAsync("-n drained get pods -l app=web --field-selector=spec.nodeName=hollow-0 -o name", "");
            Assert.Equal("hollow-1 hollow-1 hollow-1 hollow-1", await kubectl.RunAsync(Nodes));
        }
        finally
        {
            await kubectl.RunAsync("uncordon hollow-0");
        }

        Assert.Equal("", await kubectl.RunAsync("get node hollow-0 -o jsonpath={.spec.unschedulable}"));
        await kubectl.RunAsync("-n drained scale deployment web --replicas=8");
        await kubectl.RunAsync("-n drained rollout status deployment/web --timeout=30s");
        Assert.Contains("hollow-0", await kubectl.RunAsync(Nodes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quota_and_a_limit_range_bound_a_namespace()
    {
        var kubectl = await cluster.NamespaceAsync("bounded");
        await kubectl.RunAsync("create -f -", """
            apiVersion: v1
            kind: LimitRange
            metadata: {name: sizes, namespace: bounded}
            spec:
              limits:
              - type: Container
                default: {cpu: 200m}
                defaultRequest: {cpu: 100m}
                max: {cpu: "1"}
            """);
        await kubectl.RunAsync("-n bounded create quota few --hard=pods=1,requests.cpu=500m");
        await kubectl.WaitAsync("-n bounded get quota few -o jsonpath={.status.hard.pods}", "1");
        static string Pod(string name, string limit) => $$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{name}}, namespace: bounded}
            spec:
              containers:
              - {name: c, image: c{{limit}} }
            """;
        Assert.Contains(
            "pods \"large\" is forbidden: maximum cpu usage per Container is 1, but limit is 2",
            await kubectl.FailAsync("create -f -", Pod("large", ", resources: {limits: {cpu: \"2\"}, requests: {cpu: 100m}}")),
            StringComparison.Ordinal);
        Assert.Contains(
            "pods \"hungry\" is forbidden: exceeded quota: few, requested: requests.cpu=600m, used: requests.cpu=0, limited: requests.cpu=500m",
            await kubectl.FailAsync("create -f -", Pod("hungry", ", resources: {limits: {cpu: \"1\"}, requests: {cpu: 600m}}")),
            StringComparison.Ordinal);
        await kubectl.RunAsync("create -f -", Pod("first", ""));
        Assert.Equal("{\"limits\":{\"cpu\":\"200m\"},\"requests\":{\"cpu\":\"100m\"}}", await kubectl.RunAsync("-n bounded get pod first -o jsonpath={.spec.containers[0].resources}"));
        Assert.Contains(
            "pods \"second\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1",
            await kubectl.FailAsync("create -f -", Pod("second", "")),
            StringComparison.Ordinal);
        Assert.Contains("pods: 1/1, requests.cpu: 100m/500m", await kubectl.RunAsync("-n bounded get quota few"), StringComparison.Ordinal);
        await kubectl.RunAsync("-n bounded delete pod first --timeout=30s");
        await kubectl.WaitAsync("-n bounded get quota few", "pods: 0/1");
        await kubectl.RunAsync("create -f -", Pod("second", ""));
    }

    [Fact]
    public async Task A_custom_resource_is_defined_used_and_removed()
    {
        var kubectl = await cluster.NamespaceAsync("custom");
        const string Definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.commands.example.com}
            spec:
              group: commands.example.com
              scope: Namespaced
              names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wgt], categories: [toys]}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
                additionalPrinterColumns:
                - {name: Size, type: integer, jsonPath: .spec.size}
                - {name: Colour, type: string, jsonPath: .spec.colour, priority: 1}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        properties:
                          size: {type: integer, minimum: 1}
                          colour: {type: string, default: red}
                      status:
                        type: object
                        properties:
                          size: {type: integer}
            """;
        static string Widget(int size) => $$"""
            apiVersion: commands.example.com/v1
            kind: Widget
            metadata: {name: w, namespace: custom}
            spec:
              size: {{size}}
            """;
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/widgets.commands.example.com created\n", await kubectl.RunAsync("apply -f -", Definition));
        Assert.Contains("condition met", await kubectl.RunAsync("wait --for=condition=Established crd/widgets.commands.example.com --timeout=30s"), StringComparison.Ordinal);
        Assert.Matches(@"widgets +wgt +commands\.example\.com/v1 +true +Widget", await kubectl.RunAsync("api-resources --api-group=commands.example.com"));
        Assert.Equal("widget.commands.example.com/w created\n", await kubectl.RunAsync("apply -f -", Widget(3)));
        Assert.Equal("widget.commands.example.com/w unchanged\n", await kubectl.RunAsync("apply -f -", Widget(3)));
        Assert.Matches(@"^NAME +SIZE\nw +3\n$", await kubectl.RunAsync("-n custom get wgt"));
        Assert.Matches(@"^NAME +SIZE +COLOUR\nw +3 +red\n$", await kubectl.RunAsync("-n custom get toys -o wide"));
        Assert.Contains(
            "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1",
            await kubectl.FailAsync("apply -f -", Widget(0), exitCode: 1),
            StringComparison.Ordinal);
        Assert.Equal("widget.commands.example.com/w configured\n", await kubectl.RunAsync("apply -f -", Widget(4)));
        Assert.Equal("widget.commands.example.com/w serverside-applied\n", await kubectl.RunAsync("apply --server-side -f -", Widget(5)));
        await kubectl.RunAsync("-n custom patch widget w --type=merge -p {\"spec\":{\"colour\":\"blue\"}}");
        Assert.Equal("widget.commands.example.com/w scaled\n", await kubectl.RunAsync("-n custom scale widget w --replicas=6"));
        await kubectl.RunAsync("-n custom patch widget w --subresource=status --type=merge -p {\"status\":{\"size\":6},\"spec\":{\"size\":9}}");
        Assert.Equal("{\"colour\":\"blue\",\"size\":6} {\"size\":6}", await kubectl.RunAsync("-n custom get widget w -o jsonpath={.spec}{\"\\u0020\"}{.status}"));
        await kubectl.RunAsync("-n custom label widget w a=b");
        Assert.Equal("widget.commands.example.com/w\n", await kubectl.RunAsync("get widgets -A -l a=b -o name"));
        Assert.Contains("deleted", await kubectl.RunAsync("delete crd widgets.commands.example.com --timeout=30s"), StringComparison.Ordinal);
        Assert.DoesNotContain("widgets", await kubectl.RunAsync("api-resources --cached=false"), StringComparison.Ordinal);
    }

    /// <summary>Says that the budget's disruptions were counted.</summary>
    private static Task<string> AllowAsync(Kubectl kubectl, int disruptions) => kubectl.RunAsync(
        "-n drained patch poddisruptionbudget web --subresource=status --type=merge -p "
        + $"{{\"status\":{{\"disruptionsAllowed\":{disruptions},\"currentHealthy\":4,\"desiredHealthy\":1,\"expectedPods\":4,\"observedGeneration\":1}}}}");

    /// <summary>Runs a command until it is refused; returns what it says then.</summary>
    private static async Task<string> WhenRefusedAsync(Kubectl kubectl, string arguments)
    {
        for (var attempt = 0; attempt < 50 && (await kubectl.TryAsync(arguments)).Length > 0; attempt++)
            await Task.Delay(200, TestContext.Current.CancellationToken);
        return await kubectl.FailAsync(arguments);
    }
}
