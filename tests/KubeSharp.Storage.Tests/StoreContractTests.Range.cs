namespace KubeSharp.Storage.Tests;

public abstract partial class StoreContractTests
{
    public static readonly TheoryData<string, RangeRequest, string> Ranges = new()
    {
        { "prefix", RangeRequest.Prefix("/p/"), "/p/a /p/b /p/c count=3 more=False" },
        { "limit", RangeRequest.Prefix("/p/", limit: 2), "/p/a /p/b count=3 more=True" },
        { "limit equal to count", RangeRequest.Prefix("/p/", limit: 3), "/p/a /p/b /p/c count=3 more=False" },
        { "from the middle, as a continued list", new RangeRequest("/p/a\0", RangeRequest.PrefixEnd("/p/"), Limit: 1), "/p/b count=2 more=True" },
        { "count only", RangeRequest.Prefix("/p/") with { CountOnly = true }, " count=3 more=False" },
        { "nothing there", RangeRequest.Prefix("/x/"), " count=0 more=False" },
        { "before the second key", RangeRequest.Prefix("/p/", revision: 2), "/p/b count=1 more=False" },
        { "before the deletion", RangeRequest.Prefix("/p/", revision: 6), "/p/a /p/b /p/c /p/d count=4 more=False" },
        { "at the deletion", RangeRequest.Prefix("/p/", revision: 7), "/p/a /p/b /p/c count=3 more=False" },
        { "an old revision with limit", RangeRequest.Prefix("/p/", revision: 6, limit: 3), "/p/a /p/b /p/c count=4 more=True" },
        { "everything there is", RangeRequest.Prefix(""), "/o /p/a /p/b /p/c /q count=5 more=False" },
        { "everything", new RangeRequest("/", "0"), "/o /p/a /p/b /p/c /q count=5 more=False" },
    };

    [Theory, MemberData(nameof(Ranges))]
    public async Task Range(string label, RangeRequest request, string expected)
    {
        _ = label;
        await PutAsync("/p/b", "1"); // 2
        await PutAsync("/p/a", "1"); // 3
        await PutAsync("/q", "1"); // 4
        await PutAsync("/p/c", "1"); // 5
        var d = await PutAsync("/p/d", "1"); // 6
        await DeleteAsync("/p/d", d); // 7
        await PutAsync("/o", "1"); // 8
        Assert.Equal(expected, await RangeAsync(request));
    }

    [Fact]
    public async Task Keys_only_leaves_values_out()
    {
        await PutAsync("/a", "value");
        var result = await Store.RangeAsync(RangeRequest.Prefix("/") with { KeysOnly = true }, Stop);
        Assert.Equal("/a=@2/2/1", Show(Assert.Single(result.Items)));
    }

    [Fact]
    public async Task Keys_are_ordered_by_their_bytes()
    {
        // In UTF-16 the last of these would come before the one above it.
        string[] keys = ["/", "/A", "/Z", "/a", "/a\0", "/a-b", "/a.b", "/a/b", "/ab", "/é", "/\uffee", "/\U0001f600"];
        foreach (var key in keys.Reverse())
            await PutAsync(key, "");
        var result = await Store.RangeAsync(new RangeRequest("/", "0"), Stop);
        Assert.Equal(keys, result.Items.Select(item => item.Key));
    }

    [Fact]
    public async Task Many_keys_in_any_order()
    {
        const int Count = 3000;
        var keys = Enumerable.Range(0, Count).Select(i => $"/k/{i:d5}").ToArray();
        var shuffled = keys.ToArray();
        new Random(1).Shuffle(shuffled);
        await Task.WhenAll(shuffled.Select(key => PutAsync(key, key)));

        var all = await Store.RangeAsync(RangeRequest.Prefix("/k/"), Stop);
        Assert.Equal(keys, all.Items.Select(item => item.Key));
        Assert.All(all.Items, item => Assert.Equal(item.Key, Text(item.Value)));

        // Page by page, at one revision, while keys come and go.
        var paged = new List<string>();
        for (var start = "/k/"; ;)
        {
            var page = await Store.RangeAsync(new RangeRequest(start, RangeRequest.PrefixEnd("/k/"), all.Revision, Limit: 700), Stop);
            paged.AddRange(page.Items.Select(item => item.Key));
            Assert.Equal(Count - (paged.Count - page.Items.Count), page.Count);
            if (!page.More)
                break;
            await PutAsync($"/k/{paged.Count}", "late");
            await DeleteAsync(keys[paged.Count], (await Store.GetAsync(keys[paged.Count], 0, Stop)).KeyValue!.ModRevision);
            start = page.Items[^1].Key + "\0";
        }
        Assert.Equal(keys, paged);
    }

    [Fact]
    public async Task Reads_at_every_revision_see_what_was_there_then()
    {
        var model = new Dictionary<long, SortedDictionary<string, string>> { [1] = [] };
        var random = new Random(7);
        var now = new SortedDictionary<string, (string Value, long Revision)>(StringComparer.Ordinal);
        for (var i = 0; i < 200; i++)
        {
            var key = $"/k{random.Next(8)}";
            var exists = now.TryGetValue(key, out var current);
            long revision;
            if (exists && random.Next(3) == 0)
            {
                revision = await DeleteAsync(key, current.Revision);
                now.Remove(key);
            }
            else
            {
                revision = await PutAsync(key, $"v{i}", exists ? current.Revision : 0);
                now[key] = ($"v{i}", revision);
            }
            model[revision] = new(now.ToDictionary(pair => pair.Key, pair => pair.Value.Value));
        }
        foreach (var (revision, expected) in model)
        {
            var result = await Store.RangeAsync(RangeRequest.Prefix("/", revision), Stop);
            Assert.Equal(expected.Select(pair => (pair.Key, pair.Value)), result.Items.Select(item => (item.Key, Text(item.Value))));
            foreach (var key in (string[])["/k0", "/k5"])
                Assert.Equal(expected.GetValueOrDefault(key), (await Store.GetAsync(key, revision, Stop)).KeyValue is { } kv ? Text(kv.Value) : null);
        }
    }

    [Fact]
    public async Task A_future_revision_is_refused()
    {
        await PutAsync("/a", "1");
        Assert.Equal(2, (await Assert.ThrowsAsync<FutureRevisionException>(async () => await Store.GetAsync("/a", 3, Stop))).CurrentRevision);
        await Assert.ThrowsAsync<FutureRevisionException>(async () => await Store.RangeAsync(RangeRequest.Prefix("/", 3), Stop));
    }
}
