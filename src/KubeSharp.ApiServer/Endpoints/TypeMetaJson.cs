using System.Collections.Concurrent;
using System.Text;
using KubeSharp.ApiMachinery.Schemas;

namespace KubeSharp.ApiServer.Endpoints;

/// <summary>The opening bytes of JSON answers, made once per kind: <c>{"kind":"Pod","apiVersion":"v1",</c>.</summary>
public static class TypeMetaJson
{
    private static readonly ConcurrentDictionary<GroupVersionKind, byte[]> Prefixes = new();

    /// <summary>Up to and with the comma after apiVersion; the body without its opening brace follows.</summary>
    public static ReadOnlyMemory<byte> Prefix(GroupVersionKind kind) =>
        Prefixes.GetOrAdd(kind, static k => Encoding.UTF8.GetBytes($"{{\"kind\":\"{k.Kind}\",\"apiVersion\":\"{k.GroupVersion}\","));
}
