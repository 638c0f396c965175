using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>
/// resource.k8s.io/v1beta1 to and from v1: a device request holds what v1 has in <c>exactly</c>, and a device of a slice has in
/// <c>basic</c> what v1 holds itself (pkg/apis/resource/v1beta1/conversion.go, v1.36).
/// </summary>
/// <param name="specPath">Where the spec with devices is: <c>spec</c>, or <c>spec.spec</c> for templates.</param>
internal sealed class ResourceV1Beta1Converter(params string[] specPath) : IVersionConverter
{
    private static readonly string[] RequestFields = ["deviceClassName", "selectors", "allocationMode", "count", "adminAccess", "tolerations", "capacity"];

    public Map ToStorage(Map versioned) => Convert(versioned, ToExactly, FromBasic);

    public Map FromStorage(Map stored) => Convert(stored, FromExactly, ToBasic);

    private Map Convert(Map source, Func<Map, Map> request, Func<Map, Map> device)
    {
        // Nothing is shared with the source, which may be changed.
        var result = source.DeepClone();
        var spec = result;
        foreach (var step in specPath)
        {
            if (!spec.Has(step))
                return result;
            spec = spec.EditMap(step);
        }

        if (spec["devices"].AsSequence is not null)
            Each(spec.EditSequence("devices"), device);
        else if (spec["devices"].AsMap is not null && spec.EditMap("devices") is var devices && devices["requests"].AsSequence is not null)
            Each(devices.EditSequence("requests"), request);
        return result;
    }

    private static void Each(Sequence list, Func<Map, Map> convert)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].AsMap is { } item)
                list[i] = convert(item);
        }
    }

    private static Map ToExactly(Map request)
    {
        var exactly = new Map();
        var converted = new Map { { "name", request.Text("name") } };
        foreach (var field in RequestFields)
        {
            if (request.Has(field) && request[field].AsString is not "" && request[field].AsInteger != 0)
                exactly.Set(field, request[field]);
        }

        if (exactly.Count > 0)
        {
            if (!exactly.ContainsKey("deviceClassName"))
                exactly.Set("deviceClassName", "");
            converted.Set("exactly", exactly);
        }

        converted.Set("firstAvailable", request["firstAvailable"]);
        return converted;
    }

    private static Map FromExactly(Map request)
    {
        var converted = new Map { { "name", request.Text("name") } };
        foreach (var field in RequestFields)
            converted.Set(field, request.Sub("exactly")[field]);
        if (!converted.ContainsKey("deviceClassName"))
            converted.Set("deviceClassName", "");
        converted.Set("firstAvailable", request["firstAvailable"]);
        return converted;
    }

    private static Map FromBasic(Map device)
    {
        var converted = new Map { { "name", device.Text("name") } };
        foreach (var (key, value) in device.Sub("basic"))
            converted.Set(key, value);
        return converted;
    }

    private static Map ToBasic(Map device)
    {
        var basic = device.ShallowClone();
        basic.Remove("name");
        return new Map { { "name", device.Text("name") }, { "basic", basic } };
    }
}
