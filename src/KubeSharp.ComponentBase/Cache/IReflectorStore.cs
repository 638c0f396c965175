using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ComponentBase.Cache;

/// <summary>What a reflector fills: the whole at first and after a gap, then one change after the other. The reflector waits
/// for each call, so a store that is busy slows the watch down instead of piling changes up.</summary>
public interface IReflectorStore
{
    ValueTask ReplaceAsync(IReadOnlyList<Map> objects, CancellationToken cancellationToken);

    /// <summary>An object that was added or modified.</summary>
    ValueTask SetAsync(Map obj, CancellationToken cancellationToken);

    /// <summary>An object that was deleted, in its last state.</summary>
    ValueTask DeleteAsync(Map obj, CancellationToken cancellationToken);
}
