using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Secrets (pkg/registry/core/secret/strategy.go, v1.36). stringData is written into data by conversion and
/// never read back.</summary>
internal sealed class SecretStrategy : FactsStrategy
{
    public SecretStrategy()
        : base(new KindFacts
        {
            Fields = [new SelectableField("type")],
            Validate = SecretValidation.Validate,
            ValidateUpdate = SecretValidation.ValidateUpdate,
            Warn = SecretWarnings.Warn,
        })
    {
    }

    public override void SetDefaults(Map obj)
    {
        PodSpecDefaults.Default(obj, "type", "Opaque");
        if (obj.GetMap("stringData") is not { } text)
            return;
        var data = obj.EditMap("data");
        foreach (var (key, value) in text)
            data.Set(key, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.AsString ?? "")));
        data.Sort(string.CompareOrdinal);
        obj.Remove("stringData");
    }

    public override void PrepareForUpdate(OperationContext context, Map obj, Map old)
    {
        // The type of a secret that had one stays (strategy.go PrepareForUpdate).
        if (string.IsNullOrEmpty(obj.GetString("type")) && old.GetString("type") is { Length: > 0 } type)
            obj.Set("type", type);
    }
}
