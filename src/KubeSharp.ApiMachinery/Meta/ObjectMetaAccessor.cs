using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Meta;

/// <summary>
/// Reads the metadata that every object carries, from the object's tree (not from its <c>metadata</c> map). An absent
/// string reads as empty, as upstream's accessors do (apimachinery/pkg/apis/meta/v1/meta.go).
/// </summary>
public static class ObjectMetaAccessor
{
    public static string GetApiVersion(Map obj) => obj.GetString("apiVersion") ?? "";

    public static string GetKind(Map obj) => obj.GetString("kind") ?? "";

    /// <summary>The <c>metadata</c> map, or a frozen empty one.</summary>
    public static Map GetMetadata(Map obj) => obj.GetMap("metadata") ?? Map.Empty;

    public static string GetName(Map obj) => Text(obj, "name");

    public static string GetGenerateName(Map obj) => Text(obj, "generateName");

    public static string GetNamespace(Map obj) => Text(obj, "namespace");

    public static string GetUid(Map obj) => Text(obj, "uid");

    public static string GetResourceVersion(Map obj) => Text(obj, "resourceVersion");

    public static long GetGeneration(Map obj) => GetMetadata(obj).GetInteger("generation") ?? 0;

    public static Map? GetLabels(Map obj) => GetMetadata(obj).GetMap("labels");

    public static string? GetLabel(Map obj, string key) => GetLabels(obj)?.GetString(key);

    public static Map? GetAnnotations(Map obj) => GetMetadata(obj).GetMap("annotations");

    public static string? GetAnnotation(Map obj, string key) => GetAnnotations(obj)?.GetString(key);

    /// <summary>The RFC 3339 text of creation, or null.</summary>
    public static string? GetCreationTimestamp(Map obj) => GetMetadata(obj).GetString("creationTimestamp");

    /// <summary>The RFC 3339 text from which on the object is being deleted, or null.</summary>
    public static string? GetDeletionTimestamp(Map obj) => GetMetadata(obj).GetString("deletionTimestamp");

    public static bool IsBeingDeleted(Map obj) => GetDeletionTimestamp(obj) is not null;

    public static long? GetDeletionGracePeriodSeconds(Map obj) => GetMetadata(obj).GetInteger("deletionGracePeriodSeconds");

    public static Sequence? GetFinalizers(Map obj) => GetMetadata(obj).GetSequence("finalizers");

    public static bool HasFinalizer(Map obj, string finalizer)
    {
        foreach (var item in GetFinalizers(obj) ?? Sequence.Empty)
        {
            if (item.AsString == finalizer)
                return true;
        }

        return false;
    }

    public static Sequence? GetOwnerReferences(Map obj) => GetMetadata(obj).GetSequence("ownerReferences");

    public static Sequence? GetManagedFields(Map obj) => GetMetadata(obj).GetSequence("managedFields");

    /// <summary>The owner reference whose <c>controller</c> is true, or null.</summary>
    public static Map? GetControllerOf(Map obj)
    {
        foreach (var item in GetOwnerReferences(obj) ?? Sequence.Empty)
        {
            if (item.AsMap is { } reference && reference.GetBoolean("controller") == true)
                return reference;
        }

        return null;
    }

    /// <summary>True when the object's controller is the given owner, by uid.</summary>
    public static bool IsControlledBy(Map obj, Map owner) =>
        GetControllerOf(obj) is { } reference && reference.GetString("uid") == GetUid(owner);

    /// <summary>The cache key of an object: <c>namespace/name</c>, or the name alone when cluster-scoped.</summary>
    public static string GetKey(Map obj)
    {
        var ns = GetNamespace(obj);
        return ns.Length == 0 ? GetName(obj) : $"{ns}/{GetName(obj)}";
    }

    /// <summary>Takes a cache key apart; a key without a slash has an empty namespace.</summary>
    public static (string Namespace, string Name) SplitKey(string key)
    {
        var slash = key.IndexOf('/');
        return slash < 0 ? ("", key) : (key[..slash], key[(slash + 1)..]);
    }

    /// <summary>An owner reference that makes <paramref name="owner"/> the managing controller and blocks its foreground
    /// deletion (apimachinery/pkg/apis/meta/v1/controller_ref.go).</summary>
    public static Map NewControllerRef(Map owner, string apiVersion, string kind) => new()
    {
        { "apiVersion", apiVersion },
        { "kind", kind },
        { "name", GetName(owner) },
        { "uid", GetUid(owner) },
        { "controller", true },
        { "blockOwnerDeletion", true },
    };

    private static string Text(Map obj, string key) => GetMetadata(obj).GetString(key) ?? "";
}
