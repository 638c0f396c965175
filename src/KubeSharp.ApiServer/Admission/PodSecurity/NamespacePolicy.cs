using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiMachinery.Views;

namespace KubeSharp.ApiServer.Admission.PodSecurity;

/// <summary>What is enforced, audited and warned of in a namespace (pod-security-admission/api/helpers.go Policy, v1.36).</summary>
internal readonly record struct NamespacePolicy(LevelVersion Enforce, LevelVersion Audit, LevelVersion Warn)
{
    public const string LabelPrefix = "pod-security.kubernetes.io/";
    public const string EnforceLabel = LabelPrefix + "enforce";
    public const string EnforceVersionLabel = LabelPrefix + "enforce-version";
    public const string AuditLabel = LabelPrefix + "audit";
    public const string AuditVersionLabel = LabelPrefix + "audit-version";
    public const string WarnLabel = LabelPrefix + "warn";
    public const string WarnVersionLabel = LabelPrefix + "warn-version";

    public bool IsFullyPrivileged => Enforce.Level == PolicyLevel.Privileged && Audit.Level == PolicyLevel.Privileged && Warn.Level == PolicyLevel.Privileged;

    public bool IsEquivalent(NamespacePolicy other) => Enforce.IsEquivalent(other.Enforce) && Audit.IsEquivalent(other.Audit) && Warn.IsEquivalent(other.Warn);

    /// <summary>The policy of a namespace's labels, with <paramref name="defaults"/> for those that are absent. What cannot be
    /// read is added to <paramref name="errors"/>: such a level is restricted when enforced and privileged otherwise.</summary>
    public static NamespacePolicy FromLabels(StringMap labels, NamespacePolicy defaults, FieldErrorList errors)
    {
        if (labels.IsEmpty)
            return defaults;
        var enforce = ReadLevel(labels, EnforceLabel, defaults.Enforce.Level, PolicyLevel.Restricted, errors, out var enforceIsSet);
        var enforceVersion = ReadVersion(labels, EnforceVersionLabel, defaults.Enforce.Version, errors);
        var audit = ReadLevel(labels, AuditLabel, defaults.Audit.Level, PolicyLevel.Privileged, errors, out _);
        var auditVersion = ReadVersion(labels, AuditVersionLabel, defaults.Audit.Version, errors);
        var warn = ReadLevel(labels, WarnLabel, defaults.Warn.Level, PolicyLevel.Privileged, errors, out _);
        var warnVersion = ReadVersion(labels, WarnVersionLabel, defaults.Warn.Version, errors);

        // Who enforces more than is warned of by default is warned of as much.
        if (enforceIsSet && !labels.ContainsKey(WarnLabel) && enforce > warn)
        {
            warn = enforce;
            if (!labels.ContainsKey(WarnVersionLabel))
                warnVersion = enforceVersion;
        }

        return new NamespacePolicy(new(enforce, enforceVersion), new(audit, auditVersion), new(warn, warnVersion));
    }

    private static PolicyLevel ReadLevel(StringMap labels, string label, PolicyLevel absent, PolicyLevel unreadable, FieldErrorList errors, out bool isSet)
    {
        isSet = false;
        if (labels[label] is not { } text)
            return absent;
        isSet = PolicyLevels.TryParse(text, out var level);
        if (isSet)
            return level;
        errors.Add(FieldError.Invalid(PathOf(label), text, PolicyLevels.Problem));
        return unreadable;
    }

    private static PolicyVersion ReadVersion(StringMap labels, string label, PolicyVersion absent, FieldErrorList errors)
    {
        if (labels[label] is not { } text)
            return absent;
        if (!PolicyVersion.TryParse(text, out var version))
            errors.Add(FieldError.Invalid(PathOf(label), text, PolicyVersion.Problem));
        return version;
    }

    private static FieldPath PathOf(string label) => new FieldPath("metadata", "labels").Key(label);
}
