using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.OlderVersions;

/// <summary>Ingresses whose backends named a service and its port in two fields (pkg/apis/networking/v1beta1/conversion.go, v1.36).</summary>
internal static class IngressV1Beta1
{
    public static Map ToStorage(Map ingress)
    {
        if (ingress["spec"].AsMap is null)
            return ingress;
        var spec = ingress.EditMap("spec");
        if (spec["backend"].AsMap is not null)
        {
            spec.Set("defaultBackend", Backend(spec.EditMap("backend")));
            spec.Remove("backend");
        }

        if (spec["rules"].AsSequence is null)
            return ingress;
        var rules = spec.EditSequence("rules");
        for (var i = 0; i < rules.Count; i++)
        {
            if (rules[i].AsMap?.GetMap("http")?["paths"].AsSequence is null)
                continue;
            var paths = rules.EditMap(i).EditMap("http").EditSequence("paths");
            for (var j = 0; j < paths.Count; j++)
            {
                var path = paths.EditMap(j);
                path.Set("backend", Backend(path.EditMap("backend")));
                if (path.Text("pathType").Length == 0)
                    path.Set("pathType", "ImplementationSpecific");
            }
        }

        return ingress;
    }

    private static Map Backend(Map backend)
    {
        var (name, port) = (backend.Text("serviceName"), backend["servicePort"]);
        backend.Remove("serviceName");
        backend.Remove("servicePort");
        if (name.Length == 0 && port.AsString is null && (port.AsInteger ?? 0) == 0)
            return backend;
        var servicePort = new Map();
        if (port.AsString is { Length: > 0 } portName)
            servicePort.Set("name", portName);
        else if (port.AsInteger is { } number and not 0)
            servicePort.Set("number", number);
        backend.Set("service", new Map { { "name", name }, { "port", servicePort } });
        return backend;
    }
}
