using System.Buffers;
using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiMachinery.ManagedFields;

/// <summary>The way from kubectl's client-side apply to server-side: its annotation proves what the user owned
/// (managedfields/internal/lastappliedmanager.go, lastappliedupdater.go, v1.36).</summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>Whether all conflicts are about fields that the annotation has with the values that are live.</summary>
    /// <exception cref="FieldConflictException">With the conflicts that are left.</exception>
    public static bool WithoutConflictsOfLastApplied(FieldConflictException conflict, Map live, SchemaType schema, string apiVersion)
    {
        if (Allowed(live, schema, apiVersion) is not { } allowed)
            throw conflict;
        var left = new SortedDictionary<ManagerKey, FieldSet>();
        foreach (var (manager, fields) in conflict.Conflicts)
        {
            if (fields.Difference(allowed) is { IsEmpty: false } rest)
                left[manager] = rest;
        }

        return left.Count == 0 ? true : throw new FieldConflictException(left);
    }

    /// <summary>Keeps an annotation that is there up to date, so that client-side apply can go on.</summary>
    public static void Refresh(Map obj, Map config)
    {
        if (obj.GetMap("metadata")?.GetMap("annotations")?.GetString(Annotation) is not { Length: > 0 })
            return;
        var plain = config.ShallowClone();
        if (plain.GetMap("metadata")?.GetMap("annotations") is { } annotations && annotations.ContainsKey(Annotation))
        {
            annotations = annotations.ShallowClone();
            annotations.Remove(Annotation);
            var metadata = plain.GetMap("metadata")!.ShallowClone();
            metadata.Set("annotations", annotations.Count > 0 ? annotations : default(Value));
            plain.Set("metadata", metadata);
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        JsonEncoder.Encode(plain, buffer);
        obj.EditMap("metadata").EditMap("annotations").Set(Annotation, Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }

    private static FieldSet? Allowed(Map live, SchemaType schema, string apiVersion)
    {
        if (live.GetMap("metadata")?.GetMap("annotations")?.GetString(Annotation) is not { Length: > 0 } text)
            return null;
        if (JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(text)).AsMap is not { } last || last.GetString("apiVersion") != apiVersion)
            return null;
        try
        {
            FieldValidation.Validate(last, schema);
            var comparison = FieldComparison.Of(last, live, schema);
            return FieldSetReader.Read(last, schema).Difference(comparison.Modified).Difference(comparison.Added).Difference(comparison.Removed);
        }
        catch (FieldTypeException)
        {
            return null;
        }
    }
}
