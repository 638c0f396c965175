using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Service accounts (pkg/registry/core/serviceaccount/strategy.go, v1.36).</summary>
internal sealed class ServiceAccountStrategy()
    : FactsStrategy(new KindFacts
    {
        ReturnDeletedObject = true,
        Validate = ServiceAccountValidation.Validate,
        ValidateUpdate = ServiceAccountValidation.ValidateUpdate,
    })
{
    public override void PrepareForCreate(OperationContext context, Map obj)
    {
        base.PrepareForCreate(context, obj);
        KeepNamesOfSecrets(obj);
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        base.PrepareForUpdate(context, obj, old);
        KeepNamesOfSecrets(obj);
    }

    /// <summary>A secret is known by its name alone.</summary>
    private static void KeepNamesOfSecrets(Map obj)
    {
        if (obj["secrets"].AsSequence is not { Count: > 0 } secrets)
            return;
        for (var i = 0; i < secrets.Count; i++)
        {
            if (secrets[i].AsMap is { } secret && secret.Any(pair => pair.Key != "name"))
                obj.EditSequence("secrets")[i] = new Map(1) { { "name", secret["name"] } };
        }
    }
}
