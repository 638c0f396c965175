using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiServer.Admission;

/// <summary>The file of <c>--admission-control-config-file</c>: each plugin's own configuration, inline or by path, or one of
/// the two old files that belonged to a plugin alone (apiserver/pkg/admission/config.go, v1.36).</summary>
internal sealed class AdmissionConfiguration
{
    private static readonly string[] PluginsWithOldFiles = ["ImagePolicyWebhook", "PodNodeSelector"];
    private static readonly string[] Versions = ["apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1"];

    private readonly Dictionary<string, Map> _plugins = new(StringComparer.Ordinal);

    /// <summary>The configuration of one plugin; null when there is none.</summary>
    public Map? For(string plugin) => _plugins.GetValueOrDefault(plugin);

    /// <param name="path">The file; empty for none.</param>
    /// <param name="enabled">The plugins that are on.</param>
    /// <exception cref="FormatException">The file, or one that it names, cannot be read.</exception>
    public static AdmissionConfiguration Read(string path, IReadOnlyList<string> enabled)
    {
        var configuration = new AdmissionConfiguration();
        if (path.Length == 0)
            return configuration;
        var root = ReadFile(path, $"unable to read admission control configuration from \"{path}\"");
        var (version, kind) = (root.GetString("apiVersion") ?? "", root.GetString("kind") ?? "");
        if (kind == "AdmissionConfiguration" && Versions.Contains(version))
        {
            foreach (var item in root.GetSequence("plugins") ?? Sequence.Empty)
                configuration.Add(item.AsMap ?? Map.Empty, Path.GetDirectoryName(Path.GetFullPath(path))!);
            return configuration;
        }

        if (!root.ContainsKey("imagePolicy") && !root.ContainsKey("podNodeSelectorPluginConfig"))
        {
            throw new FormatException(kind.Length == 0 ? $"Object 'Kind' is missing in '{path}'"
                : version.Length == 0 ? $"Object 'apiVersion' is missing in '{path}'"
                : $"no kind \"{kind}\" is registered for version \"{version}\"");
        }

        foreach (var plugin in PluginsWithOldFiles)
        {
            if (enabled.Contains(plugin))
                configuration._plugins[plugin] = root;
        }

        return configuration;
    }

    private void Add(Map entry, string directory)
    {
        var name = entry.GetString("name") ?? "";
        // The first entry of a name counts.
        if (_plugins.ContainsKey(name))
            return;
        if (entry.GetMap("configuration") is { } inline)
            _plugins[name] = inline;
        else if (entry.GetString("path") is { Length: > 0 } path)
            _plugins[name] = ReadFile(Path.Combine(directory, path), $"Couldn't open admission plugin configuration {path}");
    }

    private static Map ReadFile(string path, string problem)
    {
        try
        {
            return YamlCodec.Decode(File.ReadAllBytes(path)).AsMap ?? throw new FormatException($"{problem} [not an object]");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{problem} [{exception.Message}]", exception);
        }
    }
}
