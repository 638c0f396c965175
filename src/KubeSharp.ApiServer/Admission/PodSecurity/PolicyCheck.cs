using KubeSharp.ApiMachinery.Views.Core.V1;
using KubeSharp.ApiMachinery.Views.Meta.V1;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>What a check found: allowed when there is no reason against it. The reason stands alone when many pods are
/// checked; the detail names what one pod does wrong (pod-security-admission/policy/checks.go CheckResult, v1.36).</summary>
internal readonly record struct CheckResult(string? ForbiddenReason, string ForbiddenDetail)
{
    public static CheckResult Allowed => default;

    public bool IsAllowed => ForbiddenReason is null;
}

/// <summary>Judges a pod, or the pods of a template.</summary>
internal delegate CheckResult CheckPod(ObjectMeta metadata, PodSpec spec);

/// <summary>A check's rules since a minor version 1.x, and the baseline checks that are left out where it runs.</summary>
internal sealed record VersionedCheck(int MinimumMinor, CheckPod Check, params string[] Overrides);

/// <summary>One check of the pod security standards, by upstream's id.</summary>
internal sealed record PolicyCheck(string Id, PolicyLevel Level, params VersionedCheck[] Versions);
