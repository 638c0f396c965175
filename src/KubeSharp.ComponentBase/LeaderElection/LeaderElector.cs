using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Errors;
using KubeSharp.ApiMachinery.Meta;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ComponentBase.Client;
using KubeSharp.ComponentBase.Events;
using Microsoft.Extensions.Logging;

namespace KubeSharp.ComponentBase.LeaderElection;

/// <summary>
/// Runs work in one process of many, by a coordination.k8s.io/v1 Lease. A candidate takes over when the Lease has no holder
/// or has not changed for its duration, by its own clock. A leader that could not renew before the deadline has its
/// work cancelled before any other may start. Follows client-go/tools/leaderelection/leaderelection.go.
/// </summary>
public sealed partial class LeaderElector
{
    /// <summary>Candidates wait for one to 2.2 retry periods.</summary>
    internal const double JitterFactor = 1.2;

    private static readonly GroupVersionResource Leases = new("coordination.k8s.io", "v1", "leases");

    private readonly IApiClient _client;
    private readonly LeaderElectionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventRecorder? _events;
    private readonly Random _random;
    private readonly ResourceRequest _request;
    private Map? _lease;
    private Map? _observedSpec;
    private long _observedAt;
    private volatile string _holder = "";

    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public LeaderElector(
        IApiClient client, LeaderElectionOptions options, TimeProvider time, ILogger logger, EventRecorder? events = null, Random? random = null)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException(string.Join("; ", errors), nameof(options));
        _client = client;
        _options = options;
        _time = time;
        _logger = logger;
        _events = events;
        _random = random ?? Random.Shared;
        _request = new ResourceRequest(Leases, options.Namespace, options.Name);
    }

    /// <summary>Who leads as far as is known; empty when nobody was seen.</summary>
    public string Leader => _holder;

    public bool IsLeader => _holder == _options.Identity;

    /// <summary>
    /// Waits to lead, then runs <paramref name="lead"/>. Returns true when the work ended, or was stopped by the token;
    /// false when the lease was lost: the work's token is cancelled then, and the process should end (as upstream's do),
    /// because the world must be read anew before leading again.
    /// </summary>
    public async Task<bool> RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        try
        {
            await AcquireAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }

        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = Task.Run(() => lead(leading.Token), CancellationToken.None);
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewal = RenewAsync(renewing.Token);
        try
        {
            await Task.WhenAny(work, renewal).ConfigureAwait(false);
            var lost = renewal.IsCompleted && !cancellationToken.IsCancellationRequested && !work.IsCompleted;
            await leading.CancelAsync().ConfigureAwait(false);
            try
            {
                await work.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (leading.IsCancellationRequested)
            {
            }

            return !lost;
        }
        finally
        {
            await renewing.CancelAsync().ConfigureAwait(false);
            await renewal.ConfigureAwait(false);
            RecordEvent("stopped leading");
            if (_options.ReleaseOnCancel)
                await ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task AcquireAsync(CancellationToken cancellationToken)
    {
        Log.Attempting(_logger, _options.Namespace, _options.Name);
        while (!await TryAcquireOrRenewAsync(cancellationToken).ConfigureAwait(false))
            await Task.Delay(_options.RetryPeriod * (1 + (JitterFactor * _random.NextDouble())), _time, cancellationToken).ConfigureAwait(false);
        RecordEvent("became leader");
        Log.Acquired(_logger, _options.Namespace, _options.Name);
    }

    // Returns when the lease could not be renewed in time, or when cancelled.
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.RetryPeriod, _time, cancellationToken).ConfigureAwait(false);
                using var deadline = new CancellationTokenSource(_options.RenewDeadline, _time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
                while (!await TryAcquireOrRenewAsync(both.Token).ConfigureAwait(false))
                    await Task.Delay(_options.RetryPeriod, _time, both.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            if (!cancellationToken.IsCancellationRequested)
                Log.Lost(_logger, _options.Namespace, _options.Name);
        }
    }

    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Most often the Lease is as this process left it.
            if (IsLeader && IsObservedValid() && await TryWriteAsync(_lease!, true, cancellationToken).ConfigureAwait(false))
                return true;
            Map current;
            try
            {
                current = await _client.GetAsync(_request, cancellationToken).ConfigureAwait(false);
            }
            catch (StatusException exception) when (exception.IsNotFound)
            {
                var created = await _client.CreateAsync(_request with { Name = "" }, NewLease(), cancellationToken).ConfigureAwait(false);
                Observe(created);
                return true;
            }

            if (_observedSpec is null || !_observedSpec.DeepEquals(Spec(current)))
                Observe(current);
            else
                _lease = current;
            if (_holder.Length > 0 && !IsLeader && IsObservedValid())
                return false;
            return await TryWriteAsync(current, IsLeader, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.Failed(_logger, _options.Namespace, _options.Name, exception.Message);
            return false;
        }
    }

    private async Task<bool> TryWriteAsync(Map lease, bool renew, CancellationToken cancellationToken)
    {
        var now = Rfc3339.FormatMicro(_time.GetUtcNow());
        var old = Spec(lease);
        var next = lease.ShallowClone();
        var spec = next.EditMap("spec");
        spec["holderIdentity"] = _options.Identity;
        spec["leaseDurationSeconds"] = (long)_options.LeaseDuration.TotalSeconds;
        spec["acquireTime"] = renew ? old["acquireTime"] : now;
        spec["renewTime"] = now;
        spec["leaseTransitions"] = (old.GetInteger("leaseTransitions") ?? 0) + (renew ? 0 : 1);
        try
        {
            Observe(await _client.UpdateAsync(_request, next, cancellationToken).ConfigureAwait(false));
            return true;
        }
        catch (StatusException exception)
        {
            Log.Failed(_logger, _options.Namespace, _options.Name, exception.Message);
            return false;
        }
    }

    private async Task ReleaseAsync()
    {
        using var deadline = new CancellationTokenSource(_options.RenewDeadline, _time);
        try
        {
            var current = await _client.GetAsync(_request, deadline.Token).ConfigureAwait(false);
            if (Spec(current).GetString("holderIdentity") != _options.Identity)
                return;
            var now = Rfc3339.FormatMicro(_time.GetUtcNow());
            var next = current.ShallowClone();
            var spec = next.EditMap("spec");
            spec["holderIdentity"] = "";
            spec["leaseDurationSeconds"] = 1;
            spec["acquireTime"] = now;
            spec["renewTime"] = now;
            Observe(await _client.UpdateAsync(_request, next, deadline.Token).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            Log.NotReleased(_logger, _options.Namespace, _options.Name, exception.Message);
        }
    }

    private Map NewLease()
    {
        var now = Rfc3339.FormatMicro(_time.GetUtcNow());
        return new Map
        {
            { "apiVersion", "coordination.k8s.io/v1" },
            { "kind", "Lease" },
            { "metadata", new Map { { "name", _options.Name }, { "namespace", _options.Namespace } } },
            {
                "spec", new Map
                {
                    { "holderIdentity", _options.Identity },
                    { "leaseDurationSeconds", (long)_options.LeaseDuration.TotalSeconds },
                    { "acquireTime", now },
                    { "renewTime", now },
                    { "leaseTransitions", 0 },
                }
            },
        };
    }

    private void Observe(Map lease)
    {
        _lease = lease;
        _observedSpec = Spec(lease);
        _observedAt = _time.GetTimestamp();
        _holder = _observedSpec.GetString("holderIdentity") ?? "";
    }

    private bool IsObservedValid() =>
        _time.GetElapsedTime(_observedAt) < TimeSpan.FromSeconds(_observedSpec?.GetInteger("leaseDurationSeconds") ?? 0);

    private static Map Spec(Map lease) => lease.GetMap("spec") ?? Map.Empty;

    private void RecordEvent(string what)
    {
        if (_lease is not null)
            _events?.Event(_lease, EventRecorder.Normal, "LeaderElection", $"{_options.Identity} {what}");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Attempting to acquire leader lease {Namespace}/{Name}")]
        public static partial void Attempting(ILogger logger, string @namespace, string name);

        [LoggerMessage(2, LogLevel.Information, "Successfully acquired lease {Namespace}/{Name}")]
        public static partial void Acquired(ILogger logger, string @namespace, string name);

        [LoggerMessage(3, LogLevel.Error, "Failed to renew lease {Namespace}/{Name} before the deadline")]
        public static partial void Lost(ILogger logger, string @namespace, string name);

        [LoggerMessage(4, LogLevel.Warning, "Failed to read or update lease {Namespace}/{Name}: {Message}")]
        public static partial void Failed(ILogger logger, string @namespace, string name, string message);

        [LoggerMessage(5, LogLevel.Error, "Failed to release lease {Namespace}/{Name}: {Message}")]
        public static partial void NotReleased(ILogger logger, string @namespace, string name, string message);
    }
}
