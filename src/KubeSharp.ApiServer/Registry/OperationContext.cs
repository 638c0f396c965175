using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Authentication;
using KubeSharp.ApiServer.Endpoints;

namespace KubeSharp.ApiServer.Registry;

/// <summary>Who asks for what, as strategies, admission and stores see one write or read.</summary>
public sealed class OperationContext
{
    public required RequestInfo Info { get; init; }

    public required UserInfo User { get; init; }

    /// <summary>The version that the client speaks, which managed fields and admission see.</summary>
    public required ServedResource Served { get; init; }

    /// <summary>The namespace of the request; empty for cluster-scoped resources.</summary>
    public string Namespace => Info.Namespace;

    /// <summary>True when nothing may be stored (<c>dryRun=All</c>).</summary>
    public bool DryRun { get; init; }

    /// <summary>The manager that writes are recorded for (query parameter or the user agent's first word).</summary>
    public string FieldManager { get; init; } = "";

    /// <summary>Whether the object on its way into the store holds empty lists or maps, which the store will lose.</summary>
    public bool HasEmpties { get; set; }

    /// <summary>The body of a delete request, DeleteOptions, or null.</summary>
    public Map? DeleteOptions { get; set; }

    /// <summary>Texts for <c>Warning</c> headers, in order, each once.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>What admission says about the request, for the audit log (apiserver/pkg/audit AddAuditAnnotations).</summary>
    public IReadOnlyDictionary<string, string> AuditAnnotations => _auditAnnotations ?? (IReadOnlyDictionary<string, string>)NoAnnotations;

    private static readonly Dictionary<string, string> NoAnnotations = [];

    private readonly List<string> _warnings = [];
    private int _taken;

    /// <summary>The warnings that were not taken yet.</summary>
    public IReadOnlyList<string> TakeWarnings()
    {
        if (_taken == _warnings.Count)
            return [];
        var fresh = _warnings.GetRange(_taken, _warnings.Count - _taken);
        _taken = _warnings.Count;
        return fresh;
    }

    private Dictionary<string, string>? _auditAnnotations;

    /// <summary>Notes something for the audit log; what was noted first stays.</summary>
    public void AddAuditAnnotation(string key, string value) => (_auditAnnotations ??= new(StringComparer.Ordinal)).TryAdd(key, value);

    public void AddWarning(string text)
    {
        if (!_warnings.Contains(text))
            _warnings.Add(text);
    }
}
