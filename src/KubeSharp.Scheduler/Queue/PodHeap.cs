using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Queue;

/// <summary>A binary heap of waiting pods that can also take one out of its middle. A pod is in one heap at a time. Not thread-safe.</summary>
internal sealed class PodHeap(Comparison<QueuedPodInfo> order)
{
    private readonly List<QueuedPodInfo> _items = [];

    public int Count => _items.Count;

    /// <summary>The first one, which stays; null when empty.</summary>
    public QueuedPodInfo? Peek() => _items.Count == 0 ? null : _items[0];

    public void Add(QueuedPodInfo pod)
    {
        _items.Add(pod);
        pod.HeapIndex = _items.Count - 1;
        Up(pod.HeapIndex);
    }

    public QueuedPodInfo Pop()
    {
        var first = _items[0];
        Remove(first);
        return first;
    }

    public void Remove(QueuedPodInfo pod)
    {
        var at = pod.HeapIndex;
        var last = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        pod.HeapIndex = -1;
        if (ReferenceEquals(last, pod))
            return;
        Put(at, last);
        Fix(last);
    }

    /// <summary>Finds the place of a pod whose order may have changed.</summary>
    public void Fix(QueuedPodInfo pod)
    {
        Up(pod.HeapIndex);
        Down(pod.HeapIndex);
    }

    private void Up(int at)
    {
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (order(_items[at], _items[parent]) >= 0)
                return;
            Swap(at, parent);
            at = parent;
        }
    }

    private void Down(int at)
    {
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= _items.Count)
                return;
            if (child + 1 < _items.Count && order(_items[child + 1], _items[child]) < 0)
                child++;
            if (order(_items[child], _items[at]) >= 0)
                return;
            Swap(at, child);
            at = child;
        }
    }

    private void Swap(int left, int right)
    {
        var item = _items[left];
        Put(left, _items[right]);
        Put(right, item);
    }

    private void Put(int at, QueuedPodInfo pod)
    {
        _items[at] = pod;
        pod.HeapIndex = at;
    }
}
