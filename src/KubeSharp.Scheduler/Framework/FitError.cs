using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace KubeSharp.Scheduler.Framework;

/// <summary>Why no node takes a pod (<c>FitError</c> and <c>Diagnosis</c> of kubernetes/pkg/scheduler/framework/types.go).
/// One per attempt that failed; nodes are counted by reason.</summary>
internal sealed class FitError(int allNodes)
{
    private readonly Dictionary<string, int> _reasons = new(StringComparer.Ordinal);

    /// <summary>Plugins that rejected the pod on some node, or on all.</summary>
    public HashSet<string> UnschedulablePlugins { get; } = new(StringComparer.Ordinal);

    /// <summary>Set when the pod was rejected before nodes were looked at.</summary>
    public string PreFilterMessage { get; set; } = "";

    public string PostFilterMessage { get; set; } = "";

    /// <summary>A node (or so many at once) said no.</summary>
    public void Add(Status status, int nodes = 1)
    {
        foreach (var reason in status.Reasons)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_reasons, reason, out _) += nodes;
        }

        if (status.IsRejected && status.Plugin.Length > 0)
            UnschedulablePlugins.Add(status.Plugin);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"0/{allNodes} nodes are available:");
        if (PreFilterMessage.Length > 0)
        {
            text.Append(' ').Append(PreFilterMessage).Append('.');
        }
        else if (_reasons.Count > 0)
        {
            var reasons = _reasons.Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Value} {reason.Key}"));
            text.Append(' ').AppendJoin(", ", reasons.Order(StringComparer.Ordinal)).Append('.');
        }

        if (PostFilterMessage.Length > 0)
            text.Append(' ').Append(PostFilterMessage);
        return text.ToString();
    }
}
