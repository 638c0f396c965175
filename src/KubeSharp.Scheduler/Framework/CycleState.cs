namespace KubeSharp.Scheduler.Framework;

/// <summary>What plugins remember of one pod between extension points of one attempt. One thread at a time. Follows
/// kubernetes/pkg/scheduler/framework/cycle_state.go.</summary>
internal sealed class CycleState
{
    private readonly Dictionary<string, object> _data = new(StringComparer.Ordinal);

    /// <summary>A bit for each filter plugin, by position, that has nothing to do.</summary>
    public ulong SkipFilters { get; set; }

    /// <summary>A bit for each score plugin, by position, that has nothing to do.</summary>
    public ulong SkipScores { get; set; }

    /// <summary>Null when the plugin has not written under this key.</summary>
    public T? Read<T>(string key)
        where T : class => _data.TryGetValue(key, out var value) ? (T)value : null;

    public void Write(string key, object value) => _data[key] = value;
}
