using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Text;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Core.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core;

/// <summary>Warnings about ports that containers of one pod define twice (pkg/api/pod/warnings.go, v1.36).</summary>
internal static class PodPortWarnings
{
    public static void Add(OperationContext context, Map spec, FieldPath path)
    {
        if (!PodContainers.Any(spec, static container => container.List("ports").Count > 0))
            return;
        var known = new Dictionary<string, List<(FieldPath Path, Map Port)>>(StringComparer.Ordinal);
        PodContainers.Visit(spec, path, (container, at) =>
        {
            var ports = container.List("ports");
            for (var i = 0; i < ports.Count; i++)
                AddOne(context, ports.At(i), at.Child("ports").Index(i), known);
        });
        var names = new Dictionary<string, FieldPath>(StringComparer.Ordinal);
        PodContainers.Visit(spec, path, (container, at) =>
        {
            var ports = container.List("ports");
            for (var i = 0; i < ports.Count; i++)
            {
                var (name, portPath) = (ports.At(i).Text("name"), at.Child("ports").Index(i));
                if (name.Length > 0 && !names.TryAdd(name, portPath))
                    context.AddWarning($"{portPath}: duplicate port name {GoText.Quote(name)} with {names[name]}, services and probes that select ports by name will use {names[name]}");
            }
        });
    }

    private static void AddOne(OperationContext context, Map port, FieldPath path, Dictionary<string, List<(FieldPath Path, Map Port)>> known)
    {
        var (address, hostPort) = (port.Text("hostIP"), port.Number("hostPort"));
        if (address.Length > 0 && hostPort == 0)
            context.AddWarning($"{path}: hostIP set without hostPort: {Print(port)}");
        var key = string.Create(CultureInfo.InvariantCulture, $"{port.Number("containerPort")}/{port.Text("protocol")}");
        if (!known.TryGetValue(key, out var others))
            known.Add(key, others = []);
        foreach (var (otherPath, other) in others)
        {
            var (otherAddress, otherHostPort) = (other.Text("hostIP"), other.Number("hostPort"));
            if (address == otherAddress && hostPort == otherHostPort)
                context.AddWarning($"{path}: duplicate port definition with {otherPath}");
            else if (hostPort == 0 || otherHostPort == 0)
                context.AddWarning($"{path}: overlapping port definition with {otherPath}");
            else if (hostPort == otherHostPort && (address.Length == 0) != (otherAddress.Length == 0))
                context.AddWarning($"{path}: dangerously ambiguous port definition with {otherPath}");
        }

        others.Add((path, port));
    }

    /// <summary>As Go's <c>%+v</c> prints the struct.</summary>
    private static string Print(Map port)
    {
        var builder = new StringBuilder();
        builder.Append(CultureInfo.InvariantCulture,
            $"{{Name:{port.Text("name")} HostPort:{port.Number("hostPort")} ContainerPort:{port.Number("containerPort")} Protocol:{port.Text("protocol")} HostIP:{port.Text("hostIP")}}}");
        return builder.ToString();
    }
}
