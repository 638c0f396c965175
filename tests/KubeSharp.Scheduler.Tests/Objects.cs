using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.Scheduler.Framework;

namespace KubeSharp.Scheduler.Tests;

/// <summary>Pods and nodes from a line of YAML.</summary>
internal static class Objects
{
    public static Map Parse(string yaml) => YamlCodec.Decode(Encoding.UTF8.GetBytes(yaml)).AsMap!;

    public static Map Pod(string spec, string name = "p", string metadata = "") => Frozen(Parse(
        $"{{apiVersion: v1, kind: Pod, metadata: {{namespace: ns, name: {name}, uid: uid-{name}{(metadata.Length > 0 ? ", " + metadata : "")}}}, spec: {{{spec}}}}}"));

    public static PodInfo PodInfo(string spec, string name = "p") => new(Pod(spec, name));

    /// <param name="name">Its name.</param>
    /// <param name="spec">Fields of spec.</param>
    /// <param name="status">Fields of status; room for 110 pods when empty.</param>
    /// <param name="labels">Labels.</param>
    public static Map Node(string name, string spec = "", string status = "", string labels = "") => Frozen(Parse(
        $"{{apiVersion: v1, kind: Node, metadata: {{name: {name}, uid: uid-{name}, labels: {{{labels}}}}}, spec: {{{spec}}}, status: {{{(status.Length > 0 ? status : "allocatable: {cpu: 4, memory: 8Gi, pods: 110}")}}}}}"));

    public static NodeInfo NodeInfo(string name, string spec = "", string status = "", string labels = "") => new(Node(name, spec, status, labels));

    public static string Container(string requests) => $"containers: [{{name: c, resources: {{requests: {{{requests}}}}}}}]";

    private static Map Frozen(Map map)
    {
        map.Freeze();
        return map;
    }
}
