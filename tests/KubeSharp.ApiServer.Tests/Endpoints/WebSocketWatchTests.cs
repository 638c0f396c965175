using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using KubeSharp.ApiMachinery.Codecs;

namespace KubeSharp.ApiServer.Tests.Endpoints;

/// <summary>Watches over a WebSocket, as apiserver/pkg/endpoints/watch_test.go (v1.36) expects them: an event a message.</summary>
public sealed class WebSocketWatchTests(ServerFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_text_messages_of_JSON()
    {
        await CreateAsync("ws-json");
        using var socket = await ConnectAsync("ws-json", null);

        var first = JsonNode.Parse(await ReceiveAsync(socket, WebSocketMessageType.Text))!;
        Assert.Equal("ADDED", first["type"]!.GetValue<string>());
        Assert.Equal("ws-json", first["object"]!["metadata"]!["name"]!.GetValue<string>());

        using var deleted = await fixture.Admin.DeleteAsync("/api/v1/namespaces/default/configmaps/ws-json", Token);
        var second = JsonNode.Parse(await ReceiveAsync(socket, WebSocketMessageType.Text))!;
        Assert.Equal("DELETED", second["type"]!.GetValue<string>());

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);
    }

    [Fact]
    public async Task Protobuf_events_are_binary_messages_without_a_length()
    {
        await CreateAsync("ws-pb");
        using var socket = await ConnectAsync("ws-pb", "application/vnd.kubernetes.protobuf;stream=watch");

        var message = await ReceiveAsync(socket, WebSocketMessageType.Binary);

        // WatchEvent: type (1) "ADDED", object (2) with raw (1), which is an envelope.
        Assert.Equal([0x0a, 5, .. "ADDED"u8], message[..7]);
        Assert.Equal(0x12, message[7]);
        var envelope = message.AsSpan()[message.AsSpan().IndexOf("k8s\0"u8)..];
        Assert.True(ProtobufEnvelope.TryUnwrap(envelope, out var kind, out _));
        Assert.Equal("ConfigMap", kind.Kind);
    }

    [Fact]
    public async Task The_server_closes_when_the_time_is_over()
    {
        using var socket = await ConnectAsync("ws-none", null, "&timeoutSeconds=1");

        var result = await socket.ReceiveAsync(new byte[64].AsMemory(), Token);

        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Theory]
    [InlineData(null, new string[0], HttpStatusCode.Forbidden)]
    [InlineData("https://example.com", new[] { "a", "b" }, HttpStatusCode.BadRequest)]
    public async Task Handshakes_without_origin_or_with_two_protocols_are_refused(string? origin, string[] protocols, HttpStatusCode expected)
    {
        using var socket = Client(origin);
        foreach (var protocol in protocols)
            socket.Options.AddSubProtocol(protocol);

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address("x", ""), Token));

        Assert.Equal(expected, socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_token_in_a_subprotocol_is_not_answered_as_one()
    {
        using var socket = Client("https://example.com");
        socket.Options.AddSubProtocol("base64url.bearer.authorization.k8s.io.bm9ib2R5");
        socket.Options.AddSubProtocol("v1");

        // A certificate authenticates before the token is looked at.
        await socket.ConnectAsync(Address("x", "&timeoutSeconds=1"), Token);

        Assert.Equal("v1", socket.SubProtocol);
    }

    private async Task CreateAsync(string name)
    {
        using var body = new StringContent($"{{\"metadata\":{{\"name\":\"{name}\"}}}}", Encoding.UTF8, "application/json");
        using var created = await fixture.Admin.PostAsync("/api/v1/namespaces/default/configmaps", body, Token);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
    }

    private async Task<ClientWebSocket> ConnectAsync(string name, string? accept, string query = "")
    {
        var socket = Client("https://example.com");
        if (accept is not null)
            socket.Options.SetRequestHeader("Accept", accept);
        await socket.ConnectAsync(Address(name, query), Token);
        return socket;
    }

    private ClientWebSocket Client(string? origin)
    {
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        socket.Options.ClientCertificates.Add(fixture.Server.AdminCertificate());
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        return socket;
    }

    private Uri Address(string name, string query) =>
        new($"wss://127.0.0.1:{fixture.Server.Address.Port}/api/v1/namespaces/default/configmaps?watch=1&fieldSelector=metadata.name%3D{name}{query}");

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, WebSocketMessageType type)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(length), Token);
            Assert.Equal(type, result.MessageType);
            length += result.Count;
            if (result.EndOfMessage)
                return buffer[..length];
        }
    }
}
