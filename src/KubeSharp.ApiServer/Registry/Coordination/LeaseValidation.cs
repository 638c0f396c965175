using System.Numerics;
using System.Text.RegularExpressions;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Coordination;

/// <summary>Leases and lease candidates (pkg/apis/coordination/validation/validation.go, v1.36). Coordinated leader election
/// is off, so that its two fields are dropped before.</summary>
internal static partial class LeaseValidation
{
    private static readonly string[] Strategies = ["OldestEmulationVersion"];
    private static readonly FieldPath Spec = MetadataValidation.Spec;
    private static readonly ValidateName ConfigMapKey = (name, _) => NameValidation.IsConfigMapKey(name);

    public static void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ObjectMetaValidation.Validate(errors, obj.Sub("metadata"), true, NameRules.DnsSubdomain, MetadataValidation.Path);
        ValidateSpec(errors, obj.Sub("spec"));
    }

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ObjectMetaValidation.ValidateUpdate(errors, obj.Sub("metadata"), old.Sub("metadata"), MetadataValidation.Path);
        ValidateSpec(errors, obj.Sub("spec"));
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec)
    {
        if (spec.GetInteger("leaseDurationSeconds") is { } duration and <= 0)
            errors.Invalid(Spec.Child("leaseDurationSeconds"), duration, "must be greater than 0");
        if (spec.Number("leaseTransitions") < 0)
            errors.Invalid(Spec.Child("leaseTransitions"), spec.Number("leaseTransitions"), "must be greater than or equal to 0");
        if (spec.GetString("strategy") is { } strategy)
            ValidateStrategy(errors, strategy, Spec.Child("strategy"));
        if (spec.Text("preferredHolder").Length > 0 && spec.Text("strategy").Length == 0)
            errors.Forbidden(Spec.Child("preferredHolder"), "may only be specified if `strategy` is defined");
    }

    private static void ValidateStrategy(FieldErrorList errors, string strategy, FieldPath path)
    {
        if (strategy.Contains('/'))
            errors.AddInvalid(path.Child("strategy"), strategy, NameValidation.IsQualifiedName(strategy));
        else
            errors.OneOf(path, "strategy", strategy, Strategies);
    }

    public static void ValidateCandidate(OperationContext context, Map obj, FieldErrorList errors)
    {
        ObjectMetaValidation.Validate(errors, obj.Sub("metadata"), true, ConfigMapKey, MetadataValidation.Path);
        ValidateCandidateSpec(errors, obj.Sub("spec"));
    }

    public static void ValidateCandidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        ObjectMetaValidation.ValidateUpdate(errors, obj.Sub("metadata"), old.Sub("metadata"), MetadataValidation.Path);
        ValidateCandidateSpec(errors, obj.Sub("spec"));
        errors.ImmutableText(obj.Sub("spec"), old.Sub("spec"), "leaseName", Spec);
    }

    private static void ValidateCandidateSpec(FieldErrorList errors, Map spec)
    {
        const string NotSemantic = "must be a valid semantic version";
        if (spec.Text("leaseName").Length == 0)
            errors.Required(Spec.Child("leaseName"));
        var (emulation, binary) = (spec.Text("emulationVersion"), spec.Text("binaryVersion"));
        var emulationMatch = SemanticVersion().Match(emulation);
        var binaryMatch = SemanticVersion().Match(binary);
        if (emulation.Length > 0 && !emulationMatch.Success)
            errors.Invalid(Spec.Child("emulationVersion"), emulation, NotSemantic);
        if (binary.Length == 0)
            errors.Required(Spec.Child("binaryVersion"));
        else if (!binaryMatch.Success)
            errors.Invalid(Spec.Child("binaryVersion"), binary, NotSemantic);
        if (binary.Length > 0 && emulation.Length > 0 && Number(binaryMatch) < Number(emulationMatch))
            errors.Invalid(Spec.Child("binaryVersion"), binary, "must be greater than or equal to `emulationVersion`");
        var strategy = spec.Text("strategy");
        if (strategy.Length == 0)
        {
            errors.Required(Spec.Child("strategy"));
            return;
        }

        if (strategy == "OldestEmulationVersion" && Number(emulationMatch).IsZero)
            errors.Required(Spec.Child("emulationVersion"), "must be specified when `strategy` is 'OldestEmulationVersion'");
        ValidateStrategy(errors, strategy, Spec.Child("strategy"));
    }

    /// <summary>Major, minor and patch as one number that compares as they do; zero for no version.</summary>
    private static BigInteger Number(Match version) => !version.Success ? 0 :
        (BigInteger.Parse(version.Groups[1].ValueSpan) << 128) + (BigInteger.Parse(version.Groups[2].ValueSpan) << 64) + BigInteger.Parse(version.Groups[3].ValueSpan);

    [GeneratedRegex(@"\A(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SemanticVersion();
}
