using System.Collections.Concurrent;
using KubeSharp.ComponentBase;

namespace KubeSharp.ControllerManager.Pods;

/// <summary>
/// What a controller has asked for and not yet seen in its informer: until that is seen, or five minutes have passed, the
/// informer's pods are no basis for a decision (pkg/controller/controller_utils.go ControllerExpectations, v1.36).
/// </summary>
internal sealed class ControllerExpectations(TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Expected> _expected = new(StringComparer.Ordinal);

    private sealed class Expected(TimeSpan since)
    {
        public TimeSpan Since { get; } = since;

        public int Creations { get; set; }

        public HashSet<string> Deletions { get; } = new(StringComparer.Ordinal);
    }

    public bool AreSatisfied(string key)
    {
        if (!_expected.TryGetValue(key, out var expected))
            return true;
        lock (expected)
            return (expected.Creations <= 0 && expected.Deletions.Count == 0) || time.SteadyNow() - expected.Since > Timeout;
    }

    public void ExpectCreations(string key, int count) => _expected[key] = new Expected(time.SteadyNow()) { Creations = count };

    public void ExpectDeletions(string key, IEnumerable<string> podKeys)
    {
        var expected = new Expected(time.SteadyNow());
        expected.Deletions.UnionWith(podKeys);
        _expected[key] = expected;
    }

    public void CreationObserved(string key)
    {
        if (!_expected.TryGetValue(key, out var expected))
            return;
        lock (expected)
            expected.Creations--;
    }

    public void DeletionObserved(string key, string podKey)
    {
        if (!_expected.TryGetValue(key, out var expected))
            return;
        lock (expected)
            expected.Deletions.Remove(podKey);
    }

    public void Forget(string key) => _expected.TryRemove(key, out _);
}
