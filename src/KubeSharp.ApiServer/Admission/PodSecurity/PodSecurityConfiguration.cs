using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>PodSecurityConfiguration (pod-security.admission.config.k8s.io/v1): the policy of namespaces without labels, and
/// who is exempt (pod-security-admission/admission/api, v1.36).</summary>
internal sealed record PodSecurityConfiguration(NamespacePolicy Defaults, IReadOnlySet<string> Usernames, IReadOnlySet<string> Namespaces, IReadOnlySet<string> RuntimeClasses)
{
    private const string Group = "pod-security.admission.config.k8s.io";

    /// <exception cref="FormatException">The configuration is not valid.</exception>
    public static PodSecurityConfiguration Read(Map? root)
    {
        root ??= Map.Empty;
        if (root.Count > 0 && (root.GetString("kind") != "PodSecurityConfiguration" || root.GetString("apiVersion") is not (Group + "/v1" or Group + "/v1beta1" or Group + "/v1alpha1")))
            throw new FormatException($"no kind \"{root.GetString("kind")}\" is registered for version \"{root.GetString("apiVersion")}\"");
        var errors = new FieldErrorList();
        var defaults = root.GetMap("defaults") ?? Map.Empty;
        var exemptions = root.GetMap("exemptions") ?? Map.Empty;
        var policy = new NamespacePolicy(ReadDefault(defaults, "enforce", errors), default, default);
        policy = policy with { Warn = ReadDefault(defaults, "warn", errors), Audit = ReadDefault(defaults, "audit", errors) };
        var namespaces = ReadNames(exemptions, "namespaces", static name => NameRules.DnsLabel(name, false), errors);
        var classes = ReadNames(exemptions, "runtimeClasses", static name => NameRules.DnsSubdomain(name, false), errors);
        var users = ReadNames(exemptions, "usernames", static name => name.Length > 0 ? [] : ["username must not be empty"], errors);
        if (errors.ToAggregate() is { } problem)
            throw new FormatException(problem);
        return new PodSecurityConfiguration(policy, users, namespaces, classes);
    }

    private static LevelVersion ReadDefault(Map defaults, string mode, FieldErrorList errors)
    {
        var levelText = defaults.GetString(mode) is { Length: > 0 } given ? given : "privileged";
        if (!PolicyLevels.TryParse(levelText, out var level))
            errors.Add(FieldError.Invalid(new FieldPath("defaults", mode), levelText, PolicyLevels.Problem));
        var versionText = defaults.GetString($"{mode}-version") is { Length: > 0 } givenVersion ? givenVersion : "latest";
        if (!PolicyVersion.TryParse(versionText, out var version))
            errors.Add(FieldError.Invalid(new FieldPath("defaults", $"{mode}-version"), versionText, PolicyVersion.Problem));
        return new LevelVersion(level, version);
    }

    private static HashSet<string> ReadNames(Map exemptions, string field, Func<string, IReadOnlyList<string>> problemsOf, FieldErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var items = exemptions.GetSequence(field) ?? Sequence.Empty;
        for (var i = 0; i < items.Count; i++)
        {
            var name = items[i].AsString ?? "";
            var problems = problemsOf(name);
            if (problems.Count > 0)
                errors.Add(FieldError.Invalid(new FieldPath("exemptions", field).Index(i), name, string.Join(", ", problems)));
            else if (!names.Add(name))
                errors.Add(FieldError.Duplicate(new FieldPath("exemptions", field).Index(i), name));
        }

        return names;
    }
}
