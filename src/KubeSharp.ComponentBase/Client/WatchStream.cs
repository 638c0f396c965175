using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Errors;

namespace KubeSharp.ComponentBase.Client;

/// <summary>Reads a watch's body: a JSON object a line (client-go/rest/watch/decoder.go).</summary>
internal static class WatchStream
{
    /// <summary>The longest event that is taken (apimachinery/pkg/runtime/serializer/streaming/streaming.go).</summary>
    public const int MaxLine = 16 * 1024 * 1024;

    /// <exception cref="StatusException">The server sent an error event.</exception>
    /// <exception cref="IOException">An event is too long, malformed, or cut off.</exception>
    public static async IAsyncEnumerable<ApiWatchEvent> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(body);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                var buffer = result.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    if (line.Length > 1)
                        yield return Decode(line);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (buffer.Length > MaxLine)
                    throw new IOException($"A watch event is longer than {MaxLine} bytes.");
                if (result.IsCompleted)
                {
                    if (buffer.Length > 0)
                        throw new IOException("A watch ended within an event.");
                    yield break;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static ApiWatchEvent Decode(ReadOnlySequence<byte> line)
    {
        var length = checked((int)line.Length);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            line.CopyTo(rented);
            var change = JsonDecoder.Decode(rented.AsSpan(0, length), null, default).Root;
            if (change?.GetString("type") is not { } type || change.GetMap("object") is not { } obj)
                throw new IOException("A watch event is malformed.");
            if (type == "ERROR")
                throw new StatusException(Status.FromMap(obj));
            obj.Freeze();
            return new ApiWatchEvent(type, obj);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
