using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiMachinery.Views;
using KubeSharp.ApiServer.Admission.PodSecurity;

namespace KubeSharp.ApiServer.Tests.Admission.PodSecurity;

/// <summary>Policies of labels (pod-security-admission/api/helpers_test.go, v1.36).</summary>
public sealed class NamespacePolicyTests
{
    [Theory]
    [InlineData("", "privileged:latest", "privileged:latest", "privileged:latest", "")]
    [InlineData("enforce=baseline", "baseline:latest", "privileged:latest", "baseline:latest", "")]
    [InlineData("enforce=restricted,enforce-version=v1.20", "restricted:v1.20", "privileged:latest", "restricted:v1.20", "")]
    [InlineData("enforce=restricted,warn=baseline", "restricted:latest", "privileged:latest", "baseline:latest", "")]
    [InlineData("enforce=baseline,enforce-version=v1.9,warn-version=v1.11", "baseline:v1.9", "privileged:latest", "baseline:v1.11", "")]
    [InlineData("enforce=bad,audit=bad,warn=bad", "restricted:latest", "privileged:latest", "privileged:latest", "enforce,audit,warn")]
    [InlineData("enforce-version=v1.01,audit-version=1.1,warn-version=v2.0", "privileged:latest", "privileged:latest", "privileged:latest", "enforce-version,audit-version,warn-version")]
    public void Labels_make_a_policy(string labels, string enforce, string audit, string warn, string wrong)
    {
        var map = new Map();
        foreach (var label in labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=')))
            map.Set(NamespacePolicy.LabelPrefix + label[0], label[1]);
        var defaults = PodSecurityConfiguration.Read(null).Defaults;
        var errors = new FieldErrorList();
        var policy = NamespacePolicy.FromLabels(new StringMap(map), defaults, errors);
        Assert.Equal((enforce, audit, warn), (policy.Enforce.ToString(), policy.Audit.ToString(), policy.Warn.ToString()));
        Assert.Equal(wrong.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(name => $"metadata.labels[{NamespacePolicy.LabelPrefix}{name}]"), errors.Select(error => error.Field));
    }

    [Fact]
    public void Configuration_is_checked()
    {
        var root = new Map
        {
            { "apiVersion", "pod-security.admission.config.k8s.io/v1" }, { "kind", "PodSecurityConfiguration" },
            { "defaults", new Map { { "enforce", "strict" }, { "warn-version", "1.2" } } },
            { "exemptions", new Map { { "namespaces", new Sequence { "a", "a", "B" } }, { "usernames", new Sequence { "" } } } },
        };
        var exception = Assert.Throws<FormatException>(() => PodSecurityConfiguration.Read(root));
        Assert.StartsWith("[defaults.enforce: Invalid value: \"strict\": must be one of privileged, baseline, restricted, defaults.warn-version: Invalid value: \"1.2\": must be \"latest\" or \"v1.x\", exemptions.namespaces[1]: Duplicate value: \"a\", exemptions.namespaces[2]: Invalid value: \"B\": a lowercase RFC 1123 label", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("exemptions.usernames[0]: Invalid value: \"\": username must not be empty]", exception.Message, StringComparison.Ordinal);
    }
}
