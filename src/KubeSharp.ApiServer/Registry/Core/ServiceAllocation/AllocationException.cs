namespace KubeSharp.ApiServer.Registry.Core.ServiceAllocation;

/// <summary>An address or port cannot be had; the message is upstream's. <see cref="IsFull"/>: nobody can have any.</summary>
internal sealed class AllocationException(string message, bool isFull = false) : Exception(message)
{
    public bool IsFull { get; } = isFull;

    public static AllocationException Full() => new("range is full", true);
}
