using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace KubeSharp.Storage.Encryption.Kms;

/// <summary>
/// The service behind a unix socket, over gRPC without TLS. A call waits for the socket to be there for as long as its
/// timeout lasts. Source: apiserver/pkg/storage/value/encrypt/envelope/kmsv2/grpc_service.go, k8s.io/kms/pkg/util, v1.36.
/// </summary>
public sealed class GrpcKmsService : IKmsService
{
    private const string ServiceName = "v2.KeyManagementService";

    private static readonly TimeSpan ConnectRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly Marshaller<byte[]> Raw = Marshallers.Create(static bytes => bytes, static bytes => bytes);
    private static readonly Method<byte[], byte[]> Status = new(MethodType.Unary, ServiceName, "Status", Raw, Raw);
    private static readonly Method<byte[], byte[]> Encrypt = new(MethodType.Unary, ServiceName, "Encrypt", Raw, Raw);
    private static readonly Method<byte[], byte[]> Decrypt = new(MethodType.Unary, ServiceName, "Decrypt", Raw, Raw);

    private readonly GrpcChannel _channel;
    private readonly CallInvoker _invoker;
    private readonly string _provider;
    private readonly TimeSpan _timeout;
    private readonly IEncryptionMetrics _metrics;
    private readonly TimeProvider _time;

    /// <param name="endpoint">A validated endpoint, <c>unix:///run/kms.sock</c>, or <c>unix:///@name</c> of Linux's abstract names.</param>
    /// <param name="provider">The provider's name, for metrics.</param>
    /// <param name="timeout">The most that a call may take.</param>
    /// <param name="metrics">Told of every call.</param>
    /// <param name="time">The clock.</param>
    public GrpcKmsService(string endpoint, string provider, TimeSpan timeout, IEncryptionMetrics metrics, TimeProvider time)
    {
        _provider = provider;
        _timeout = timeout;
        _metrics = metrics;
        _time = time;
        var address = new UnixDomainSocketEndPoint(SocketPath(endpoint));
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        _invoker = _channel.CreateCallInvoker();
    }

    public async Task<KmsStatus> StatusAsync(CancellationToken cancellationToken) =>
        KmsStatus.Parse(await CallAsync(Status, [], cancellationToken).ConfigureAwait(false));

    public async Task<KmsCiphertext> EncryptAsync(string uid, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken) =>
        KmsCiphertext.Parse(await CallAsync(Encrypt, KmsCiphertext.EncryptRequest(uid, plaintext.Span), cancellationToken).ConfigureAwait(false));

    public async Task<byte[]> DecryptAsync(string uid, KmsCiphertext ciphertext, CancellationToken cancellationToken) =>
        KmsCiphertext.ParseDecryptResponse(await CallAsync(Decrypt, ciphertext.DecryptRequest(uid), cancellationToken).ConfigureAwait(false));

    public void Dispose() => _channel.Dispose();

    /// <summary>The path of an endpoint's socket; .NET writes abstract names with a NUL in front.</summary>
    internal static string SocketPath(string endpoint)
    {
        var rest = endpoint["unix:".Length..];
        if (rest.StartsWith("//", StringComparison.Ordinal))
            rest = rest.IndexOf('/', 2) is >= 0 and var slash ? rest[slash..] : "";
        var end = rest.AsSpan().IndexOfAny('?', '#');
        rest = Uri.UnescapeDataString(end < 0 ? rest : rest[..end]);
        return rest.StartsWith("/@", StringComparison.Ordinal) ? "\0" + rest[2..] : rest;
    }

    private async Task<byte[]> CallAsync(Method<byte[], byte[]> method, byte[] request, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        while (true)
        {
            try
            {
                using var call = _invoker.AsyncUnaryCall(method, null, new CallOptions(cancellationToken: either.Token), request);
                var answer = await call.ResponseAsync.ConfigureAwait(false);
                _metrics.KmsCalled(_provider, method.FullName, "OK", _time.GetElapsedTime(started));
                return answer;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable && !either.IsCancellationRequested && IsConnectFailure(exception))
            {
                // Nothing was sent: the service may be about to start.
                await Task.Delay(ConnectRetryDelay, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (code, detail) = limit.IsCancellationRequested
                    ? ("DeadlineExceeded", "context deadline exceeded")
                    : (CodeName(exception.StatusCode), exception.Status.Detail);
                _metrics.KmsCalled(_provider, method.FullName, code, _time.GetElapsedTime(started));
                throw new TransformException($"rpc error: code = {code} desc = {detail}", exception) { GrpcCode = code };
            }
        }
    }

    private static bool IsConnectFailure(RpcException exception) => exception.Status.DebugException is HttpRequestException { InnerException: SocketException };

    /// <summary>As Go spells the codes.</summary>
    private static string CodeName(StatusCode code) => code == StatusCode.Cancelled ? "Canceled" : code.ToString();
}
