using System.Diagnostics.CodeAnalysis;

namespace KubeSharp.ComponentBase.WorkQueue;

/// <summary>Items by the time when they are due, each once with its earliest time. Not thread-safe.</summary>
internal sealed class DelayedItems<T>
    where T : notnull
{
    // An entry whose time is not the item's time in the dictionary was replaced by an earlier one.
    private readonly PriorityQueue<T, TimeSpan> _order = new();
    private readonly Dictionary<T, TimeSpan> _due = [];

    /// <summary>The earliest time, or null when nothing waits.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            DropReplaced();
            return _order.TryPeek(out _, out var at) ? at : null;
        }
    }

    /// <summary>Adds the item or moves it forward; false when an earlier time stands already.</summary>
    public bool Add(T item, TimeSpan at)
    {
        if (_due.TryGetValue(item, out var known) && known <= at)
            return false;
        _due[item] = at;
        _order.Enqueue(item, at);
        return true;
    }

    /// <summary>Removes the item with the earliest time when that is not after <paramref name="now"/>.</summary>
    public bool TryTakeDue(TimeSpan now, [MaybeNullWhen(false)] out T item)
    {
        DropReplaced();
        if (!_order.TryPeek(out item, out var at) || at > now)
            return false;
        _order.Dequeue();
        _due.Remove(item);
        return true;
    }

    public void Clear()
    {
        _order.Clear();
        _due.Clear();
    }

    private void DropReplaced()
    {
        while (_order.TryPeek(out var item, out var at) && !(_due.TryGetValue(item, out var known) && known == at))
            _order.Dequeue();
    }
}
