namespace KubeSharp.ComponentBase.LeaderElection;

/// <summary>Who wants to lead what, and how patient everybody is (component-base/config/v1alpha1/defaults.go).</summary>
/// <param name="Namespace">The Lease's namespace, most often <c>kube-system</c>.</param>
/// <param name="Name">The Lease's name, as <c>kube-scheduler</c>.</param>
/// <param name="Identity">Unique to the process: host name, underscore and a UUID.</param>
public sealed record LeaderElectionOptions(string Namespace, string Name, string Identity)
{
    /// <summary>How long others wait after the last renewal that they saw.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader goes on without having renewed.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between tries.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gives the lease up when stopped, so that the next leader need not wait.</summary>
    public bool ReleaseOnCancel { get; init; } = true;

    /// <summary>All that is wrong with the options (client-go/tools/leaderelection/leaderelection.go).</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (LeaseDuration <= RenewDeadline)
            errors.Add("leaseDuration must be greater than renewDeadline");
        if (RenewDeadline <= RetryPeriod * LeaderElector.JitterFactor)
            errors.Add("renewDeadline must be greater than retryPeriod*JitterFactor");
        if (LeaseDuration <= TimeSpan.Zero)
            errors.Add("leaseDuration must be greater than zero");
        if (RenewDeadline <= TimeSpan.Zero)
            errors.Add("renewDeadline must be greater than zero");
        if (RetryPeriod <= TimeSpan.Zero)
            errors.Add("retryPeriod must be greater than zero");
        if (Identity.Length == 0)
            errors.Add("Lock identity is empty");
        return errors;
    }
}
