using System.Text;
using KubeSharp.Storage.Etcd;

namespace KubeSharp.Storage.Tests.Etcd;

public sealed class OwnWritesTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void The_event_of_a_write_gets_what_was_attached_once()
    {
        var writes = new OwnWrites(_time);
        writes.Begin("/k", Bytes("new"), "object", after: 7);
        Assert.Equal("object", writes.Take(Changed("/k", "new", 8)));
        Assert.Null(writes.Take(Changed("/k", "new", 9)));
    }

    [Theory]
    [InlineData("another key", "/other", "new", 8)]
    [InlineData("other bytes: somebody else was faster", "/k", "theirs", 8)]
    [InlineData("the same bytes from before", "/k", "new", 7)]
    public void Other_events_do_not(string label, string key, string value, long revision)
    {
        var writes = new OwnWrites(_time);
        writes.Begin("/k", Bytes("new"), "object", after: 7);
        Assert.True(writes.Take(Changed(key, value, revision)) is null, label);
        Assert.Equal("object", writes.Take(Changed("/k", "new", 9)));
    }

    [Fact]
    public void A_write_that_did_not_happen_is_forgotten_but_not_the_next_one_of_its_key()
    {
        var writes = new OwnWrites(_time);
        var first = writes.Begin("/k", Bytes("1"), "first", 7);
        writes.Begin("/k", Bytes("2"), "second", 7);
        writes.Forget(first);
        Assert.Equal("second", writes.Take(Changed("/k", "2", 8)));
        var third = writes.Begin("/k", Bytes("3"), "third", 8);
        writes.Forget(third);
        Assert.Null(writes.Take(Changed("/k", "3", 9)));
    }

    [Fact]
    public void What_never_comes_makes_room_after_a_while()
    {
        var writes = new OwnWrites(_time);
        var count = 0;
        while (writes.Begin($"/{count}", Bytes("v"), count, 1) is not null)
            Assert.True(++count <= 10_000, "no bound");
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Null(writes.Begin("/more", Bytes("v"), "more", 1));
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.NotNull(writes.Begin("/more", Bytes("v"), "more", 1));
        Assert.Equal("more", writes.Take(Changed("/more", "v", 2)));
    }

    [Fact]
    public async Task A_watch_hands_them_out()
    {
        await using var cluster = await EtcdCluster.StartAsync();
        await using var store = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        await using var other = EtcdStore.Open(new EtcdStoreOptions { Endpoints = cluster.Endpoints });
        var stop = TestContext.Current.CancellationToken;
        var start = await store.CurrentRevisionAsync(stop);
        var mine = new object();
        await store.PutAsync("/a/1", 0, Bytes("1"), 0, mine, stop);
        await other.PutAsync("/a/2", 0, Bytes("2"), 0, new object(), stop);
        // Refused: the other's has the same bytes, and is handed out as nobody's.
        var refused = await store.PutAsync("/a/2", 0, Bytes("2"), 0, new object(), stop);
        Assert.False(refused.Succeeded);

        var seen = new List<(string Value, object? Attachment)>();
        await foreach (var batch in store.WatchAsync("/a/", start + 1, stop))
        {
            seen.AddRange(batch.Events.Select(e => (Encoding.UTF8.GetString(e.KeyValue.Value.Span), e.Attachment)));
            if (seen.Count == 2)
                break;
        }

        Assert.Equal([("1", mine), ("2", null)], seen);
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static KeyValue Changed(string key, string value, long revision) => new(key, Bytes(value), revision, revision, 1, 0);
}
