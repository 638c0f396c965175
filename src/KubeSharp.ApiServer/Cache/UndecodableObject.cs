using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.Storage;

namespace KubeSharp.ApiServer.Cache;

/// <summary>
/// An object that the store holds and that cannot be read: its key was not found among the configured ones, say. It fails
/// what asks for it, as in upstream, instead of being left out.
/// </summary>
/// <param name="Key">The storage key.</param>
/// <param name="Revision">Its mod revision.</param>
/// <param name="Status">What a reader of this object is told.</param>
/// <param name="ListStatus">What a reader of a list with it is told.</param>
/// <param name="IsTransient">Whether a key management service is the reason, which may be over soon.</param>
public sealed record UndecodableObject(string Key, long Revision, Status Status, Status ListStatus, bool IsTransient)
{
    /// <summary>An object that could not be opened (storage/etcd3/store.go: Get and GetList word it each in its own way).</summary>
    public static UndecodableObject Sealed(KeyValue item, string problem, bool isTransient) => new(
        item.Key, item.ModRevision, StatusErrors.Unknown(problem).Status, StatusErrors.Unknown($"unable to transform key {GoText.Quote(item.Key)}: {problem}").Status, isTransient);

    public StatusException Error() => new(Status);

    public StatusException ListError() => new(ListStatus);
}
