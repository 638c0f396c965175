using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiServer.Admission.PodSecurity;
using KubeSharp.ApiServer.Admission.PodSecurity.Checks;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Tests.Admission.PodSecurity;

/// <summary>The checks of the pod security standards: texts from upstream's source, cases from upstream's fixtures.</summary>
public sealed class PolicyEvaluatorTests(ServerFixture fixture)
{
    private static readonly PolicyEvaluator Evaluator = new(PolicyChecks.All);

    /// <summary>A pod that the restricted level allows.</summary>
    private const string Good = "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}";
    private const string GoodContainer = "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}";

    [Theory]
    [InlineData("baseline:latest", "hostNetwork: true, hostPID: true, hostIPC: true", "", "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)")]
    [InlineData("baseline:latest", "volumes: [{name: a, hostPath: {path: /}}, {name: b, hostPath: {path: /}}]", "", "hostPath volumes (volumes \"a\", \"b\")")]
    [InlineData("baseline:latest", "", "ports: [{hostPort: 9}, {hostPort: 10}]", "hostPort (container \"c\" uses hostPorts 10, 9)")]
    [InlineData("baseline:latest", "", "livenessProbe: {httpGet: {host: h}}", "probe or lifecycle host (container \"c\" uses probe or lifecycle host \"h\")")]
    [InlineData("baseline:v1.33", "", "livenessProbe: {httpGet: {host: h}}", "")]
    [InlineData("baseline:latest", "", "securityContext: {privileged: true}", "privileged (container \"c\" must not set securityContext.privileged=true)")]
    [InlineData("baseline:latest", "", "securityContext: {capabilities: {add: [NET_RAW, CHOWN, BPF]}}", "non-default capabilities (container \"c\" must not include \"BPF\", \"NET_RAW\" in securityContext.capabilities.add)")]
    [InlineData("baseline:latest", "", "securityContext: {procMount: Unmasked}", "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("baseline:latest", "hostUsers: false", "securityContext: {procMount: Unmasked}", "")]
    [InlineData("baseline:v1.34", "hostUsers: false", "securityContext: {procMount: Unmasked}", "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("baseline:latest", "securityContext: {seLinuxOptions: {type: t, user: u, role: r}}", "securityContext: {seLinuxOptions: {type: t2}}", "seLinuxOptions (pod and container \"c\" set forbidden securityContext.seLinuxOptions: types \"t\", \"t2\"; user may not be set; role may not be set)")]
    [InlineData("baseline:v1.31", "securityContext: {seLinuxOptions: {type: container_engine_t}}", "", "")]
    [InlineData("baseline:v1.30", "securityContext: {seLinuxOptions: {type: container_engine_t}}", "", "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"container_engine_t\")")]
    [InlineData("baseline:v1.19", "securityContext: {seccompProfile: {type: Unconfined}}", "", "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")")]
    [InlineData("baseline:latest", "securityContext: {appArmorProfile: {type: Unconfined}}", "", "forbidden AppArmor profile (pod must not set AppArmor profile type to \"Unconfined\")")]
    [InlineData("baseline:v1.28", "securityContext: {sysctls: [{name: net.ipv4.tcp_rmem}, {name: net.ipv4.ip_local_reserved_ports}, {name: net.ipv4.tcp_fin_timeout}]}", "", "forbidden sysctls (net.ipv4.tcp_rmem, net.ipv4.tcp_fin_timeout)")]
    [InlineData("baseline:v1.32", "securityContext: {sysctls: [{name: net.ipv4.tcp_rmem}]}", "", "")]
    [InlineData("baseline:latest", "securityContext: {windowsOptions: {hostProcess: true}}", "securityContext: {windowsOptions: {hostProcess: true}}", "hostProcess (pod and container \"c\" must not set securityContext.windowsOptions.hostProcess=true)")]
    [InlineData("restricted:latest", Good, GoodContainer, "")]
    [InlineData("restricted:latest", "", "", "allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")]
    [InlineData("restricted:v1.7", Good, "", "")]
    [InlineData("restricted:v1.21", Good, "securityContext: {allowPrivilegeEscalation: false}", "")]
    [InlineData("restricted:latest", "os: {name: windows}, securityContext: {runAsNonRoot: true}", "", "")]
    [InlineData("restricted:latest", Good, "securityContext: {allowPrivilegeEscalation: false, runAsUser: 0, runAsNonRoot: false, capabilities: {drop: [ALL], add: [CHOWN, NET_BIND_SERVICE]}}", "unrestricted capabilities (container \"c\" must not include \"CHOWN\" in securityContext.capabilities.add), runAsNonRoot != true (container \"c\" must not set securityContext.runAsNonRoot=false), runAsUser=0 (container \"c\" must not set runAsUser=0)")]
    [InlineData("restricted:v1.34", "hostUsers: false, securityContext: {runAsUser: 0, seccompProfile: {type: Localhost}}", GoodContainer, "runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), runAsUser=0 (pod must not set runAsUser=0)")]
    [InlineData("restricted:v1.35", "hostUsers: false, securityContext: {runAsUser: 0, seccompProfile: {type: Localhost}}", GoodContainer, "")]
    [InlineData("restricted:latest", Good + ", volumes: [{name: a, hostPath: {path: /}}, {name: b, nfs: {}}, {name: c, emptyDir: {}}, {name: d}]", GoodContainer, "restricted volume types (volumes \"a\", \"b\", \"d\" use restricted volume types \"hostPath\", \"nfs\", \"unknown\")")]
    [InlineData("privileged:latest", "hostNetwork: true", "securityContext: {privileged: true}", "")]
    [InlineData("baseline:v1.99", "hostNetwork: true", "", "host namespaces (hostNetwork=true)")]
    public void Says_what_is_forbidden(string policy, string spec, string container, string expected)
    {
        var pod = Parse($"spec: {{{spec}{(spec.Length > 0 ? ", " : "")}containers: [{{name: c{(container.Length > 0 ? ", " : "")}{container}}}]}}");
        Assert.Equal(expected, PolicyEvaluator.Details(Evaluator.Evaluate(PolicyOf(policy), pod.Metadata, pod.Spec)));
    }

    [Theory]
    [InlineData("baseline:v1.18", "seccomp.security.alpha.kubernetes.io/pod: unconfined, container.seccomp.security.alpha.kubernetes.io/c: 'x', container.seccomp.security.alpha.kubernetes.io/other: x", "seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/c=\"x\", seccomp.security.alpha.kubernetes.io/pod=\"unconfined\")")]
    [InlineData("baseline:v1.19", "seccomp.security.alpha.kubernetes.io/pod: unconfined", "")]
    [InlineData("baseline:latest", "container.apparmor.security.beta.kubernetes.io/c: unconfined", "forbidden AppArmor profile (annotation must not set AppArmor profile type to \"container.apparmor.security.beta.kubernetes.io/c=\"unconfined\"\")")]
    [InlineData("baseline:latest", "container.apparmor.security.beta.kubernetes.io/c: localhost/x", "")]
    public void Annotations_count_where_fields_did_not_exist(string policy, string annotations, string expected)
    {
        var pod = Parse($"{{metadata: {{annotations: {{{annotations}}}}}, spec: {{containers: [{{name: c}}]}}}}");
        Assert.Equal(expected, PolicyEvaluator.Details(Evaluator.Evaluate(PolicyOf(policy), pod.Metadata, pod.Spec)));
    }

    [Fact]
    public void Init_and_ephemeral_containers_count_in_upstreams_order()
    {
        var pod = Parse("spec: {initContainers: [{name: i, securityContext: {privileged: true}}], containers: [{name: c, securityContext: {privileged: true}}], ephemeralContainers: [{name: e, securityContext: {privileged: true}}]}");
        Assert.Equal("privileged (containers \"i\", \"c\", \"e\" must not set securityContext.privileged=true)", PolicyEvaluator.Details(Evaluator.Evaluate(PolicyOf("baseline:latest"), pod.Metadata, pod.Spec)));
    }

    [Theory]
    [InlineData("baseline", "v1.34")]
    [InlineData("baseline", "v1.35")]
    [InlineData("restricted", "v1.34")]
    [InlineData("restricted", "v1.35")]
    public void Upstreams_fixtures_pass_and_fail(string level, string version)
    {
        var policy = PolicyOf($"{level}:{version}");
        var wrong = new List<string>();
        foreach (var outcome in (string[])["pass", "fail"])
        {
            foreach (var file in Directory.EnumerateFiles(SharedData.Find(Path.Combine("upstream", "v1.36", "pod-security", level, version, outcome)), "*.yaml"))
            {
                var pod = WithDefaults(Parse(File.ReadAllText(file)));
                if (Evaluator.Evaluate(policy, pod.Metadata, pod.Spec).Count == 0 != (outcome == "pass"))
                    wrong.Add(file);
            }
        }

        Assert.Empty(wrong);
    }

    /// <summary>A volume without source is an empty directory, which only defaults tell.</summary>
    private Pod WithDefaults(Pod pod)
    {
        var pods = fixture.Server.Server.Resources.Find(new GroupVersionResource("", "v1", "pods"))!.Store;
        new Defaulter().Apply(pod.Map!, pods.Cache.Codec.Schema);
        pods.Strategy.SetDefaults(pod.Map!);
        return pod;
    }

    private static LevelVersion PolicyOf(string text)
    {
        var parts = text.Split(':');
        Assert.True(PolicyLevels.TryParse(parts[0], out var level) & PolicyVersion.TryParse(parts[1], out var version));
        return new LevelVersion(level, version);
    }

    private static Pod Parse(string yaml) => new(YamlCodec.Decode(System.Text.Encoding.UTF8.GetBytes(yaml)).AsMap);
}
