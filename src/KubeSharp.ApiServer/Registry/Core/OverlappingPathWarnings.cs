using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Warnings about files of one volume that lie upon or below each other (warningsForOverlappingVirtualPaths in
/// pkg/api/pod/warnings.go, v1.36).</summary>
internal static class OverlappingPathWarnings
{
    public static void Add(OperationContext context, Sequence volumes)
    {
        for (var i = 0; i < volumes.Count; i++)
        {
            var (volume, name) = (volumes.At(i), GoText.Quote(volumes.At(i).Text("name")));
            if (volume.GetMap("configMap") is { } configMap)
                Compare(context, configMap.List("items"), $"volume {name} (ConfigMap {GoText.Quote(configMap.Text("name"))})");
            if (volume.GetMap("secret") is { } secret)
                Compare(context, secret.List("items"), $"volume {name} (Secret {GoText.Quote(secret.Text("secretName"))})");
            if (volume.GetMap("downwardAPI") is { } downward)
                Compare(context, downward.List("items"), $"volume {name} (DownwardAPI)");
            if (volume.GetMap("projected") is { } projected)
                CompareSources(context, projected.List("sources"), $"volume {name} (Projected)");
        }
    }

    private static void Compare(OperationContext context, Sequence items, string volume)
    {
        var files = new List<VirtualFile>();
        for (var i = 0; i < items.Count; i++)
            AddFile(context, files, new VirtualFile(items.At(i).Text("path"), ""), volume);
    }

    private static void CompareSources(OperationContext context, Sequence sources, string volume)
    {
        var files = new List<VirtualFile>();
        for (var i = 0; i < sources.Count; i++)
        {
            var source = sources.At(i);
            if (source.Count == 0)
            {
                context.AddWarning($"{volume} has no sources provided");
                continue;
            }

            var (items, from) = source switch
            {
                _ when source.Sub("configMap").Has("items") => (source.Sub("configMap").List("items"), $"ConfigMap {GoText.Quote(source.Sub("configMap").Text("name"))}"),
                _ when source.Sub("secret").Has("items") => (source.Sub("secret").List("items"), $"Secret {GoText.Quote(source.Sub("secret").Text("name"))}"),
                _ when source.Sub("downwardAPI").Has("items") => (source.Sub("downwardAPI").List("items"), "DownwardAPI"),
                _ => (Sequence.Empty, ""),
            };
            for (var j = 0; j < items.Count; j++)
                AddFile(context, files, new VirtualFile(items.At(j).Text("path"), from), volume);
            if (from.Length == 0 && source.GetMap("serviceAccountToken") is { } token)
                AddFile(context, files, new VirtualFile(token.Text("path"), "ServiceAccountToken"), volume);
        }
    }

    private static void AddFile(OperationContext context, List<VirtualFile> files, VirtualFile file, string volume)
    {
        file = file with { Path = file.Path.TrimEnd('/') };
        foreach (var other in files)
        {
            if (file.Path.Length > 0 && other.Path.Length > 0 && (IsWithin(file.Path, other.Path) || IsWithin(other.Path, file.Path)))
                context.AddWarning($"{volume}: overlapping paths: {file} with {other}");
        }

        files.Add(file);
    }

    private static bool IsWithin(string path, string directory) => (path + "/").StartsWith(directory + "/", StringComparison.Ordinal);

    private readonly record struct VirtualFile(string Path, string Source)
    {
        public override string ToString() => Source.Length == 0 ? GoText.Quote(Path) : $"{GoText.Quote(Path)} ({Source})";
    }
}
