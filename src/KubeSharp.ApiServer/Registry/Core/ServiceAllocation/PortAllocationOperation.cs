namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>The node ports that one write takes and gives back; a dry run changes nothing and guesses numbers
/// (pkg/registry/core/service/portallocator/operation.go, v1.36).</summary>
internal sealed class PortAllocationOperation(PortAllocator ports, bool dryRun)
{
    /// <summary>The number before the first that a dry run makes up.</summary>
    private const long DryRunBase = 32768;

    private readonly List<long> _allocated = [];
    private readonly List<long> _released = [];

    /// <exception cref="AllocationException">Taken, or (unless dry) out of range.</exception>
    public async ValueTask AllocateAsync(long port, CancellationToken cancellationToken)
    {
        if (!dryRun)
            await ports.AllocateAsync(port, cancellationToken).ConfigureAwait(false);
        else if (ports.Has(port) || _allocated.Contains(port))
            throw new AllocationException("provided port is already allocated");
        _allocated.Add(port);
    }

    /// <exception cref="AllocationException">The range is full.</exception>
    public async ValueTask<long> AllocateNextAsync(CancellationToken cancellationToken)
    {
        var port = !dryRun ? await ports.AllocateNextAsync(cancellationToken).ConfigureAwait(false)
            : _allocated.Count == 0 ? DryRunBase + 1 : _allocated.Max() + 1;
        _allocated.Add(port);
        return port;
    }

    /// <summary>The port goes back once the write is stored.</summary>
    public void ReleaseDeferred(long port)
    {
        if (port != 0)
            _released.Add(port);
    }

    public ValueTask CommitAsync(CancellationToken cancellationToken) => ReleaseAsync(_released, cancellationToken);

    public ValueTask RollbackAsync() => ReleaseAsync(_allocated, CancellationToken.None);

    private async ValueTask ReleaseAsync(List<long> released, CancellationToken cancellationToken)
    {
        if (dryRun)
            return;
        foreach (var port in released)
            await ports.ReleaseAsync(port, cancellationToken).ConfigureAwait(false);
    }
}
