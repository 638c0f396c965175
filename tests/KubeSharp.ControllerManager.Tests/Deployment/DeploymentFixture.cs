using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ControllerManager.Deployment;

namespace KubeSharp.ControllerManager.Tests.Deployment;

/// <summary>A deployment <c>ns/web</c> with the uid d1, and replica sets whose status the test plays.</summary>
public abstract class DeploymentFixture : IAsyncDisposable
{
    protected const string Revision = "deployment.kubernetes.io/revision";
    protected const string Desired = "deployment.kubernetes.io/desired-replicas";
    protected const string Max = "deployment.kubernetes.io/max-replicas";

    internal static readonly GroupVersionResource Deployments = new("apps", "v1", "deployments");
    internal static readonly GroupVersionResource Sets = new("apps", "v1", "replicasets");
    internal static readonly GroupVersionResource Pods = new("", "v1", "pods");

    private protected DeploymentFixture() => Fixture.Start(context => new DeploymentController(context));

    private protected ControllerFixture Fixture { get; } = new(Deployments, Sets, Pods);

    internal Map Deployment => Fixture.Api.Find(Deployments, "ns/web")!;

    /// <summary>The set that runs an image.</summary>
    internal Map Set(string image) => Assert.Single(Fixture.Api.All(Sets), set => Image(set) == image);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Fixture.DisposeAsync();
    }

    internal static string? Image(Map obj) => obj.GetMap("spec")!.GetMap("template")!.GetMap("spec")!.GetSequence("containers")![0].AsMap!.GetString("image");

    /// <summary>The sizes that sets are asked for, by image.</summary>
    internal string Sizes() => string.Join(' ', Fixture.Api.All(Sets).Select(set => $"{Image(set)}={set.GetMap("spec")!.GetInteger("replicas")}").Order(StringComparer.Ordinal));

    internal string Condition(string type)
    {
        var found = (Deployment.GetMap("status")?.GetSequence("conditions") ?? Sequence.Empty).Select(c => c.AsMap!).FirstOrDefault(c => c.GetString("type") == type);
        return found is null ? "none" : $"{found.GetString("status")} {found.GetString("reason")}";
    }

    /// <param name="replicas">What is asked for.</param>
    /// <param name="strategy">YAML of spec.strategy.</param>
    /// <param name="spec">Lines added to the spec.</param>
    internal Task<Map> CreateDeploymentAsync(long replicas, string strategy = "{type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}", string spec = "", string image = "new", string metadata = "") =>
        Fixture.CreateAsync(
            Deployments,
            $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: web
              namespace: ns
              uid: d1
              generation: 1
              {{metadata}}
            spec:
              replicas: {{replicas}}
              strategy: {{strategy}}
              selector: {matchLabels: {app: web} }
              {{spec}}
              template:
                metadata: {labels: {app: web} }
                spec: {containers: [{name: c, image: IMAGE}]}
            """.Replace("IMAGE", image, StringComparison.Ordinal));

    /// <param name="name">Sets are aged by the order of their names.</param>
    internal Task<Map> CreateSetAsync(string name, string image, long replicas, long? available = null, long revision = 1, long? desired = null, long? max = null, string owner = "d1", string app = "web") =>
        Fixture.CreateAsync(Sets, NewSet(name, image, replicas, available ?? replicas, revision, desired, max, owner, app));

    internal static Map NewSet(string name, string image, long replicas, long available, long revision, long? desired, long? max, string owner, string app)
    {
        var set = ControllerFixture.Yaml(
            $$"""
            apiVersion: apps/v1
            kind: ReplicaSet
            metadata:
              name: {{name}}
              namespace: ns
              uid: {{name}}
              labels: {app: {{app}}, pod-template-hash: {{name}} }
              annotations: {deployment.kubernetes.io/revision: "{{revision}}"}
            spec:
              replicas: {{replicas}}
              selector: {matchLabels: {app: {{app}}, pod-template-hash: {{name}} } }
              template:
                metadata: {labels: {app: web, pod-template-hash: {{name}} } }
                spec: {containers: [{name: c, image: IMAGE}]}
            status: {replicas: {{replicas}}, readyReplicas: {{available}}, availableReplicas: {{available}}}
            """.Replace("IMAGE", image, StringComparison.Ordinal));
        var metadata = set.EditMap("metadata");
        if (desired is { } d)
            metadata.EditMap("annotations").Set(Desired, d.ToString(CultureInfo.InvariantCulture));
        if (max is { } m)
            metadata.EditMap("annotations").Set(Max, m.ToString(CultureInfo.InvariantCulture));
        if (owner.Length > 0)
            metadata.Set("ownerReferences", new Sequence { ControllerFixture.Yaml($"{{apiVersion: apps/v1, kind: Deployment, name: web, uid: {owner}, controller: true, blockOwnerDeletion: true}}") });
        return set;
    }

    /// <summary>Plays the replica set controller: all pods that are asked for are there, so many of them available.</summary>
    internal Task SetAvailableAsync(string image, long? available = null, string extra = "{}") => Fixture.ChangeAsync(Sets, ObjectMetaAccessor.GetKey(Set(image)), set =>
    {
        var size = set.GetMap("spec")!.GetInteger("replicas") ?? 0;
        var status = ControllerFixture.Yaml(extra);
        status.Set("replicas", size);
        status.Set("readyReplicas", available ?? size);
        status.Set("availableReplicas", available ?? size);
        set.Set("status", status);
    });

    internal Task ChangeImageAsync(string image) => Fixture.ChangeAsync(Deployments, "ns/web", d =>
    {
        var template = d.EditMap("spec").EditMap("template").EditMap("spec");
        template.Set("containers", new Sequence { new Map { { "name", "c" }, { "image", image } } });
        d.EditMap("metadata").Set("generation", ObjectMetaAccessor.GetGeneration(d) + 1);
    });

    internal Task SyncAsync() => Fixture.SyncAsync("ns/web");
}
