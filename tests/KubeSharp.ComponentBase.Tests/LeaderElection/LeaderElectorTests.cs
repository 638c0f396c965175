using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.LeaderElection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeSharp.ComponentBase.Tests.LeaderElection;

public sealed class LeaderElectorTests : IDisposable
{
    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");

    private readonly FakeApiServer _api = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task AcquiresRenewsAndReleases()
    {
        var a = new Candidate(this, "a", _stop.Token);
        await a.Leading;
        Assert.Equal("2026-01-02T03:04:05.000000Z", Spec().GetString("acquireTime"));
        Assert.Equal(("a", 15L, 0L), (Spec().GetString("holderIdentity"), Spec().GetInteger("leaseDurationSeconds"), Spec().GetInteger("leaseTransitions")));

        await Eventually.TrueAsync(() => _time.UntilNextTimer is not null, "the wait for the renewal");
        Assert.Equal(TimeSpan.FromSeconds(2), _time.UntilNextTimer);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(() => Spec().GetString("renewTime") == "2026-01-02T03:04:07.000000Z", "the renewal");
        Assert.Equal("2026-01-02T03:04:05.000000Z", Spec().GetString("acquireTime"));

        await _stop.CancelAsync();
        Assert.True(await a.Ended);
        Assert.Equal(("", 1L, 0L), (Spec().GetString("holderIdentity"), Spec().GetInteger("leaseDurationSeconds"), Spec().GetInteger("leaseTransitions")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task AnotherTakesOverOnlyWhenTheLeaseHasNotChangedForItsDuration(int clockStepInHours)
    {
        var lease = FakeApiServer.Object("Lease", "kube-system", "test", "coordination.k8s.io/v1");
        lease["spec"] = new Map { { "holderIdentity", "gone" }, { "leaseDurationSeconds", 15 }, { "leaseTransitions", 4 } };
        await _api.CreateAsync(new(Leases, "kube-system"), lease, _stop.Token);

        var started = _time.GetTimestamp();
        var stepped = clockStepInHours == 0;
        var b = new Candidate(this, "b", _stop.Token);
        while (true)
        {
            await Eventually.TrueAsync(() => Spec().GetString("holderIdentity") == "b" || _time.UntilNextTimer is not null, "the next try");
            var wait = _time.UntilNextTimer;
            if (Spec().GetString("holderIdentity") == "b")
                break;
            Assert.InRange(wait!.Value, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4.4));
            // Neither earlier nor later when the wall clock is set meanwhile.
            if (!stepped)
                _time.StepWallClock(TimeSpan.FromHours(clockStepInHours));
            stepped = true;
            _time.Advance(wait.Value);
        }

        Assert.InRange(_time.GetElapsedTime(started), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(20));
        Assert.Equal(_time.GetUtcNow(), Rfc3339.ParseOrNull(Spec().GetString("acquireTime")));
        Assert.Equal(("b", 5L), (Spec().GetString("holderIdentity"), Spec().GetInteger("leaseTransitions")));
        await b.Leading;
        await _stop.CancelAsync();
        await b.Ended;
    }

    [Fact]
    public async Task TheWorkIsCancelledWhenTheLeaseCouldNotBeRenewedInTime()
    {
        var a = new Candidate(this, "a", _stop.Token);
        await a.Leading;
        _api.OnRequest = (_, _, _) => throw new HttpRequestException("connection refused");
        var last = _time.GetUtcNow();
        for (var seconds = 0; seconds < 11; seconds += 2)
        {
            Assert.False(a.WorkToken.IsCancellationRequested);
            await Eventually.TrueAsync(() => _time.UntilNextTimer <= TimeSpan.FromSeconds(2), "the next try");
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.False(await a.Ended.WaitAsync(TimeSpan.FromSeconds(30), _stop.Token));
        Assert.True(a.WorkToken.IsCancellationRequested);
        Assert.True(_time.GetUtcNow() - last < TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task ALeaseThatSomebodyTookIsNotTakenBack()
    {
        var a = new Candidate(this, "a", _stop.Token);
        await a.Leading;
        var stolen = _api.Find(Leases, "kube-system/test")!.ShallowClone();
        stolen.EditMap("spec")["holderIdentity"] = "thief";
        await _api.UpdateAsync(new(Leases, "kube-system", "test"), stolen, _stop.Token);
        while (!a.Ended.IsCompleted)
        {
            await Eventually.TrueAsync(() => a.Ended.IsCompleted || _time.UntilNextTimer <= TimeSpan.FromSeconds(2), "the next try");
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.False(await a.Ended);
        Assert.Equal("thief", Spec().GetString("holderIdentity"));
    }

    [Theory]
    [InlineData(10, 10, 2, "leaseDuration must be greater than renewDeadline")]
    [InlineData(15, 2.4, 2, "renewDeadline must be greater than retryPeriod*JitterFactor")]
    public void RefusesTimesThatAreNotSafe(double lease, double renew, double retry, string message)
    {
        var options = new LeaderElectionOptions("kube-system", "test", "a")
        {
            LeaseDuration = TimeSpan.FromSeconds(lease), RenewDeadline = TimeSpan.FromSeconds(renew), RetryPeriod = TimeSpan.FromSeconds(retry),
        };
        Assert.Equal([message], options.Validate());
    }

    private Map Spec() => _api.Find(Leases, "kube-system/test")!.GetMap("spec")!;

    private sealed class Candidate
    {
        private readonly TaskCompletionSource _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Candidate(LeaderElectorTests test, string identity, CancellationToken stop)
        {
            var elector = new LeaderElector(
                test._api, new LeaderElectionOptions("kube-system", "test", identity), test._time, NullLogger.Instance, random: new Random(1));
            Ended = elector.RunAsync(
                async token =>
                {
                    WorkToken = token;
                    _leading.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                },
                stop);
        }

        public Task Leading => _leading.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        public Task<bool> Ended { get; }

        public CancellationToken WorkToken { get; private set; }
    }
}
