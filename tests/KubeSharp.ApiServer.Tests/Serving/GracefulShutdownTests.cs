using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiServer.Options;
using KubeSharp.ApiServer.Serving;
using KubeSharp.Testing;

namespace KubeSharp.ApiServer.Tests.Serving;

/// <summary>A server that is told to stop: not ready at once, in service until others know, and no request or watch cut off.</summary>
public sealed class GracefulShutdownTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_not_ready_first_and_serves_until_the_delay_is_over()
    {
        await using var server = await StartAsync(o => o with { ShutdownDelayDuration = TimeSpan.FromMinutes(5) });
        using var client = server.AdminClient();
        Assert.Equal(200, (await AskAsync(client, "/readyz")).Code);
        using var hurry = new CancellationTokenSource();
        var shutdown = server.Server.ShutdownAsync(hurry.Token);

        var (code, text) = await AskAsync(client, "/readyz?verbose");
        Assert.Equal(500, code);
        Assert.Contains("[-]shutdown failed: reason withheld\n", text, StringComparison.Ordinal);
        Assert.Equal(200, (await AskAsync(client, "/livez")).Code);
        Assert.Equal(200, (await AskAsync(client, "/healthz")).Code);
        Assert.Equal(201, await CreateAsync(client, "during"));
        // Another client that connects now is served too.
        using (var second = server.AdminClient())
            Assert.Equal(200, (await AskAsync(second, ConfigMaps)).Code);
        Assert.False(shutdown.IsCompleted);

        await hurry.CancelAsync();
        await shutdown;
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/livez", Stop));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_request_that_is_under_way_is_answered(string version)
    {
        await using var server = await StartAsync(o => o);
        using var client = Client(server, version);
        // The body's end comes when the server has been told to stop.
        using var body = new SlowContent("""{"metadata":{"name":"slow"},""", " \"data\":{\"a\":\"b\"}}");
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps) { Content = body, Version = client.DefaultRequestVersion, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var answer = client.SendAsync(request, Stop);
        await body.Begun.WaitAsync(Stop);
        // The server has the request when it waits for the rest of its body.
        await Task.Delay(200, Stop);
        var shutdown = server.Server.ShutdownAsync(CancellationToken.None);
        await RefusesConnectionsAsync(server);
        Assert.False(shutdown.IsCompleted);
        body.Finish();
        using (var response = await answer)
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await shutdown;
        Assert.NotNull((await server.Store.GetAsync("/registry/configmaps/default/slow", 0, Stop)).KeyValue);
    }

    [Theory]
    [InlineData("1.1", "0s")]
    [InlineData("2.0", "0s")]
    [InlineData("2.0", "1s")]
    public async Task Watches_end_as_they_end_at_their_time(string version, string grace)
    {
        await using var server = await StartAsync(o => o with { ShutdownWatchTerminationGracePeriod = grace == "1s" ? TimeSpan.FromSeconds(1) : TimeSpan.Zero });
        using var client = Client(server, version);
        var watches = new List<(HttpResponseMessage Response, StreamReader Reader)>();
        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{ConfigMaps}?watch=true&resourceVersion=0") { Version = client.DefaultRequestVersion, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
            watches.Add((response, new StreamReader(await response.Content.ReadAsStreamAsync(Stop))));
        }

        using (var writer = server.AdminClient())
            Assert.Equal(201, await CreateAsync(writer, "last"));
        await server.Server.ShutdownAsync(CancellationToken.None);
        foreach (var (response, reader) in watches)
        {
            // To the end without an exception: an answer that was cut off has none.
            var lines = (await reader.ReadToEndAsync(Stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
            Assert.Contains(lines, line => (string)line["object"]!["metadata"]!["name"]! == "last");
            Assert.DoesNotContain(lines, line => (string)line["type"]! == "ERROR");
            reader.Dispose();
            response.Dispose();
        }
    }

    [Fact]
    public async Task New_requests_get_429_while_the_last_ones_end()
    {
        await using var server = await StartAsync(o => o with { ShutdownSendRetryAfter = true });
        using var client = server.AdminClient();
        using var body = new SlowContent("""{"metadata":{"name":"slow"},""", " \"data\":{\"a\":\"b\"}}");
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps) { Content = body };
        using var slow = server.AdminClient();
        var answer = slow.SendAsync(request, Stop);
        await body.Begun.WaitAsync(Stop);
        await Task.Delay(200, Stop);
        var shutdown = server.Server.ShutdownAsync(CancellationToken.None);

        HttpResponseMessage refused;
        while (true)
        {
            refused = await client.GetAsync(ConfigMaps, Stop);
            if (refused.StatusCode != HttpStatusCode.OK)
                break;
            refused.Dispose();
        }

        using (refused)
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("5", refused.Headers.GetValues("Retry-After").Single());
            Assert.True(refused.Headers.ConnectionClose);
            Assert.Equal("The apiserver is shutting down, please try again later.\n", await refused.Content.ReadAsStringAsync(Stop));
        }

        using (var probe = server.AdminClient())
            Assert.Equal(200, (await AskAsync(probe, "/livez")).Code);
        body.Finish();
        using (var response = await answer)
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await shutdown;
    }

    [Fact]
    public async Task Requests_are_counted_until_the_last_has_ended()
    {
        using var signals = new LifecycleSignals();
        Assert.True(signals.TryBeginRequest());
        Assert.True(signals.TryBeginRequest());
        signals.EndRequest();
        signals.StopAcceptingRequests();
        signals.StopAcceptingRequests();
        Assert.False(signals.TryBeginRequest());
        Assert.False(signals.InFlightRequestsDrained.IsCompleted);
        signals.EndRequest();
        await signals.InFlightRequestsDrained.WaitAsync(Stop);

        // A watch that comes too late ends at once.
        var ended = 0;
        using (signals.BeginWatch(() => ended++))
            Assert.Equal(1, ended);
        Assert.Equal(0, signals.ActiveWatches);
    }

    [Theory]
    [InlineData("timeout=1ns", 504, """{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}""")]
    [InlineData("timeout=abc", 400, "invalid timeout specified in the request URL - time: invalid duration \\\"abc\\\"")]
    [InlineData("timeout=0s", 201, "\"name\":\"c\"")]
    [InlineData("timeout=1h", 201, "\"name\":\"c\"")]
    public async Task A_request_may_set_itself_a_deadline(string query, int expected, string text)
    {
        await using var server = await StartAsync(o => o);
        using var client = server.AdminClient();
        // The body comes when the deadline is over.
        using var body = new SlowContent("""{"metadata":{"name":"c"},""", " \"data\":{\"a\":\"b\"}}");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{ConfigMaps}?{query}") { Content = body };
        var answer = client.SendAsync(request, Stop);
        await Task.WhenAny(answer, Task.Delay(200, Stop));
        body.Finish();
        using var response = await answer;
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Contains(text, await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        if (expected == 504)
            Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_ended_and_a_watch_is_not()
    {
        await using var server = await StartAsync(o => o with { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        // Over HTTP/2 an answer is heard before the body is out.
        using var client = Client(server, "2.0");
        using var watch = await client.GetAsync($"{ConfigMaps}?watch=true&resourceVersion=0", HttpCompletionOption.ResponseHeadersRead, Stop);
        using var body = new SlowContent("""{"metadata":{"name":"c"},""", "}");
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps) { Content = body, Version = client.DefaultRequestVersion };
        using (var response = await client.SendAsync(request, Stop))
            Assert.Equal(504, (int)response.StatusCode);
        body.Finish();
        Assert.Equal(201, await CreateAsync(client, "after"));
        using var reader = new StreamReader(await watch.Content.ReadAsStreamAsync(Stop));
        while (!(await reader.ReadLineAsync(Stop))!.Contains("\"name\":\"after\"", StringComparison.Ordinal))
        {
            // What was there before.
        }
    }

    private static Task<TestApiServer> StartAsync(Func<ApiServerOptions, ApiServerOptions> configure) => TestApiServer.StartAsync(configure, Stop);

    private static HttpClient Client(TestApiServer server, string version)
    {
        var client = server.AdminClient();
        client.DefaultRequestVersion = Version.Parse(version);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return client;
    }

    private static async Task RefusesConnectionsAsync(TestApiServer server)
    {
        while (true)
        {
            try
            {
                using var probe = server.AdminClient();
                using var response = await probe.GetAsync("/livez", Stop);
            }
            catch (HttpRequestException)
            {
                return;
            }

            await Task.Delay(10, Stop);
        }
    }

    private static async Task<int> CreateAsync(HttpClient client, string name)
    {
        using var content = new StringContent($$$"""{"metadata":{"name":"{{{name}}}"}}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(ConfigMaps, content, Stop);
        return (int)response.StatusCode;
    }

    private static async Task<(int Code, string Text)> AskAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Stop);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
    }

    /// <summary>A body in two parts, the second of which waits.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly byte[] _first;
        private readonly byte[] _second;
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SlowContent(string first, string second)
        {
            (_first, _second) = (Encoding.UTF8.GetBytes(first), Encoding.UTF8.GetBytes(second));
            Headers.ContentType = new("application/json");
        }

        public Task Begun => _begun.Task;

        public void Finish() => _finish.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_first, Stop);
            await stream.FlushAsync(Stop);
            _begun.TrySetResult();
            await _finish.Task.WaitAsync(Stop);
            await stream.WriteAsync(_second, Stop);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _first.Length + _second.Length;
            return true;
        }
    }
}
