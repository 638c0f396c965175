namespace KubeSharp.ApiServer.Cache;

public enum WatchEventType : byte
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}

/// <summary>
/// One change of one object, shared by all watchers. For a deletion <paramref name="Object"/> is the last state at the
/// deletion's revision. <paramref name="Previous"/> is the state before, null for a creation: a selector that
/// stops or starts to match turns the event into a deletion or an addition.
/// </summary>
public sealed record WatchCacheEvent(WatchEventType Type, long Revision, CachedObject Object, CachedObject? Previous, TimeSpan ReceivedAt)
{
    private CachedObject? _previousAtRevision;

    /// <summary>The state before, with this change's revision: what a watcher sees whose selector matches no more.</summary>
    public CachedObject PreviousAtRevision() => _previousAtRevision ??= Previous!.AtRevision(Revision);
}
