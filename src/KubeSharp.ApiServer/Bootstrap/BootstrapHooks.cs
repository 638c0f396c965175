using System.Globalization;
using System.Net;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints;
using KubeSharp.ApiServer.Endpoints.Handlers;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Registry;
using KubeSharp.ApiServer.Serving;
using KubeSharp.ComponentBase.Client;

namespace KubeSharp.ApiServer.Bootstrap;

/// <summary>
/// What a cluster has before anybody used it: the system namespaces, the priority classes, the kubernetes Service. Each hook only adds what is missing.
/// Source: pkg/controlplane/controller/{systemnamespaces,kubernetesservice,defaultservicecidr}, pkg/registry/scheduling/rest; v1.36.
/// </summary>
internal static class BootstrapHooks
{
    private static readonly string[] Namespaces = ["kube-system", "kube-public", "kube-node-lease", "default"];

    public static void Register(PostStartHooks hooks, PreShutdownHooks stopping, ApiServerOptions options, ServedResources resources, WriteFlow flow, KubernetesServiceController? service)
    {
        var creator = new Creator(resources, flow);
        hooks.Add("start-system-namespaces-controller", async token =>
        {
            foreach (var name in Namespaces)
                await creator.EnsureAsync(new GroupVersionResource("", "v1", "namespaces"), "", new Map { { "metadata", new Map { { "name", name } } } }, token).ConfigureAwait(false);
        });
        hooks.Add("scheduling/bootstrap-system-priority-classes", async token =>
        {
            await creator.EnsureAsync(PriorityClasses, "", PriorityClass("system-node-critical", 2000001000, "Used for system critical pods that must not be moved from their current node."), token).ConfigureAwait(false);
            await creator.EnsureAsync(PriorityClasses, "", PriorityClass("system-cluster-critical", 2000000000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."), token).ConfigureAwait(false);
        });
        hooks.Add("bootstrap-controller", async token =>
        {
            await creator.EnsureAsync(new GroupVersionResource("", "v1", "services"), "default", KubernetesService(options), token).ConfigureAwait(false);
            if (service is not null)
                await service.RemoveStaleAsync(token).ConfigureAwait(false);
        });
        if (service is null)
            return;
        hooks.AddLoop("bootstrap-controller", service.RunAsync);
        stopping.Add("stop-kubernetes-service-controller", service.StopAsync);
    }

    /// <summary>What is kept as it should be as long as the server runs.</summary>
    public static void RegisterControllers(PostStartHooks hooks, ApiServerOptions options, ServerCertificates certificates, Func<string, IApiClient> clientOf, TimeProvider time)
    {
        var client = clientOf("kube-apiserver");
        var cidrs = new DefaultServiceCidrController(client, clientOf(DefaultServiceCidrController.ManagerName), options.ServiceClusterIpRange.Split(','), time);
        Both(DefaultServiceCidrController.HookName, DefaultServiceCidrController.Interval, cidrs.SyncAsync);
        var trust = new ClusterAuthenticationTrustController(client, string.Join('\n', certificates.ClientAuthorities.Select(c => c.ExportCertificatePem())), options.RequestHeader, time);
        Both(ClusterAuthenticationTrustController.HookName, ClusterAuthenticationTrustController.Interval, trust.SyncAsync);
        var tracking = new LegacyTokenTrackingController(client, time);
        Both(LegacyTokenTrackingController.HookName, LegacyTokenTrackingController.Interval, tracking.SyncAsync);

        void Both(string name, TimeSpan interval, Func<CancellationToken, Task> sync)
        {
            hooks.Add(name, sync);
            hooks.AddPeriodic(name, interval, sync);
        }
    }

    /// <summary>The lease that tells others of this server, and the end of those of servers that have died.</summary>
    public static void RegisterIdentity(PostStartHooks hooks, PreShutdownHooks stopping, IdentityLeaseController identity)
    {
        hooks.Add(IdentityLeaseController.HookName, identity.RemoveStaleAsync);
        hooks.AddLoop(IdentityLeaseController.HookName, identity.RunAsync);
        stopping.Add("stop-kube-apiserver-identity-lease-controller", identity.StopAsync);
        hooks.AddPeriodic(IdentityLeaseController.GarbageHookName, IdentityLeaseController.GarbagePeriod, identity.CollectAsync);
    }

    private static readonly GroupVersionResource PriorityClasses = new("scheduling.k8s.io", "v1", "priorityclasses");

    private static Map PriorityClass(string name, long value, string description) => new()
    {
        { "metadata", new Map { { "name", name } } },
        { "value", value },
        { "description", description },
        { "preemptionPolicy", "PreemptLowerPriority" },
    };

    private static Map KubernetesService(ApiServerOptions options)
    {
        var first = IPNetwork.Parse(options.ServiceClusterIpRange.Split(',')[0]).BaseAddress.GetAddressBytes();
        first[^1]++;
        var ip = new IPAddress(first).ToString();
        var ports = new Sequence(1);
        ports.Add(new Map { { "name", "https" }, { "protocol", "TCP" }, { "port", 443 }, { "targetPort", options.SecurePort } });
        var ips = new Sequence(1);
        ips.Add(ip);
        var families = new Sequence(1);
        families.Add(first.Length == 4 ? "IPv4" : "IPv6");
        return new Map
        {
            { "metadata", new Map { { "name", "kubernetes" }, { "labels", new Map { { "component", "apiserver" }, { "provider", "kubernetes" } } } } },
            {
                "spec", new Map
                {
                    { "ports", ports }, { "clusterIP", ip }, { "clusterIPs", ips }, { "type", "ClusterIP" }, { "sessionAffinity", "None" },
                    { "ipFamilies", families }, { "ipFamilyPolicy", "SingleStack" }, { "internalTrafficPolicy", "Cluster" },
                }
            },
        };
    }

    /// <summary>Creates objects as the API server itself.</summary>
    private sealed class Creator(ServedResources resources, WriteFlow flow)
    {
        private static readonly UserInfo Server = new("system:apiserver", "", [UserInfo.PrivilegedGroup, UserInfo.AllAuthenticated]);

        public async Task EnsureAsync(GroupVersionResource resource, string @namespace, Map obj, CancellationToken cancellationToken)
        {
            var served = resources.Find(resource)!;
            var name = obj.GetMap("metadata")!.GetString("name")!;
            if (await served.Store.FindAsync(@namespace, name, cancellationToken).ConfigureAwait(false) is not null)
                return;
            if (@namespace.Length > 0)
                obj.EditMap("metadata").Set("namespace", @namespace);
            var stored = served.ToStorage(obj);
            var hasEmpties = flow.SetDefaults(served, stored);
            var info = new RequestInfo
            {
                IsResourceRequest = true,
                Path = "",
                Verb = "create",
                ApiGroup = resource.Group,
                ApiVersion = resource.Version,
                Resource = resource.Resource,
                Namespace = @namespace,
                Name = name,
            };
            try
            {
                var operation = new OperationContext { Info = info, User = Server, Served = served, FieldManager = "kube-apiserver" };
                flow.TrackManagedFields(operation, stored, null, "", hasEmpties);
                await served.Store.CreateAsync(operation, stored, null, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.Status.Reason == StatusReason.AlreadyExists)
            {
                // Another replica was faster.
            }
        }
    }
}
