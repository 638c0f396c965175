using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>Device taint rules, whose time follows the effect (pkg/registry/resource/devicetaintrule/strategy.go,
/// pkg/apis/resource/validation ValidateDeviceTaintRule, v1.36).</summary>
internal sealed class DeviceTaintRuleStrategy(TimeProvider time) : FactsStrategy(new KindFacts { ReturnDeletedObject = true, TracksGeneration = true })
{
    private const int MaxConditions = 8;

    private static readonly FieldPath Conditions = MetadataValidation.Status.Child("conditions");

    public override void SetDefaults(Map obj)
    {
        if (obj.Sub("spec").Has("taint") && !obj.Sub("spec").Sub("taint").Has("timeAdded"))
            obj.EditMap("spec").EditMap("taint").Set("timeAdded", Now());
    }

    public override void Validate(OperationContext context, Map obj, FieldErrorList errors)
    {
        MetadataValidation.ValidateCluster(errors, obj, NameRules.DnsSubdomain);
        ValidateSpec(errors, obj.Sub("spec"), null);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        FollowEffect(obj, old);
        base.PrepareForUpdate(context, obj, old);
    }

    /// <summary>A new effect is of now, unless the client says of when.</summary>
    internal void FollowEffect(Map obj, Map old)
    {
        var (taint, before) = (obj.Sub("spec").Sub("taint"), old.Sub("spec").Sub("taint"));
        if (taint.Text("effect") != before.Text("effect") && taint["timeAdded"] == before["timeAdded"])
            obj.EditMap("spec").EditMap("taint").Set("timeAdded", Now());
    }

    public override void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        ValidateSpec(errors, obj.Sub("spec"), old.Sub("spec"));
    }

    public override void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        MetadataValidation.ValidateUpdate(errors, obj, old);
        var conditions = obj.Sub("status").List("conditions");
        ConditionValidation.Validate(errors, conditions, Conditions);
        if (conditions.Count > MaxConditions)
            errors.Add(FieldError.TooMany(Conditions, conditions.Count, MaxConditions));
    }

    private static void ValidateSpec(FieldErrorList errors, Map spec, Map? old)
    {
        var (selector, path) = (spec.Sub("deviceSelector"), MetadataValidation.Spec.Child("deviceSelector"));
        if (selector.GetString("driver") is { } driver)
            CsiValidation.ValidateDriverName(errors, driver, path.Child("driver"));
        if (selector.GetString("pool") is { } pool)
            DeviceNames.ValidatePool(errors, pool, path.Child("pool"));
        if (selector.GetString("device") is { } device)
            errors.AddInvalid(path.Child("device"), device, NameValidation.IsDns1123Label(device));
        DeviceClaimValidation.ValidateTaint(errors, spec.Sub("taint"), old?.Sub("taint"), MetadataValidation.Spec.Child("taint"));
    }

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
