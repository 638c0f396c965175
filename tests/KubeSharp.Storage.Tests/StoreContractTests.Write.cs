namespace KubeSharp.Storage.Tests;

public abstract partial class StoreContractTests
{
    [Fact]
    public async Task First_write_after_revision_1_is_revision_2()
    {
        Assert.Equal(1, await Store.CurrentRevisionAsync(Stop));
        Assert.Equal(2, await PutAsync("/a", "1"));
        Assert.Equal(3, await PutAsync("/b", "1"));
        Assert.Equal(3, await Store.CurrentRevisionAsync(Stop));
    }

    [Fact]
    public async Task A_key_counts_its_versions_from_creation_to_deletion()
    {
        var first = await PutAsync("/a", "one");
        Assert.Equal("/a=one@2/2/1", await GetAsync("/a"));
        var second = await PutAsync("/a", "two", first);
        Assert.Equal("/a=two@2/3/2", await GetAsync("/a"));
        await DeleteAsync("/a", second);
        Assert.Equal("none", await GetAsync("/a"));
        await PutAsync("/a", "three");
        Assert.Equal("/a=three@5/5/1", await GetAsync("/a"));
    }

    // The state before: a=3 (created at 2), b deleted at 5, revision 5.
    public static readonly TheoryData<string, string, string, long, string> ConditionalWrites = new()
    {
        { "put, expected revision", "put", "/a", 3, "True 6 none" },
        { "put, old revision", "put", "/a", 2, "False 5 /a=a2@2/3/2" },
        { "put, revision of nothing", "put", "/a", 99, "False 5 /a=a2@2/3/2" },
        { "create over existing", "put", "/a", 0, "False 5 /a=a2@2/3/2" },
        { "create", "put", "/c", 0, "True 6 none" },
        { "create after deletion", "put", "/b", 0, "True 6 none" },
        { "update of a missing key", "put", "/c", 4, "False 5 none" },
        { "update of a deleted key", "put", "/b", 4, "False 5 none" },
        { "update at the deletion's revision", "put", "/b", 5, "False 5 none" },
        { "delete, expected revision", "delete", "/a", 3, "True 6 /a=a2@2/3/2" },
        { "delete, old revision", "delete", "/a", 2, "False 5 /a=a2@2/3/2" },
        { "delete of a missing key", "delete", "/c", 7, "False 5 none" },
        { "delete of nothing changes nothing", "delete", "/c", 0, "True 5 none" },
    };

    [Theory, MemberData(nameof(ConditionalWrites))]
    public async Task Conditional_writes(string label, string verb, string key, long expected, string outcome)
    {
        _ = label;
        await PutAsync("/a", "a2", await PutAsync("/a", "a1"));
        await DeleteAsync("/b", await PutAsync("/b", "b1"));

        var result = verb == "put"
            ? await Store.PutAsync(key, expected, Bytes("new"), 0, null, Stop)
            : await Store.DeleteAsync(key, expected, Stop);

        Assert.Equal(outcome, $"{result.Succeeded} {result.Revision} {Show(result.Current)}");
        Assert.Equal(result.Revision, await Store.CurrentRevisionAsync(Stop));
    }

    public static readonly TheoryData<string, int> ValueSizes = new()
    {
        { "empty", 0 }, { "one byte", 1 }, { "beside a word", 9 }, { "a page", 4096 }, { "etcd's largest request", 1572864 },
    };

    [Theory, MemberData(nameof(ValueSizes))]
    public async Task Values_come_back_as_they_were(string label, int size)
    {
        _ = label;
        var value = new byte[size];
        new Random(size).NextBytes(value);
        await Store.PutAsync("/a", 0, value, 0, null, Stop);
        Assert.True((await Store.GetAsync("/a", 0, Stop)).KeyValue!.Value.Span.SequenceEqual(value));
    }

    [Fact]
    public async Task Keys_that_are_not_text_are_refused()
    {
        foreach (var key in (string[])["", "/lone/\ud800/surrogate"])
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.PutAsync(key, 0, default, 0, null, Stop));
    }

    [Fact]
    public async Task Of_many_writers_with_the_same_condition_one_wins()
    {
        const int Writers = 16, Rounds = 40;
        var revision = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            var expected = revision;
            var results = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
                await Store.PutAsync("/contended", expected, Bytes($"{round}/{writer}"), 0, null, Stop))));

            var winner = Assert.Single(results, result => result.Succeeded);
            var winnersValue = $"{round}/{Array.FindIndex(results, result => result.Succeeded)}";
            Assert.All(results.Where(result => !result.Succeeded), result =>
            {
                Assert.Equal(winner.Revision, result.Current!.ModRevision);
                Assert.Equal(winnersValue, Text(result.Current.Value));
            });
            revision = winner.Revision;
        }
        Assert.Equal(Rounds, (await Store.GetAsync("/contended", 0, Stop)).KeyValue!.Version);
        Assert.Equal(Rounds + 1, await Store.CurrentRevisionAsync(Stop));
    }

    [Fact]
    public async Task Concurrent_increments_are_all_counted()
    {
        const int Writers = 8, Increments = 25;
        await PutAsync("/counter", "0");
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            var current = (await Store.GetAsync("/counter", 0, Stop)).KeyValue!;
            for (var done = 0; done < Increments;)
            {
                var next = $"{int.Parse(Text(current.Value)) + 1}";
                var result = await Store.PutAsync("/counter", current.ModRevision, Bytes(next), 0, null, Stop);
                if (result.Succeeded)
                    done++;
                current = result.Current ?? (await Store.GetAsync("/counter", 0, Stop)).KeyValue!;
            }
        })));
        Assert.Equal($"{Writers * Increments}", Text((await Store.GetAsync("/counter", 0, Stop)).KeyValue!.Value));
    }
}
