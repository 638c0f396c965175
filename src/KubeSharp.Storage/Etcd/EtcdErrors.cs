using System.Net.Http;
using Grpc.Core;

namespace KubeSharp.Storage.Etcd;

/// <summary>What etcd's errors mean (api/v3/v3rpc/rpctypes/error.go, server/etcdserver/errors): for reads, whether another member
/// may know better; for writes, whether something may have happened.</summary>
internal static class EtcdErrors
{
    public const string Compacted = "etcdserver: mvcc: required revision has been compacted";
    public const string FutureRevision = "etcdserver: mvcc: required revision is a future revision";
    private const string LeaseNotFound = "etcdserver: requested lease not found";

    /// <summary>Refusals that come before anything is proposed.</summary>
    private static readonly string[] Refusals =
    [
        "etcdserver: mvcc: database space exceeded", "etcdserver: no leader", "etcdserver: too many requests", "etcdserver: request is too large",
        "etcdserver: permission denied", "etcdserver: invalid auth token", "etcdserver: user name is empty", "etcdserver: not capable",
        "etcdserver: corrupt cluster", "etcdserver: rpc not supported for learner", "etcdserver: rate limit exceeded",
    ];

    public static bool IsCompacted(this RpcException exception) => exception.Status.Detail == Compacted;

    public static bool IsFutureRevision(this RpcException exception) => exception.Status.Detail == FutureRevision;

    public static bool IsLeaseNotFound(this RpcException exception) => exception.Status.Detail == LeaseNotFound;

    /// <summary>True when the request certainly did nothing: it was refused, or never left this process.</summary>
    public static bool NothingHappened(this RpcException exception) =>
        exception.Status.Detail is { } detail && Array.Exists(Refusals, refusal => detail.StartsWith(refusal, StringComparison.Ordinal))
        || NeverSent(exception);

    /// <summary>True when another member should be asked.</summary>
    public static bool IsTransient(this RpcException exception) => exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal
        or StatusCode.Cancelled or StatusCode.Unknown or StatusCode.Aborted;

    public static StoreUnavailableException Unavailable(this RpcException exception, bool nothingChanged) =>
        new(exception.Status.Detail.Length > 0 ? exception.Status.Detail : exception.StatusCode.ToString(), nothingChanged, exception);

    /// <summary>No connection was made, so nothing can have been said over it.</summary>
    private static bool NeverSent(RpcException exception)
    {
        // What the channel says when it connects by itself, before there is a request.
        if (exception.Status.Detail.StartsWith("Error connecting to subchannel", StringComparison.Ordinal))
            return true;
        for (var inner = exception.Status.DebugException; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError })
                return true;
        }

        return false;
    }
}
