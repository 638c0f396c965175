using System.Diagnostics;

namespace KubeSharp.Tests;

/// <summary>Python's kubernetes client, of Debian's packages (hack/fetch-python-client), does what its users do.</summary>
public sealed class PythonClientTests
{
    private const string Program = """
        import sys, threading
        from kubernetes import client, config, watch
        config.load_kube_config(sys.argv[1])
        core, apps = client.CoreV1Api(), client.AppsV1Api()
        core.create_namespace({"metadata": {"name": "py"}})
        first = core.create_namespaced_config_map("py", {"metadata": {"name": "a"}, "data": {"k": "1"}})
        assert first.metadata.uid and first.metadata.resource_version, first
        seen = []
        def follow():
            for event in watch.Watch().stream(core.list_namespaced_config_map, "py", resource_version=first.metadata.resource_version, timeout_seconds=20):
                seen.append((event["type"], event["object"].metadata.name))
                if event["type"] == "DELETED":
                    return
        follower = threading.Thread(target=follow)
        follower.start()
        core.patch_namespaced_config_map("a", "py", {"data": {"k": "2"}})
        read = core.read_namespaced_config_map("a", "py")
        assert read.data == {"k": "2"}, read
        read.data["k"] = "3"
        core.replace_namespaced_config_map("a", "py", read)
        try:
            core.replace_namespaced_config_map("a", "py", read)
            raise AssertionError("an old resource version was accepted")
        except client.ApiException as error:
            assert error.status == 409, error
        assert [c.data["k"] for c in core.list_namespaced_config_map("py", field_selector="metadata.name=a").items] == ["3"]
        core.delete_namespaced_config_map("a", "py")
        follower.join(20)
        assert seen == [("MODIFIED", "a"), ("MODIFIED", "a"), ("DELETED", "a")], seen
        apps.create_namespaced_deployment("py", {"metadata": {"name": "web"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}})
        scale = apps.read_namespaced_deployment_scale("web", "py")
        assert scale.spec.replicas == 2, scale
        apps.patch_namespaced_deployment_scale("web", "py", {"spec": {"replicas": 4}})
        assert apps.read_namespaced_deployment("web", "py").spec.replicas == 4
        try:
            core.read_namespaced_pod("none", "py")
            raise AssertionError("a missing pod was found")
        except client.ApiException as error:
            assert error.status == 404 and error.reason == "Not Found", error
        print("done")
        """;

    [Fact]
    public async Task Creates_watches_changes_and_deletes()
    {
        var library = Find() ?? throw new InvalidOperationException();
        await using var server = new ServerProcess("kube-apiserver");
        await server.StartAsync();
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = library;
        foreach (var argument in (string[])["-c", Program, server.Kubeconfig])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, await error);
        Assert.Equal("done\n", await output);
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "artifacts/python-client/usr/lib/python3/dist-packages");
            if (Directory.Exists(candidate) && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, "python3"))))
                return candidate;
        }

        Assert.Skip("there is no python3, or hack/fetch-python-client could not bring the client");
        return null;
    }
}
