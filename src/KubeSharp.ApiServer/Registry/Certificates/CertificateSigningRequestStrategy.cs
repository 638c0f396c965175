using System.Globalization;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.ManagedFields;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiServer.Registry.Certificates;

/// <summary>Certificate signing requests carry who asked, cannot be changed, and are approved and signed through
/// subresources (pkg/registry/certificates/certificates/strategy.go, v1.36).</summary>
internal sealed class CertificateSigningRequestStrategy(TimeProvider time) : FactsStrategy(new KindFacts { Fields = [new SelectableField("spec.signerName")] })
{
    private static readonly FieldSet SpecAndStatus = FieldSet.OfFields(["spec"], ["status"]);
    private static readonly FieldSet SpecAndCertificate = FieldSet.OfFields(["spec"], ["status", "certificate"]);

    public override FieldSet ResetFields(string subresource) => subresource switch
    {
        "" => SpecAndStatus,
        "approval" => SpecAndCertificate,
        _ => base.ResetFields(subresource),
    };

    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        var spec = obj.EditMap("spec");
        spec.Set("username", context.User.Name);
        spec.Set("uid", context.User.Uid);
        spec.Set("groups", ToSequence(context.User.Groups));
        var extra = new Map(context.User.Extra.Count);
        foreach (var (key, values) in context.User.Extra)
            extra.Set(key, ToSequence(values));
        spec.Set("extra", extra);
        obj.Set("status", new Map(0));
    }

    public override void Validate(OperationContext context, Map obj, FieldErrorList errors) =>
        CertificateSigningRequestValidation.Validate(obj, null, errors);

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        obj.Set("spec", old["spec"]);
        obj.Set("status", old["status"]);
    }

    public override void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        CertificateSigningRequestValidation.ValidateUpdate(obj, old, errors, settingApproval: false, settingCertificate: false);

    public override void PrepareForStatusUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForStatusUpdate(context, obj, old);
        foreach (var type in (ReadOnlySpan<string>)["Approved", "Denied"])
            KeepConditions(obj, old, type);
        FillTimes(obj, old);
    }

    public override void ValidateStatusUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors) =>
        CertificateSigningRequestValidation.ValidateUpdate(obj, old, errors, settingApproval: false, settingCertificate: true);

    /// <summary>A write through the approval subresource takes the conditions alone.</summary>
    public void PrepareAndValidateApproval(Map obj, Map old, FieldErrorList errors)
    {
        FillTimes(obj, old);
        var conditions = obj.GetMap("status")?["conditions"] ?? default;
        obj.Set("spec", old["spec"]);
        obj.Set("status", old.GetMap("status")?.ShallowClone() ?? new Map());
        obj.EditMap("status").Set("conditions", conditions);
        CertificateSigningRequestValidation.ValidateUpdate(obj, old, errors, settingApproval: true, settingCertificate: false);
    }

    /// <summary>Conditions of a type stay as they were, unless their number changed, which validation then refuses.</summary>
    private static void KeepConditions(Map obj, Map old, string type)
    {
        var given = obj.GetMap("status")?.GetSequence("conditions");
        var before = CertificateSigningRequestValidation.Conditions(old, type);
        if (given is null || before.Count == 0 || CertificateSigningRequestValidation.Conditions(obj, type).Count != before.Count)
            return;
        var conditions = obj.EditMap("status").EditSequence("conditions");
        var next = 0;
        for (var i = 0; i < conditions.Count; i++)
        {
            if (conditions[i].AsMap?.GetString("type") == type)
                conditions[i] = before[next++];
        }
    }

    private void FillTimes(Map obj, Map old)
    {
        if (obj.GetMap("status")?.GetSequence("conditions") is not { Count: > 0 })
            return;
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var conditions = obj.EditMap("status").EditSequence("conditions");
        for (var i = 0; i < conditions.Count; i++)
        {
            var condition = conditions.EditMap(i);
            if (condition["lastUpdateTime"].IsNullOrUndefined)
                condition.Set("lastUpdateTime", now);
            if (!condition["lastTransitionTime"].IsNullOrUndefined)
                continue;
            var since = now;
            foreach (var before in CertificateSigningRequestValidation.Conditions(old, condition.GetString("type") ?? ""))
            {
                if (before.GetString("status") == condition.GetString("status") && before.GetString("lastTransitionTime") is { } known)
                {
                    since = known;
                    break;
                }
            }

            condition.Set("lastTransitionTime", since);
        }
    }

    private static Sequence ToSequence(IReadOnlyList<string> items)
    {
        var sequence = new Sequence(items.Count);
        foreach (var item in items)
            sequence.Add(item);
        return sequence;
    }
}
