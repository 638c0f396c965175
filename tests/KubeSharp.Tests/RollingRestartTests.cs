using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using KubeSharp.ApiServer.Tests.Clients;
using KubeSharp.Storage.Tests.Etcd;

namespace KubeSharp.Tests;

/// <summary>
/// Three servers over one etcd, behind a plain TCP balancer, restarted one after the other while stock clients write and watch.
/// </summary>
public sealed class RollingRestartTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_hear_of_every_write_and_every_write_is_there()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        await using var one = Server(etcd);
        await using var two = Server(etcd);
        await using var three = Server(etcd);
        await one.StartAsync();
        foreach (var other in (ServerProcess[])[two, three])
        {
            Copy(Path.Combine(one.DataDirectory, "pki"), Path.Combine(other.DataDirectory, "pki"));
            await other.StartAsync();
        }

        ServerProcess[] servers = [one, two, three];
        await using var balancer = new TcpBalancer([.. servers.Select(server => new Uri(server.Url).Port)]);
        var kubeconfig = Path.Combine(one.DataDirectory, "balanced.conf");
        await File.WriteAllTextAsync(kubeconfig, (await File.ReadAllTextAsync(one.Kubeconfig, Stop)).Replace(one.Url, $"https://127.0.0.1:{balancer.Port}", StringComparison.Ordinal), Stop);

        using var informing = new CancellationTokenSource();
        var informer = new ConfigMapInformer(kubeconfig);
        var informed = informer.RunAsync(informing.Token);
        await informer.Synced.WaitAsync(Stop);
        using var done = new CancellationTokenSource();
        var ledger = new Ledger();
        var writers = Enumerable.Range(0, 3).Select(writer => WriteAsync(kubeconfig, $"client-{writer}", ledger, done.Token)).Append(KubectlAsync(kubeconfig, ledger, done.Token)).ToArray();

        foreach (var server in servers)
        {
            await Task.Delay(500, Stop);
            Assert.Equal(0, await server.TerminateAsync());
            await server.StartAgainAsync();
        }

        await Task.Delay(500, Stop);
        await done.CancelAsync();
        await Task.WhenAll(writers);

        // The last word to everybody.
        var last = await new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig))
            .CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "last" } }, "default", cancellationToken: Stop);
        await informer.HasSeenAsync(last.Metadata.ResourceVersion).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        await informing.CancelAsync();
        await informed;

        Assert.True(ledger.Acknowledged.Count > 200, $"{ledger.Acknowledged.Count} writes");
        Assert.True(ledger.KubectlWrites > 5, $"{ledger.KubectlWrites} writes of kubectl");
        Assert.Empty(ledger.Contradictions);
        Assert.Equal(1, informer.Lists);
        Assert.True(informer.Watches > 1, "no watch was ended: nothing was restarted under it");
        Assert.Empty(informer.OutOfOrder);
        foreach (var version in ledger.Acknowledged)
            Assert.True(informer.Seen.Contains(version), $"the informer never saw the write {version}");

        // What everybody was told last is what is there.
        var found = (await one.Kubectl().RunAsync("get configmaps -n default -o jsonpath={range.items[*]}{.metadata.name}={.metadata.resourceVersion}{\"\\n\"}{end}"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        foreach (var (name, expected) in ledger.Objects)
        {
            if (expected is { Length: > 0 })
                Assert.Equal(expected, found.GetValueOrDefault(name));
            else if (expected is "")
                Assert.DoesNotContain(name, found.Keys);
        }

        Assert.Equal(found.OrderBy(pair => pair.Key, StringComparer.Ordinal), informer.State.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    private static ServerProcess Server(EtcdCluster etcd) => new("server", "--etcd-servers", etcd.Endpoints[0], "--shutdown-delay-duration", "300ms");

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    /// <summary>Creates, changes and deletes until told to end, and notes what it was told.</summary>
    private static async Task WriteAsync(string kubeconfig, string prefix, Ledger ledger, CancellationToken done)
    {
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            var name = $"{prefix}-{i}";
            var created = await ledger.TryAsync(name, () => client.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = name } }, "default", cancellationToken: Stop));
            if (created is null)
                continue;
            created.Data = new Dictionary<string, string> { ["a"] = "b" };
            var updated = await ledger.TryAsync(name, () => client.CoreV1.ReplaceNamespacedConfigMapAsync(created, name, "default", cancellationToken: Stop));
            if (updated is not null && i % 3 == 0)
                await ledger.TryDeleteAsync(name, () => client.CoreV1.DeleteNamespacedConfigMapAsync(name, "default", cancellationToken: Stop));
            await Task.Delay(5, Stop);
        }
    }

    private static async Task KubectlAsync(string kubeconfig, Ledger ledger, CancellationToken done)
    {
        var kubectl = new Kubectl(kubeconfig);
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            var version = await kubectl.TryAsync($"create configmap kubectl-{i} -n default --from-literal=a=b -o jsonpath={{.metadata.resourceVersion}}");
            if (version.Length > 0)
                ledger.NoteKubectl($"kubectl-{i}", version);
        }
    }

    /// <summary>What clients were told of their writes.</summary>
    private sealed class Ledger
    {
        /// <summary>The resource version that the last acknowledged write gave; empty: deleted; null: the outcome is not known.</summary>
        public ConcurrentDictionary<string, string?> Objects { get; } = [];

        public ConcurrentBag<string> Acknowledged { get; } = [];

        /// <summary>Answers that cannot be: an object of which nobody else knows is there already, or is not there any more.</summary>
        public ConcurrentBag<string> Contradictions { get; } = [];

        public int KubectlWrites { get; private set; }

        public void NoteKubectl(string name, string version)
        {
            KubectlWrites++;
            Note(name, version);
        }

        public async Task<V1ConfigMap?> TryAsync(string name, Func<Task<V1ConfigMap>> write)
        {
            try
            {
                var result = await write();
                Note(name, result.Metadata.ResourceVersion);
                return result;
            }
            catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
            {
                // Refused, and told so: nothing has happened.
                return null;
            }
            catch (HttpOperationException exception)
            {
                Contradictions.Add($"{name}: {exception.Response.Content}");
                return null;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The connection broke: the client knows that it does not know.
                Objects[name] = null;
                await Task.Delay(20, Stop);
                return null;
            }
        }

        public async Task TryDeleteAsync(string name, Func<Task<V1Status>> delete)
        {
            try
            {
                await delete();
                Objects[name] = "";
            }
            catch (HttpOperationException exception) when (exception.Response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
            {
                // Refused.
            }
            catch (HttpOperationException exception)
            {
                Contradictions.Add($"{name}: {exception.Response.Content}");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                Objects[name] = null;
            }
        }

        private void Note(string name, string version)
        {
            Objects[name] = version;
            Acknowledged.Add(version);
        }
    }

    /// <summary>Lists once, then watches from where it was, as informers do.</summary>
    private sealed class ConfigMapInformer(string kubeconfig)
    {
        private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Synced => _synced.Task;

        public int Lists { get; private set; }

        public int Watches { get; private set; }

        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public List<string> OutOfOrder { get; } = [];

        public SortedDictionary<string, string> State { get; } = new(StringComparer.Ordinal);

        public async Task HasSeenAsync(string version)
        {
            while (true)
            {
                lock (Seen)
                {
                    if (Seen.Contains(version))
                        return;
                }

                await Task.Delay(20, Stop);
            }
        }

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
            var version = "";
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    if (version.Length == 0)
                        version = await ListAsync(client, cancellationToken);
                    Watches++;
                    await foreach (var (type, item) in client.CoreV1.WatchListNamespacedConfigMapAsync("default", resourceVersion: version, allowWatchBookmarks: true, cancellationToken: cancellationToken))
                        version = Apply(type, item, version);
                }
                catch (KubernetesException exception) when (exception.Status.Code == 410)
                {
                    version = "";
                }
                catch (Exception exception) when (exception is HttpRequestException or IOException or HttpOperationException or OperationCanceledException)
                {
                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }

        private async Task<string> ListAsync(Kubernetes client, CancellationToken cancellationToken)
        {
            var list = await client.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: cancellationToken);
            Lists++;
            lock (Seen)
            {
                State.Clear();
                foreach (var item in list.Items)
                    State[item.Metadata.Name] = item.Metadata.ResourceVersion;
            }

            _synced.TrySetResult();
            return list.Metadata.ResourceVersion;
        }

        private string Apply(WatchEventType type, V1ConfigMap item, string before)
        {
            var version = item.Metadata.ResourceVersion;
            if (type == WatchEventType.Bookmark)
                return version;
            lock (Seen)
            {
                if (!Seen.Add(version) || long.Parse(version, CultureInfo.InvariantCulture) <= long.Parse(before, CultureInfo.InvariantCulture))
                    OutOfOrder.Add($"{type} {item.Metadata.Name} {version} after {before}");
                if (type == WatchEventType.Deleted)
                    State.Remove(item.Metadata.Name);
                else
                    State[item.Metadata.Name] = version;
            }

            return version;
        }
    }
}
