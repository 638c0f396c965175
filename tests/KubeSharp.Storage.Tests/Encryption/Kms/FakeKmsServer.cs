using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KubeSharp.Storage.Tests.Encryption.Kms;

/// <summary>
/// A key management service on a unix socket that seals by prefixing its key's name. It speaks gRPC and protobuf by its own
/// few lines (grpc/doc/PROTOCOL-HTTP2.md), so that it does not share a mistake with what it tests.
/// </summary>
internal sealed class FakeKmsServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FakeKmsServer(WebApplication application, string path)
    {
        _application = application;
        Path = path;
    }

    public string Path { get; }

    public string Endpoint => $"unix://{Path}";

    public string KeyId { get; set; } = "key-1";

    /// <summary>The key that Encrypt answers with when it is not the one of Status.</summary>
    public string? EncryptKeyId { get; set; }

    public string Healthz { get; set; } = "ok";

    public string Version { get; set; } = "v2";

    /// <summary>A gRPC status (<c>7:no such key</c>) to answer a method with.</summary>
    public ConcurrentDictionary<string, string> Failures { get; } = new();

    /// <summary>The methods called, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>The bodies of the requests in hex, by method.</summary>
    public ConcurrentDictionary<string, string> LastRequest { get; } = new();

    public int CallsOf(string method) => Calls.Count(c => c == method);

    public static async Task<FakeKmsServer> StartAsync(string path)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        var server = new FakeKmsServer(application, path);
        application.Run(server.AnswerAsync);
        await application.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
        File.Delete(Path);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var message = body.ToArray()[5..];
        var method = http.Request.Path.Value!;
        Assert.StartsWith("/v2.KeyManagementService/", method, StringComparison.Ordinal);
        method = method["/v2.KeyManagementService/".Length..];
        Calls.Enqueue(method);
        LastRequest[method] = Convert.ToHexStringLower(message);
        http.Response.ContentType = "application/grpc";
        if (Failures.TryGetValue(method, out var failure))
        {
            var parts = failure.Split(':', 2);
            http.Response.AppendTrailer("grpc-status", parts[0]);
            http.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(parts[1]));
            return;
        }

        var fields = Parse(message);
        var answer = method switch
        {
            "Status" => Message((1, Utf8(Version)), (2, Utf8(Healthz)), (3, Utf8(KeyId))),
            "Encrypt" => Message((1, [.. Utf8("sealed:"), .. fields[1]]), (2, Utf8(EncryptKeyId ?? KeyId)), (3, Message((1, Utf8("kms.example.com")), (2, Utf8(EncryptKeyId ?? KeyId))))),
            "Decrypt" => Message((1, Unseal(fields))),
            _ => throw new InvalidOperationException(method),
        };
        var frame = new byte[answer.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), answer.Length);
        answer.CopyTo(frame, 5);
        await http.Response.Body.WriteAsync(frame);
        http.Response.AppendTrailer("grpc-status", "0");
    }

    private static byte[] Unseal(Dictionary<int, byte[]> request)
    {
        // The annotation holds the key's name: both must have come back as they were given.
        Assert.Equal(Message((1, Utf8("kms.example.com")), (2, request[3])), request[4]);
        Assert.NotEmpty(request[2]);
        return request[1]["sealed:".Length..];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Fields of bytes, each shorter than 128 bytes.</summary>
    private static byte[] Message(params (int Field, byte[] Value)[] fields)
    {
        using var output = new MemoryStream();
        foreach (var (field, value) in fields)
        {
            output.WriteByte((byte)(field << 3 | 2));
            output.WriteByte(checked((byte)value.Length));
            output.Write(value);
        }

        return output.ToArray();
    }

    private static Dictionary<int, byte[]> Parse(byte[] message)
    {
        var fields = new Dictionary<int, byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var (field, length) = (message[at] >> 3, message[at + 1]);
            fields[field] = message[(at + 2)..(at + 2 + length)];
            at += 2 + length;
        }

        return fields;
    }
}
