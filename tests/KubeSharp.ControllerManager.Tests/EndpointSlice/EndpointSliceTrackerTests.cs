using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ControllerManager.EndpointSlice;

namespace KubeSharp.ControllerManager.Tests.EndpointSlice;

public sealed class EndpointSliceTrackerTests
{
    private readonly EndpointSliceTracker _tracker = new();

    [Theory]
    [InlineData(3, false)] // what was written
    [InlineData(4, false)] // somebody wrote after us
    [InlineData(2, true)] // older than what was written
    public void A_cached_slice_is_stale_when_it_is_older_than_the_one_written(long cached, bool stale)
    {
        _tracker.Update("a/web", Slice("u1", 3));

        Assert.Equal(stale, _tracker.IsStale("a/web", [Slice("u1", cached)]));
        Assert.Equal(cached > 3, _tracker.ShouldSync("a/web", Slice("u1", cached)));
    }

    [Fact]
    public void A_cache_without_a_slice_that_was_written_is_stale()
    {
        _tracker.Update("a/web", Slice("u1", 1));

        Assert.True(_tracker.IsStale("a/web", []));
        Assert.True(_tracker.IsStale("a/web", [Slice("u2", 1)]));
        Assert.False(_tracker.IsStale("a/web", [Slice("u2", 1), Slice("u1", 1)]));
        Assert.False(_tracker.IsStale("b/web", []));
    }

    [Fact]
    public void A_cache_with_a_slice_that_was_deleted_is_stale_until_the_deletion_is_seen()
    {
        _tracker.ExpectDeletion("a/web", Slice("u1", 1));

        Assert.True(_tracker.IsStale("a/web", [Slice("u1", 1)]));
        Assert.False(_tracker.IsStale("a/web", []));
        Assert.True(_tracker.HandleDeletion("a/web", Slice("u1", 1)));
        Assert.True(_tracker.ShouldSync("a/web", Slice("u1", 1)));
    }

    [Fact]
    public void A_deletion_by_somebody_else_is_told()
    {
        _tracker.Update("a/web", Slice("u1", 1));

        Assert.False(_tracker.HandleDeletion("a/web", Slice("u1", 1)));
        Assert.False(_tracker.IsStale("a/web", []));
    }

    [Fact]
    public void Nothing_is_known_of_a_service_that_was_deleted()
    {
        _tracker.Update("a/web", Slice("u1", 1));
        _tracker.DeleteService("a/web");

        Assert.False(_tracker.IsStale("a/web", []));
        Assert.True(_tracker.ShouldSync("a/web", Slice("u1", 1)));
    }

    private static Map Slice(string uid, long generation) =>
        new() { { "metadata", new Map { { "name", uid }, { "uid", uid }, { "generation", generation } } } };
}
