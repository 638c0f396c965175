namespace KubeSharp.Scheduler.Framework;

/// <summary>What a plugin says (k8s.io/kube-scheduler/framework/interface.go).</summary>
internal enum Code
{
    Success,

    /// <summary>A bug or a failed request; tried again.</summary>
    Error,

    /// <summary>Not now; taking pods away may help.</summary>
    Unschedulable,

    /// <summary>Not now; taking pods away does not help.</summary>
    UnschedulableAndUnresolvable,

    Wait,

    /// <summary>The plugin has nothing to do for this pod, or leaves binding to the next one.</summary>
    Skip,

    Pending,
}

/// <summary>A plugin's answer. Immutable: answers that do not depend on pod and node are made once and shared, so that
/// filtering thousands of nodes allocates nothing.</summary>
internal sealed class Status(Code code, string plugin, params string[] reasons)
{
    public static Status Success { get; } = new(Code.Success, "");

    public static Status Skip { get; } = new(Code.Skip, "");

    public Code Code => code;

    public string Plugin => plugin;

    public string[] Reasons => reasons;

    /// <summary>What went wrong, for <see cref="Code.Error"/>.</summary>
    public Exception? Exception { get; init; }

    public bool IsSuccess => code == Code.Success;

    public bool IsSkip => code == Code.Skip;

    /// <summary>The pod does not fit, as opposed to an error.</summary>
    public bool IsRejected => code is Code.Unschedulable or Code.UnschedulableAndUnresolvable or Code.Pending;

    public string Message => Exception?.Message ?? string.Join(", ", reasons);

    public static Status FromException(Exception exception, string plugin) => new(Code.Error, plugin, exception.Message) { Exception = exception };
}
