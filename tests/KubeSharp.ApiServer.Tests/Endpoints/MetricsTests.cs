namespace KubeSharp.ApiServer.Tests.Endpoints;

public sealed class MetricsTests(ServerFixture fixture)
{
    [Fact]
    public async Task Requests_objects_and_the_build_are_reported_under_upstreams_names()
    {
        using var listed = await fixture.Admin.GetAsync(new Uri("/api/v1/namespaces/kube-system/limitranges", UriKind.Relative), TestContext.Current.CancellationToken);
        listed.EnsureSuccessStatusCode();
        var text = await fixture.Admin.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains(
            "apiserver_request_total{verb=\"LIST\",dry_run=\"\",group=\"\",version=\"v1\",resource=\"limitranges\",subresource=\"\",scope=\"namespace\",component=\"apiserver\",code=\"200\",system_client=\"\"} ",
            text, StringComparison.Ordinal);
        Assert.Contains("apiserver_request_duration_seconds_count{verb=\"LIST\",dry_run=\"\",group=\"\",version=\"v1\",resource=\"limitranges\"", text, StringComparison.Ordinal);
        Assert.Contains("apiserver_storage_objects{resource=\"priorityclasses.scheduling.k8s.io\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("kubernetes_build_info{major=\"1\",minor=\"36\"", text, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_clients_make_up_is_no_label()
    {
        using var missing = await fixture.Admin.GetAsync(new Uri("/apis/made.up/v1/things", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)missing.StatusCode);
        var text = await fixture.Admin.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("made.up", text, StringComparison.Ordinal);
    }
}
