using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Resources;

namespace KubeSharp.Scheduler.Framework;

/// <summary>Amounts of resources as numbers: CPU in thousandths, memory and storage in bytes. Follows <c>Resource</c> of
/// kubernetes/pkg/scheduler/framework/types.go.</summary>
internal sealed class Resource
{
    private Dictionary<string, long>? _scalars;

    public long MilliCpu { get; set; }

    public long Memory { get; set; }

    public long EphemeralStorage { get; set; }

    /// <summary>How many pods a node takes; only in what a node offers.</summary>
    public int AllowedPodNumber { get; set; }

    /// <summary>Extended resources, huge pages and attachable volumes by name; null when there are none.</summary>
    public Dictionary<string, long>? Scalars => _scalars;

    public static Resource FromList(Map? list)
    {
        var resource = new Resource();
        if (list is null)
            return resource;
        foreach (var (name, value) in list)
        {
            var quantity = Quantity.FromValue(value);
            if (name == "pods")
                resource.AllowedPodNumber = (int)Math.Min(quantity.Value(), int.MaxValue);
            else
                resource.Set(name, name == "cpu" ? quantity.MilliValue() : quantity.Value());
        }

        return resource;
    }

    /// <summary>Names other than CPU, memory and storage that the scheduler counts (scheduler/util/utils.go IsScalarResourceName).</summary>
    public static bool IsScalar(string name) =>
        name.Contains('/', StringComparison.Ordinal)
        || name.StartsWith("hugepages-", StringComparison.Ordinal)
        || name.StartsWith("attachable-volumes-", StringComparison.Ordinal);

    public long Get(string name) => name switch
    {
        "cpu" => MilliCpu,
        "memory" => Memory,
        "ephemeral-storage" => EphemeralStorage,
        _ => _scalars?.GetValueOrDefault(name) ?? 0,
    };

    /// <summary>Names that are not counted are left out.</summary>
    public void Set(string name, long amount)
    {
        switch (name)
        {
            case "cpu":
                MilliCpu = amount;
                break;
            case "memory":
                Memory = amount;
                break;
            case "ephemeral-storage":
                EphemeralStorage = amount;
                break;
            default:
                if (IsScalar(name))
                    (_scalars ??= new Dictionary<string, long>(StringComparer.Ordinal))[name] = amount;
                break;
        }
    }

    public void Add(Resource other) => Add(other, 1);

    public void Subtract(Resource other) => Add(other, -1);

    /// <summary>Takes the larger amount of each resource.</summary>
    public void Max(Resource other)
    {
        MilliCpu = Math.Max(MilliCpu, other.MilliCpu);
        Memory = Math.Max(Memory, other.Memory);
        EphemeralStorage = Math.Max(EphemeralStorage, other.EphemeralStorage);
        if (other._scalars is null)
            return;
        foreach (var (name, amount) in other._scalars)
            Set(name, Math.Max(Get(name), amount));
    }

    public void CopyFrom(Resource other)
    {
        MilliCpu = other.MilliCpu;
        Memory = other.Memory;
        EphemeralStorage = other.EphemeralStorage;
        AllowedPodNumber = other.AllowedPodNumber;
        _scalars?.Clear();
        if (other._scalars is null)
            return;
        foreach (var (name, amount) in other._scalars)
            Set(name, amount);
    }

    private void Add(Resource other, int sign)
    {
        MilliCpu += sign * other.MilliCpu;
        Memory += sign * other.Memory;
        EphemeralStorage += sign * other.EphemeralStorage;
        if (other._scalars is null)
            return;
        foreach (var (name, amount) in other._scalars)
            Set(name, Get(name) + (sign * amount));
    }
}
