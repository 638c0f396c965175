using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Admission;

/// <summary>Finds the class that objects get which name none: the newest of those that are marked
/// (pkg/volume/util/storageclass.go GetDefaultClass, v1.36).</summary>
internal static class DefaultClass
{
    /// <returns>Its name; null when no class carries one of the annotations with the value true.</returns>
    public static string? Find(ResourceStore classes, params ReadOnlySpan<string> annotations)
    {
        string? name = null;
        var newest = "";
        foreach (var cached in classes.Cache.Snapshot)
        {
            var metadata = cached.Tree().GetMap("metadata")!;
            if (!IsMarked(metadata.GetMap("annotations"), annotations))
                continue;
            // The snapshot is in the order of names, by which the first of a second wins.
            var created = metadata.GetString("creationTimestamp") ?? "";
            if (name is null || string.CompareOrdinal(created, newest) > 0)
                (name, newest) = (cached.Name, created);
        }

        return name;
    }

    private static bool IsMarked(Map? marks, ReadOnlySpan<string> annotations)
    {
        foreach (var annotation in annotations)
        {
            if (marks?.GetString(annotation) == "true")
                return true;
        }

        return false;
    }
}
