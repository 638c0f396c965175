using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>Where the events of a watch go: the body of an answer, or the messages of a WebSocket (handlers/watch.go
/// HandleHTTP, HandleWS, v1.36). Events are written to <see cref="Output"/>, each ended by <see cref="EndEvent"/>.</summary>
internal abstract class WatchStream : IAsyncDisposable
{
    public abstract IBufferWriter<byte> Output { get; }

    /// <summary>Bytes that have been written and not sent.</summary>
    public abstract long UnflushedBytes { get; }

    /// <summary>Ends when the client has closed its side, where that is seen apart from the request's own end.</summary>
    public virtual CancellationToken PeerClosed => default;

    /// <summary>Starts the answer to a watch.</summary>
    /// <param name="http">The request; a WebSocket handshake gets a WebSocket.</param>
    /// <param name="contentType">The type of the stream.</param>
    /// <param name="text">Whether events are text: those of a WebSocket are text messages then, else binary.</param>
    /// <returns>The stream; null for a handshake that has been refused.</returns>
    public static async ValueTask<WatchStream?> OpenAsync(HttpContext http, string contentType, bool text)
    {
        if (http.WebSockets.IsWebSocketRequest)
            return await WebSocketWatchStream.AcceptAsync(http, text).ConfigureAwait(false);
        http.Response.StatusCode = 200;
        http.Response.ContentType = contentType;
        return new BodyWatchStream(http.Response.BodyWriter);
    }

    public abstract void EndEvent();

    public abstract ValueTask FlushAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    private sealed class BodyWatchStream(PipeWriter body) : WatchStream
    {
        public override IBufferWriter<byte> Output => body;

        public override long UnflushedBytes => body.UnflushedBytes;

        public override void EndEvent()
        {
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public override async ValueTask FlushAsync(CancellationToken cancellationToken) => await body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>A watch over a WebSocket: an event a message, what the client sends is ignored.
/// Source: handlers/watch.go HandleWS; streaming/pkg/httpstream/wsstream; golang.org/x/net/websocket (the handshake), v1.36.</summary>
internal sealed class WebSocketWatchStream : WatchStream
{
    /// <summary>The length before each binary event, which the message makes superfluous.</summary>
    private const int FrameLength = 4;

    /// <summary>How long a client that does not read may hold up the end of its watch.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly bool _text;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Queue<int> _ends = new();
    private readonly CancellationTokenSource _closed;
    private readonly Task _receiving;

    private WebSocketWatchStream(WebSocket socket, bool text, CancellationToken aborted)
    {
        _socket = socket;
        _text = text;
        _closed = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _receiving = IgnoreReceivesAsync();
    }

    public override IBufferWriter<byte> Output => _buffer;

    public override long UnflushedBytes => _buffer.WrittenCount;

    public override CancellationToken PeerClosed => _closed.Token;

    /// <summary>Accepts a handshake, or answers that it has no origin (403) or more than one subprotocol (400): then null.</summary>
    public static async ValueTask<WatchStream?> AcceptAsync(HttpContext http, bool text)
    {
        // A token that came as a subprotocol is for the server alone (authentication/request/websocket).
        var protocols = http.WebSockets.WebSocketRequestedProtocols.Where(p => !p.StartsWith(Authentication.BearerToken.WebSocketPrefix, StringComparison.Ordinal)).ToList();
        if (http.Request.Headers.Origin.Count == 0 || protocols.Count > 1)
        {
            http.Response.StatusCode = protocols.Count > 1 ? StatusCodes.Status400BadRequest : StatusCodes.Status403Forbidden;
            return null;
        }

        var socket = await http.WebSockets.AcceptWebSocketAsync(protocols.FirstOrDefault()).ConfigureAwait(false);
        return new WebSocketWatchStream(socket, text, http.RequestAborted);
    }

    public override void EndEvent() => _ends.Enqueue(_buffer.WrittenCount);

    public override async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var start = 0;
        while (_ends.TryDequeue(out var end))
        {
            var message = _buffer.WrittenMemory[(_text ? start : start + FrameLength)..end];
            await _socket.SendAsync(message, _text ? WebSocketMessageType.Text : WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, cancellationToken).ConfigureAwait(false);
            start = end;
        }

        _buffer.ResetWrittenCount();
    }

    public override async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(CloseTimeout);
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
            // A connection that ends before the client has said goodbye too may lose what it has not read yet.
            await _receiving.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // Closed by the other side first.
        }

        await _closed.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
        _closed.Dispose();
    }

    private async Task IgnoreReceivesAsync()
    {
        var ignored = new byte[256];
        try
        {
            while ((await _socket.ReceiveAsync(ignored.AsMemory(), _closed.Token).ConfigureAwait(false)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // Gone without a word.
        }

        await _closed.CancelAsync().ConfigureAwait(false);
    }
}
