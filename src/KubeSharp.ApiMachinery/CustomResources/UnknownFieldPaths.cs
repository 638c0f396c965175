namespace KubeSharp.ApiMachinery.CustomResources;

/// <summary>Collects the paths of fields that a schema does not know, as field validation reports them: <c>spec.list[0].x</c>
/// (apiextensions-apiserver/pkg/apiserver/schema/options.go, v1.36). One walk at a time.</summary>
internal sealed class UnknownFieldPaths
{
    private readonly List<string> _steps = [];

    public List<string> Paths { get; } = [];

    public bool IsRoot => _steps.Count == 0;

    /// <summary>The path of where the walk is, empty at the root.</summary>
    public string Current => string.Concat(_steps);

    public void PushKey(string key) => _steps.Add(_steps.Count == 0 ? key : "." + key);

    public void PushIndex(int index) => _steps.Add($"[{index}]");

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    public void Record(string key) => Paths.Add(_steps.Count == 0 ? key : $"{Current}.{key}");

    /// <summary>The paths found so far in order, and a fresh start.</summary>
    public IEnumerable<string> TakeSorted()
    {
        var sorted = Paths.ToArray();
        Array.Sort(sorted, StringComparer.Ordinal);
        Paths.Clear();
        return sorted;
    }
}
