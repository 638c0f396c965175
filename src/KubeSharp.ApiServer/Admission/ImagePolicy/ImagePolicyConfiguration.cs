using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Meta;

namespace KubeSharp.ApiServer.Admission.ImagePolicy;

/// <summary>How images are reviewed (plugin/pkg/admission/imagepolicy/config.go, v1.36).</summary>
/// <param name="KubeConfigFile">Names the backend and how to get in.</param>
/// <param name="AllowTtl">How long a yes is remembered; zero: not at all.</param>
/// <param name="DenyTtl">How long a no is remembered.</param>
/// <param name="RetryBackoff">The wait before the second try; it grows by half each time.</param>
/// <param name="DefaultAllow">What counts when the backend does not answer.</param>
internal sealed record ImagePolicyConfiguration(string KubeConfigFile, TimeSpan AllowTtl, TimeSpan DenyTtl, TimeSpan RetryBackoff, bool DefaultAllow)
{
    private const long UseDefault = 0;
    private const long Disabled = -1;

    /// <param name="root">The file, with <c>imagePolicy</c>.</param>
    /// <exception cref="FormatException">Nothing is configured, or a time is out of its range.</exception>
    public static ImagePolicyConfiguration Read(Map? root)
    {
        if (root is null)
            throw new FormatException("no config specified");
        var config = root.GetMap("imagePolicy") ?? Map.Empty;
        var backoff = Time(config, "retryBackoff", TimeSpan.FromMilliseconds(1), TimeSpan.FromTicks(1), TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(500));
        var allow = Time(config, "allowTTL", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(5));
        var deny = Time(config, "denyTTL", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(30));
        return new ImagePolicyConfiguration(config.GetString("kubeConfigFile") ?? "", allow, deny, backoff, config["defaultAllow"].AsBoolean ?? false);
    }

    private static TimeSpan Time(Map config, string field, TimeSpan unit, TimeSpan least, TimeSpan most, TimeSpan otherwise)
    {
        var number = config.GetInteger(field) ?? 0;
        if (number == Disabled)
            return TimeSpan.Zero;
        if (number == UseDefault)
            return otherwise;
        var value = Math.Abs(number) > TimeSpan.FromDays(365) / unit ? TimeSpan.FromDays(365) * Math.Sign(number) : number * unit;
        // The least wait is one of Go's nanoseconds, of which there are a hundred to a tick.
        var lower = least.Ticks == 1 ? "1ns" : GoDuration.Format(least.Ticks * 100);
        return value >= least && value <= most
            ? value
            : throw new FormatException($"valid value is between {lower} and {GoDuration.Format(most.Ticks * 100)}, got {GoDuration.Format(value.Ticks * 100)}");
    }
}
