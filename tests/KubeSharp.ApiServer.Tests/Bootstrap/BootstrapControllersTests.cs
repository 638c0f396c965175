using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiServer.Bootstrap;
using KubeSharp.ApiServer.Options;
using KubeSharp.ComponentBase.Client;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Bootstrap;

/// <summary>What the server itself keeps as it should be: the default ServiceCIDR, whom other servers may trust, leases of dead servers.</summary>
public sealed class BootstrapControllersTests : IAsyncLifetime
{
    private static readonly GroupVersionResource ServiceCidrs = new("networking.k8s.io", "v1", "servicecidrs");
    private static readonly GroupVersionResource ConfigMaps = new("", "v1", "configmaps");
    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");
    private static readonly ResourceRequest Authentication = new(ConfigMaps, "kube-system", "extension-apiserver-authentication");
    private static readonly ResourceRequest Tracking = new(ConfigMaps, "kube-system", "kube-apiserver-legacy-service-account-token-tracking");

    private TestApiServer _server = null!;
    private IApiClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestApiServer.StartAsync(cancellationToken: Stop);
        _client = _server.Server.CreateClient("kube-apiserver");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_default_service_cidr_is_ready()
    {
        var cidr = await _client.GetAsync(new ResourceRequest(ServiceCidrs, "", "kubernetes"), Stop);
        Assert.Equal("10.96.0.0/12", Assert.Single(cidr.GetMap("spec")!.GetSequence("cidrs")!).AsString);
        var condition = Assert.Single(cidr.GetMap("status")!.GetSequence("conditions")!).AsMap!;
        Assert.Equal("Ready=True Kubernetes default Service CIDR is ready", $"{condition.GetString("type")}={condition.GetString("status")} {condition.GetString("message")}");
        var managers = cidr.GetMap("metadata")!.GetSequence("managedFields")!.Select(m => $"{m.AsMap!.GetString("manager")} {m.AsMap!.GetString("operation")} {m.AsMap!.GetString("subresource")}".TrimEnd());
        Assert.Equal(["kube-apiserver Update", "kubernetes-service-cidr-controller Apply status"], managers.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("10.96.0.0/12", "10.96.0.0/12")]
    [InlineData("10.96.0.0/12,fd00::/112", "10.96.0.0/12,fd00::/112")] // a second family is added
    [InlineData("10.112.0.0/12", "10.96.0.0/12")] // another range is no reason to change anything
    [InlineData("fd00::/112,10.96.0.0/12", "10.96.0.0/12")]
    public async Task The_flag_changes_a_range_only_to_dual_stack(string flag, string expected)
    {
        var controller = new DefaultServiceCidrController(_client, _server.Server.CreateClient(DefaultServiceCidrController.ManagerName), flag.Split(','), TimeProvider.System);
        await controller.SyncAsync(Stop);
        var cidr = await _client.GetAsync(new ResourceRequest(ServiceCidrs, "", "kubernetes"), Stop);
        Assert.Equal(expected, string.Join(',', cidr.GetMap("spec")!.GetSequence("cidrs")!.Select(c => c.AsString)));
    }

    [Fact]
    public async Task Authorities_of_other_servers_stay_and_expired_ones_go()
    {
        var own = (await _client.GetAsync(Authentication, Stop)).GetMap("data")!;
        Assert.Equal(["client-ca-file"], own.Select(pair => pair.Key));
        var (other, expired, proxy) = (Ca("other", 1), Ca("expired", -1), Ca("proxy", 1));
        await ReplaceAsync(Authentication, new Map { { "client-ca-file", other + expired }, { "requestheader-client-ca-file", proxy }, { "requestheader-allowed-names", "[\"a\",\"b\"]" } });

        var options = new RequestHeaderOptions { AllowedNames = ["b", "c"], UsernameHeaders = ["X-Remote-User"], GroupHeaders = ["X-Remote-Group"], ExtraHeaderPrefixes = ["X-Remote-Extra-"] };
        await new ClusterAuthenticationTrustController(_client, own.GetString("client-ca-file")!, options, TimeProvider.System).SyncAsync(Stop);
        var data = (await _client.GetAsync(Authentication, Stop)).GetMap("data")!;
        Assert.Equal(other + own.GetString("client-ca-file"), data.GetString("client-ca-file"));
        Assert.Equal(proxy, data.GetString("requestheader-client-ca-file"));
        Assert.Equal("""["a","b","c"]""", data.GetString("requestheader-allowed-names"));
        Assert.Equal("""["X-Remote-User"]""", data.GetString("requestheader-username-headers"));
        Assert.Equal("""["X-Remote-Group"]""", data.GetString("requestheader-group-headers"));
        Assert.Equal("""["X-Remote-Extra-"]""", data.GetString("requestheader-extra-headers-prefix"));
        Assert.False(data.ContainsKey("requestheader-uid-headers"));
    }

    [Fact]
    public async Task The_day_since_when_tokens_are_noted_stays()
    {
        var since = (await _client.GetAsync(Tracking, Stop)).GetMap("data")!.GetString("since")!;
        Assert.True(DateOnly.TryParseExact(since, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _), since);
        var controller = new LegacyTokenTrackingController(_client, TimeProvider.System);
        await ReplaceAsync(Tracking, new Map { { "since", "2020-02-29" } });
        await controller.SyncAsync(Stop);
        Assert.Equal("2020-02-29", (await _client.GetAsync(Tracking, Stop)).GetMap("data")!.GetString("since"));
        await ReplaceAsync(Tracking, new Map { { "since", "some day" } });
        await controller.SyncAsync(Stop);
        Assert.NotEqual("some day", (await _client.GetAsync(Tracking, Stop)).GetMap("data")!.GetString("since"));
    }

    [Theory]
    [InlineData("expired", "kube-apiserver", -3700, 3600, false)]
    [InlineData("fresh", "kube-apiserver", -3500, 3600, true)]
    [InlineData("short", "kube-apiserver", -20, 10, false)]
    [InlineData("never-renewed", "kube-apiserver", null, 3600, false)]
    [InlineData("without-duration", "kube-apiserver", -20, null, false)]
    [InlineData("another-component", "other-apiserver", -3700, 3600, true)]
    [InlineData("no-identity", null, -3700, 3600, true)]
    public async Task Leases_of_dead_servers_are_collected(string name, string? component, int? renewed, int? duration, bool stays)
    {
        var metadata = new Map { { "name", name } };
        if (component is not null)
            metadata.Set("labels", new Map { { "apiserver.kubernetes.io/identity", component } });
        var spec = new Map { { "holderIdentity", "x" } };
        if (renewed is not null)
            spec.Set("renewTime", Rfc3339.FormatMicro(DateTimeOffset.UtcNow.AddSeconds(renewed.Value))!);
        if (duration is not null)
            spec.Set("leaseDurationSeconds", duration.Value);
        await _client.CreateAsync(new ResourceRequest(Leases, "kube-system"), new Map { { "metadata", metadata }, { "spec", spec } }, Stop);
        using var controller = new IdentityLeaseController(_client, "apiserver-test", "host", TimeProvider.System);
        await controller.CollectAsync(Stop);
        var left = await _client.ListAsync(new ResourceRequest(Leases, "kube-system"), new ListOptions { FieldSelector = $"metadata.name={name}" }, Stop);
        Assert.Equal(stays ? 1 : 0, left.Items.Count);
    }

    private async Task ReplaceAsync(ResourceRequest request, Map data)
    {
        var next = (await _client.GetAsync(request, Stop)).DeepClone();
        next.Set("data", data);
        await _client.UpdateAsync(request, next, Stop);
    }

    private static string Ca(string name, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-10), now.AddDays(days));
        return certificate.ExportCertificatePem() + "\n";
    }
}
